"""From a case to the facts that the rules read: declared, then checked by departments, then verified at the home."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from minzheng.base import clock
from minzheng.base.divisions.names import name_of
from minzheng.base.scope.ranges import lies_in, office_of
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Absence, Fact, Held, HouseholdFacts, MemberFacts, Relation
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.kinds import kind_of
from minzheng.scenes.assistance.models import Visit
from minzheng.scenes.assistance.standing import standing_of
from minzheng.scenes.assistance.verification import checked_values
from minzheng.scenes.assistance.verification.models import VerificationRequest

SELF_DECLARED = "申请人申报"
RELATIONS = {
    "本人": Relation.SELF, "配偶": Relation.SPOUSE, "子女": Relation.CHILD, "父母": Relation.PARENT,
    "祖父母": Relation.GRANDPARENT, "孙子女": Relation.GRANDCHILD, "兄弟姐妹": Relation.SIBLING, "其他": Relation.OTHER,
}
AMOUNTS = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen", "basic_pension_fen",
           "work_cost_fen", "rigid_fen", "exempt_fen")
SIGNS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")


class Declared(Protocol):
    """A member as the application names it."""

    @property
    def person(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def counted(self) -> bool: ...


def answers_of(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(case.answers)
    return found


def visits_of(case: Case) -> list[Visit]:
    """All home visits, newest first."""
    return list(Visit.objects.filter(case_id=case.pk).order_by("-id"))


def findings_of(visits: Sequence[Visit]) -> tuple[dict[str, Any], dt.date | None]:
    """What the latest home visit verified, and when."""
    visit = visits[0] if visits else None
    return (json.loads(visit.findings), visit.visited_on) if visit else ({}, None)


def larger(declared: Fact[int], checked: Fact[int] | None) -> Fact[int]:
    """An income found by a department counts when it exceeds the declaration; the explanation then names both."""
    if checked is None:
        return declared
    if checked.value > declared.value:
        return replace(checked, note=f"申报 {declared.value / 100:.2f} 元") if declared.value else checked
    return declared


def member_facts(row: Declared, person: registry.Person, declared: dict[str, Any], checked: dict[str, Fact[Any]],
            verified: dict[str, Any], holds: str, said: dt.date, visited: dt.date | None,
            refused: tuple[int, dt.date] | None = None) -> MemberFacts:
    """`refused`: suitable work refused in a row without good reason, and since when that is so."""
    values: dict[str, Fact[Any]] = {"relation": Fact(int(RELATIONS[row.relation]), SELF_DECLARED, said)}
    for name in AMOUNTS:
        own = Fact(int(declared.get(name, 0)), SELF_DECLARED, said)
        values[name] = own if name in ("work_cost_fen", "rigid_fen") else larger(own, checked.get(name))
        if name in verified and visited is not None:
            values[name] = Fact(int(verified[name]), "入户调查", visited)
    values["lives_together"] = Fact(row.counted, "入户调查" if visited else SELF_DECLARED, visited or said)
    values["dependent_adult"] = Fact(bool(declared.get("dependent_adult")), SELF_DECLARED, said)
    values["absence"] = checked.get("absence", Fact(int(Absence.NONE), SELF_DECLARED, said))
    values["birth_date"] = Fact(person.birth_date, "公安人口库", said)
    values["disability_kind"] = checked.get("disability_kind", Fact(person.disability_class or 0, "人口基础库", said))
    values["disability_grade"] = checked.get("disability_grade", Fact(person.disability_grade or 0, "人口基础库", said))
    values["serious_illness"] = checked.get(
        "serious_illness", Fact(bool(declared.get("serious_illness")), SELF_DECLARED, said))
    if declared.get("applies_alone"):
        values["applies_alone"] = Fact(True, SELF_DECLARED, said)
    if holds:
        values["held"] = Fact(int(Held[holds.upper()]), "救助对象认定库", clock.today())
    if refused is not None:
        values["work_refusals"] = Fact(refused[0], "就业服务记录", refused[1])
    for name in SIGNS:
        values[name] = checked.get(name, Fact(False, SELF_DECLARED, said))
    return MemberFacts(key=str(row.person), name=row.name, **values)


def household_facts(case: Case, visits: Sequence[Visit] | None = None, check: VerificationRequest | None = None
                    ) -> HouseholdFacts:
    """All facts of the case with their sources. Departments that have not answered leave the declaration standing.
    `visits` and the newest `check` are read unless the caller has them."""
    answers = answers_of(case)
    said = case.submitted_at.astimezone(clock.SHANGHAI).date()
    findings, visited = findings_of(visits_of(case) if visits is None else visits)
    checked = checked_values(case.code, check)
    rows = case.members
    people = registry.people_by_id([row.person for row in rows])
    holds, refusals = standing_of([row.person for row in rows], clock.today())
    members = tuple(
        member_facts(row, people[row.person], answers["members"].get(str(row.person), {}),
                checked.members.get(row.person, {}), findings.get("members", {}).get(str(row.person), {}),
                holds.get(row.person, ""), said, visited, refusals.get(row.person))
        for row in rows if row.counted or row.relation == "本人")
    county = office_of(case.jurisdiction, 3)
    head = people[rows[0].person]

    def owned(name: str) -> Fact[int]:
        return larger(Fact(int(answers.get(name, 0)), SELF_DECLARED, said), checked.household.get(name))

    def exempt(name: str) -> Fact[int]:
        return Fact(int(findings.get(name) or 0), "入户调查" if visited else SELF_DECLARED, visited or said)

    return HouseholdFacts(
        members=members,
        hukou_here=Fact(lies_in(head.jurisdiction, county), "公安人口库", said, name_of(county)),
        financial_fen=owned("financial_fen"), vehicles=owned("vehicles"), houses=owned("houses"),
        vehicles_exempt=exempt("vehicles_exempt"), houses_exempt=exempt("houses_exempt"))


def assess(case: Case, *, on: dt.date | None = None, facts: HouseholdFacts | None = None) -> rules.Assessment:
    """The explained result of the case's scheme on the day. Raises RuleCannotEvaluate with a reason. The facts are read
    unless the caller has them."""
    kind, facts = kind_of(case), facts or household_facts(case)
    if kind.enrich is not None:
        facts = kind.enrich(case, facts)
    return rules.evaluate(kind.scheme, facts, on or clock.today(), rules.zone_of(case.jurisdiction))


def parameter(name: str, case: Case) -> rules.Applied:
    """A parameter of the case's county today, with its clause and whether it is a 示例值."""
    return rules.lookup(name, rules.zone_of(case.jurisdiction), clock.today())


def own_parameter(name: str, case: Case) -> rules.Applied:
    """The parameter of the case's own kind: `limit.confirm` is dibao.limit.confirm for 低保."""
    return parameter(f"{kind_of(case).prefix}.{name}", case)
