"""支出型临时救助: who may apply, the facts that the rules read, and applying. Only expenditure is looked at: income and
property were checked when the household was recognised (民政部 财政部 2026)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from minzheng.base import audit, clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, Held, HouseholdFacts, MemberFacts, Relation
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.assess import RELATIONS, SELF_DECLARED, answers_of
from minzheng.scenes.assistance.recognitions.actions import held
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.recognitions.queries import in_force
from minzheng.scenes.assistance.rigid.actions import check_of
from minzheng.scenes.assistance.rigid.forms import PERSONAL, TOGETHER

MATTER = "expenditure"
KINDS = ("rigid", "edge")
FIRST = ("这个家庭还没有认定为刚性支出困难家庭或低保边缘家庭,不能直接申请支出型临时救助。请先申请“刚性支出困难家庭认定”,"
         "核对收入和财产;突发急难的,按“临时救助”登记急难情况。")


@dataclass(frozen=True)
class Applicant:
    """One of the household, as the application names them: registry id, name, relation to the applicant."""

    person: int
    name: str
    relation: str


def recognised(number: str, *, by: Officer) -> Recognition:
    """The recognition in force that a person of this ID number belongs to. Refused, with the way to go, without one."""
    person = registry.find_person(by, number)
    row = in_force(clock.today()).filter(kind__in=KINDS, members__person=person.pk, members__during__contains=clock.today()).first()
    if row is None:
        raise Refused(FIRST, field="id_number")
    return row


def open_recognition(number: int) -> Recognition:
    """By its number, in force and of these kinds, within the acting scope; NotFound otherwise."""
    row = in_force(clock.today()).filter(pk=number, kind__in=KINDS).first()
    if row is None:
        raise NotFound("没有找到在有效期内的认定。")
    return row


def own_recognition() -> Recognition | None:
    """The acting citizen's own."""
    return in_force(clock.today()).filter(kind__in=KINDS).order_by("-id").first()


def household(row: Recognition, by: Actor) -> list[Applicant]:
    """The recognised people, the applicant first; a citizen is shown the own household of the registry, whose
    recognition is looked up when officers assess the case."""
    if isinstance(by, Citizen):
        return [Applicant(p.pk, p.name, relation) for p, relation in intake.own_household_rows(by)]
    rows = list(row.members.filter(during__contains=clock.today()).order_by("id"))
    rows.sort(key=lambda member: member.person != row.head)
    return [Applicant(m.person, m.name, "本人" if place == 0 else m.relation if m.relation in case_actions.RELATIONS[1:] else "其他")
            for place, m in enumerate(rows)]


def do_apply(row: Recognition, people: Sequence[Applicant], *, year: dict[str, int], asked_fen: int, reason: str, phone: str,
             key: str, channel: str, by: Actor) -> Case:
    """Opens the case at the household's place. The same key gives the same case."""
    if not people or asked_fen <= 0 or not any(year.values()):
        raise Refused("请填写前 12 个月的支出和申请金额。", field="asked_fen")
    with transaction.atomic():
        earlier = case_actions.submitted_before(key)
        if earlier is not None:
            return earlier
        case = case_actions.do_submit(case_actions.Application(
            matter=MATTER, place=row.jurisdiction, channel=channel, key=key, household=row.household,
            answers={"phone": phone, "asked_fen": asked_fen, "text": reason.strip(), "extra": year},
            members=[case_actions.Member(one.person, one.name, one.relation) for one in people]), by=by)
        audit.record("temporary.applied", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                     subject_person=case.applicant, after={"asked_fen": asked_fen, "recognition": row.case_code})
    return case


def keys_of(people: Sequence[int]) -> list[str]:
    """What tells these people in the whole province: keyed indices of their ID numbers."""
    found = registry.people_by_id(people)
    return sorted(bytes(person.id_index).hex() for person in found.values() if getattr(person, "id_index", None))


def given_to(keys: list[str]) -> int:
    """Fen that these people got this year anywhere in the province, together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT temporary_given_to(%s, %s)", [keys, clock.today().year])
        return int(cursor.fetchone()[0])


def covered(case: Case) -> dict[int, str]:
    """Kind of recognition by person, of those of the case who are recognised today."""
    found = held([m.person for m in case.members], clock.today())
    return {person: kind for person, (kind, _) in found.items() if kind in KINDS}


def assess(case: Case) -> rules.Assessment:
    """The scheme `temporary` for the recognised people of the household."""
    on, answers, kinds = clock.today(), answers_of(case), covered(case)
    said = case.submitted_at.astimezone(clock.SHANGHAI).date()
    check = check_of(case)
    year, source, day = (check.amounts, "票据核实", check.until) if check else (answers["extra"], SELF_DECLARED, said)
    if not kinds:
        raise Refused(FIRST)
    rows = [m for m in case.members if m.person in kinds]
    people = registry.people_by_id([m.person for m in rows])
    members = tuple(_member(m.person, m.name, RELATIONS.get(m.relation, Relation.OTHER) if place else Relation.SELF,
                            people[m.person].birth_date, kinds[m.person], year, place == 0, source, day)
                    for place, m in enumerate(rows))
    return rules.evaluate("temporary", HouseholdFacts(
        members=members, asked_fen=Fact(int(answers["asked_fen"]), SELF_DECLARED, said),
        temporary_year_fen=Fact(given_to(keys_of([m.person for m in rows])), "全省临时救助登记", on)),
        on, rules.zone_of(case.jurisdiction))


def _member(person: int, name: str, relation: Relation, born: Any, kind: str, year: dict[str, Any], first: bool, source: str,
            day: Any) -> MemberFacts:
    """Everybody recognised counts; what the household spends together stands with the first."""
    register = "救助对象认定库"
    spent = {field: int(year.get(f"{field}_{person}") or 0) for field in PERSONAL}
    spent |= {field: int(year.get(field) or 0) if first else 0 for field in TOGETHER}
    facts: dict[str, Any] = {field: Fact(fen, source, day) for field, fen in spent.items()}
    return MemberFacts(
        key=str(person), name=name, relation=Fact(int(relation), register, clock.today()),
        birth_date=Fact(born, "人口基础库", clock.today()), lives_together=Fact(True, register, clock.today()),
        dependent_adult=Fact(True, register, clock.today()), held=Fact(int(Held[kind.upper()]), register, clock.today()),
        **facts).declared_none(register, clock.today())
