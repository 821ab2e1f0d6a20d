"""What the tasks of a 复核 do, and what follows its decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dateutil.relativedelta import relativedelta

from minzheng.base import audit, clock, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.scope.ranges import office_of
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.office.benefits import changing
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import amount_in_force, entitlement_for
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.doors import get_case_for, get_case_for_service
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import Draft, do_decide
from minzheng.office.decisions.hearings import do_hear, do_try, unused_hearing
from minzheng.office.decisions.models import Decision
from minzheng.office.publicity.actions import do_list, do_publish, do_unlist
from minzheng.scenes.assistance.assess import assess, parameter
from minzheng.scenes.assistance.completing import review_months, serve_standing, terms_of
from minzheng.scenes.assistance.kinds import kind_of
from minzheng.scenes.assistance.recognitions.actions import end
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.reviews.forms import CAUSES
from minzheng.scenes.assistance.reviews.opening import about_of, recognition_of
from minzheng.scenes.assistance.reviews.reassessing import reassess
from minzheng.scenes.assistance.steps import case_of
from minzheng.scenes.assistance.tekun import actions as tekun
from minzheng.scenes.assistance.tekun.models import SelfCare

IN_SCHOOL = ("小学", "初中", "高中", "中职")
HEARING_BASIS = "《中华人民共和国社会救助法》第四十八条"


def first_case(row: Recognition, by: Officer | Service, *, lock: bool = False) -> Case:
    """The case by which the recognition was made."""
    if isinstance(by, Officer):
        return get_case_for(by, row.case_code, lock=lock, sensitive=False)
    return get_case_for_service(by, row.case_code, lock=lock)


def benefit_of(row: Recognition) -> Entitlement | None:
    return Entitlement.objects.filter(case_code=row.case_code).exclude(status=ENDED).order_by("-id").first()


def _accepted(case: Case, by: Officer) -> None:
    """Work on a report is its acceptance."""
    if case.state == "submitted":
        case_actions.do_accept(case, by=by)


def complete_verify(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                    by: Officer) -> dict[str, bool] | None:
    """核实: still fits, or why not. The cause is kept with the case for the decision."""
    row, cause = recognition_of(case), str(data.get("cause") or "")
    more: dict[str, Any] = {"lower": _check_changed(row, by)} if outcome == "amount" else {}
    if outcome == "end":
        if cause not in CAUSES:
            raise Refused("请选择不再符合的原因。", field="cause")
        if cause == "adult":
            _check_grown(row)
    elif cause:
        raise Refused("仍然符合的,不用选原因;不再符合的,请选“不再符合”。", field="cause")
    _accepted(case, by)
    case_actions.touch(case, flags={**case.flags, "found": data["found"], "cause": cause, **more,
                                    "change": "amount" if outcome == "amount" else ""})
    return None if case.matter_version == 1 else {"lower": bool(more.get("lower"))}


def _check_changed(row: Recognition, by: Officer) -> bool:
    """Whether the amount falls by what the newest check and visit say; Refused when it stays or nothing is due any more."""
    benefit, found = _benefit(row), reassess(first_case(row, by))
    now = amount_in_force(benefit.pk, rules.next_month(clock.today()))
    if not found.eligible or found.amount_fen == now:
        raise Refused("按现在核对的情况,金额没有变化,请选“仍然符合”。" if found.eligible
                      else "按现在核对的情况已不符合条件,请选“不再符合”,或先补充入户调查。")
    return found.amount_fen < now


def _check_grown(row: Recognition) -> None:
    """A minor stays until 18, and beyond while in compulsory or senior-secondary schooling (社会救助法 art. 16)."""
    for person in registry.people_by_id([m.person for m in row.members.all()]).values():
        if person.age_on(clock.today()) < 18:
            raise Refused(f"{person.name}未满 18 周岁,不能以成年为由终止。", field="cause")
        if person.school_stage in IN_SCHOOL:
            raise Refused(f"{person.name}仍在就读{person.school_stage},应继续供养(社会救助法第十六条)。", field="cause")


def complete_again(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                   by: Officer) -> dict[str, bool]:
    """复评 of those supported; the outcome must be what the six abilities give. Tells whether the amount falls."""
    row = recognition_of(case)
    first = first_case(row, by)
    before = {person: found.band for person, found in tekun.newest(first, SelfCare).items()}
    rows = tekun.do_assess(case, task, data, tekun.asking(first), cause="change", by=by)
    changed = any(before.get(found.person) != found.band for found in rows)
    if changed != (outcome == "change"):
        raise Refused("六项评估的结果是类别有变,请选“类别有变”。" if changed else "六项评估的结果是类别不变,请选“类别不变”。")
    _accepted(case, by)
    lower = False
    if changed:
        benefit = _benefit(row)
        lower = assess(first).amount_fen < amount_in_force(benefit.pk, rules.next_month(clock.today()))
    case_actions.touch(case, flags={**case.flags, "found": data["note"], "lower": lower})
    return {"lower": lower}


def _benefit(row: Recognition) -> Entitlement:
    found = benefit_of(row)
    if found is None:
        raise Refused("没有正在发放的供养待遇,不能调整。请先核对待遇台账。")
    return found


def complete_hear(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                  by: Officer) -> None:
    if outcome == "try":
        do_try(case.code, by=by, way=data["way"], text=data["told"])
        return
    do_hear(case.code, by=by, about="cut" if about_of(case) == "care" or case.flags.get("change") == "amount" else "end", outcome=str(data.get("result") or ""),
            person_name=data["person_name"], told=data["told"], statement=data["statement"])


def complete_decide(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                    by: Officer) -> dict[str, bool]:
    """The decision and what follows it: both or neither."""
    if outcome == "decline":
        return {"ended": False}
    row = recognition_of(case)
    month = data["from_month"]
    if about_of(case) == "care" or case.flags.get("change") == "amount":
        decision = _change_amount(case, row, month, comment, by)
    else:
        decision = _end(case, row, month, comment, by)
    audit.record("review.followed", by=by, obj_type="case", obj_id=row.case_code, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"decision": decision.number, "kind": decision.kind, "from": month})
    return {"ended": True}


def _remedy(case: Case) -> str:
    county = full_name(office_of(case.jurisdiction, 3))
    return f"对本决定不服的,可以向{county}人民政府申请行政复议,也可以向人民法院提起行政诉讼。"


def _heard_on(case: Case, about: str) -> dt.date | None:
    hearing = unused_hearing(case, about)
    return hearing.heard_at.astimezone(clock.SHANGHAI).date() if hearing else None


def _end(case: Case, row: Recognition, month: dt.date, comment: str, by: Officer) -> Decision:
    first, flags = first_case(row, by, lock=True), case.flags
    of_row, of_benefit, title = CAUSES[flags["cause"]]
    reason, heard = f"{title}。{flags['found'].rstrip('。')}。{comment}", _heard_on(case, "end")
    decision = do_decide(case, Draft(
        kind="end", reasons=reason, legal_basis=(HEARING_BASIS, *kind_of(first).confirm_basis), from_month=month,
        remedy=_remedy(case), terms=f"终止{row.kind_title}认定。"), by=by)
    benefit = benefit_of(row)
    if benefit is not None:
        changing.do_end(benefit.number, cause=of_benefit, last_month=add_months(month, -1), reason=reason, by=by,
                        decision=decision.number, heard_on=heard)
    end(row, cause=of_row, on=month, by=by, reason=reason)
    do_unlist(first, by=by)
    return decision


def _change_amount(case: Case, row: Recognition, month: dt.date, comment: str, by: Officer) -> Decision:
    first, benefit = first_case(row, by, lock=True), _benefit(row)
    care, lower = about_of(case) == "care", bool(case.flags["lower"])
    found = assess(first) if care else reassess(first)
    why = "自理能力复评后护理类别有变" if care else "复核后保障金额有变"
    heard = _heard_on(case, "cut") if lower else None
    decision = do_decide(case, Draft(
        kind="cut" if lower else "confirm", reasons=f"{why}。{case.flags['found'].rstrip('。')}。{comment}",
        legal_basis=(*([HEARING_BASIS] if lower else []), *kind_of(first).confirm_basis), amount_fen=found.amount_fen,
        from_month=month, remedy=_remedy(case) if lower else "", assessment=rules.assessment_to_json(found),
        terms=terms_of(first, found)), by=by)
    changing.do_change_amount(benefit.number, from_month=month, monthly_fen=found.amount_fen, decision=decision.number,
                              reason="自理能力复评" if care else "定期复核", heard_on=heard, by=by)
    if first.state == "closed":
        do_list(first, amount_fen=found.amount_fen, by=by, members=row.persons)
    return decision


def complete_serve(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                   by: Officer) -> None:
    serve_standing(case, data, files, by=by)
    case_actions.close(case, "closed", "办结", by=by)


@flow.handler("reviews.publish")
def publish(call: flow.Call) -> None:
    """终止供养 is published before it is decided: name and number of persons."""
    case = case_of(call)
    assert isinstance(call.by, Officer)
    do_publish(case, amount_fen=0, days=int(parameter("tekun.end.public_days", case).value), by=call.by,
               members=recognition_of(case).persons)


@flow.handler("reviews.keep")
def keep(call: flow.Call) -> dict[str, bool]:
    """Nothing changes; the next review falls due a cycle later."""
    case = case_of(call)
    row = recognition_of(case)
    benefit = benefit_of(row)
    if benefit is not None and about_of(case) == "due":
        assert isinstance(call.by, Officer)
        changing.renew(entitlement_for(call.by, benefit.number, lock=True), key=f"review:{case.code}", by=call.by,
                       months=review_months(first_case(row, call.by)), outcome="复核后维持不变")
    if row.review_due is not None:
        assert isinstance(call.by, Officer)
        months = review_months(first_case(row, call.by))
        row.review_due, row.told_on = clock.today() + relativedelta(months=months), None
        row.save(update_fields=["review_due", "told_on"])
    audit.record("review.kept", by=call.by, obj_type="case", obj_id=row.case_code, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"review": case.code, "next": row.review_due})
    case_actions.close(case, "closed", "复核完成,认定不变", by=call.by)
    return {"ended": False}
