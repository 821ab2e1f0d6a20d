"""改按其他救助办理: the survey shows that another kind of help is the right one. The household need not apply again
(一门受理, 社会救助法第六十条); what was accepted, checked and visited counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from minzheng.base import clock, flow
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.data.brain import rules
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, HouseholdFacts, Term
from minzheng.office.cases.changing import do_change_matter
from minzheng.office.cases.doors import check_version, get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance.assess import answers_of, household_facts
from minzheng.scenes.assistance.considering import Proposal, Standing, consider
from minzheng.scenes.assistance.kinds import kind_for, kind_of, matters, shared
from minzheng.scenes.assistance.verification.reading import latest_check

CONVERTERS = ("town_clerk", "town_reviewer")
STAGES = {"town_review": "初审", "town_review_again": "再次初审", "rework": "补充完善"}
DONE = (flow.Done("review", "accept"), flow.Done("check_done", message=True, data={"check_clear": True}),
        flow.Done("visit", "done"))


def known_facts(case: Case, facts: HouseholdFacts | None = None) -> HouseholdFacts:
    """The household's facts (read unless the caller has them) with what each matter that the case has been has asked besides."""
    facts = facts or household_facts(case)
    for matter in dict.fromkeys([case.matter, *(code for code, _ in case.flags.get("matters", []))]):
        enrich = kind_for(matter).enrich
        if enrich is not None:
            facts = _with(facts, enrich(case, facts))
    return facts


def _with(facts: HouseholdFacts, more: HouseholdFacts) -> HouseholdFacts:
    """All members stay; what is known of them in `more` is taken over."""
    told = {member.key: _told(member, MEMBER_TERMS) for member in more.members}
    members = tuple(replace(member, **told.get(member.key, {})) for member in facts.members)
    return replace(facts, members=members, **_told(more, HOUSEHOLD_TERMS))


def _told(holder: object, terms: dict[str, Term]) -> dict[str, Any]:
    return {name: fact for name in terms if (fact := getattr(holder, name)) is not None}


def considered(case: Case, facts: HouseholdFacts | None = None) -> tuple[Proposal, ...]:
    """All kinds of help for this household as it is known today, the best lawful one first."""
    return consider(known_facts(case, facts), clock.today(), rules.zone_of(case.jurisdiction))


def better(case: Case, proposals: tuple[Proposal, ...]) -> Proposal | None:
    """The proposed way, when the case does not go it."""
    best = next((p for p in proposals if p.standing == Standing.BEST), None)
    return best if best is not None and kind_of(case).scheme not in best.schemes else None


def targets(case: Case) -> list[tuple[str, str]]:
    """Code and name of the matters that the case may become."""
    return [(code, matter_of(code).name) for code in matters() if code != case.matter]


def why_not(case: Case, by: Officer) -> str:
    """Why this post cannot convert the case now, or nothing."""
    if not shared(case.matter) or case.state != "accepted" or case.flags.get("stop"):
        return "受理以后、作出决定以前的办件才能改按其他救助办理。"
    if by.role not in CONVERTERS or not by.reaches(case.jurisdiction):
        return "由所在乡镇(街道)经办或审核岗位办理。"
    keys = {task.key for task in flow.open_tasks(case.code) if task.kind == "task"}
    if not keys or not keys <= STAGES.keys():
        return "核对和入户调查完成、进入初审以后才能改按其他救助办理;已经公示的,先撤下公示。"
    return ""


def do_convert(code: str, *, to: str, extra: dict[str, Any], reason: str, by: Officer, version: int) -> Case:
    """The case goes on as matter `to` at the township's opinion, or at what that matter asks before it. `extra` answers
    what only that matter asks."""
    case = get_case_for(by, code, lock=True)
    check_version(case, version)
    if why := why_not(case, by):
        raise Refused(why)
    if to not in dict(targets(case)):
        raise Refused("请选择改按哪一项救助办理。", field="to")
    if latest_check(case.code) is None:
        raise Refused("这个办件没有核对结果,不能沿用。请撤回后重新申请。")
    answers = answers_of(case)
    answers["extra"] = {**answers.get("extra", {}), **extra}
    return do_change_matter(case, to, answers=answers, done=DONE, by=by, reason=reason)
