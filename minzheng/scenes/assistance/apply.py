"""Applying for a household matter, from the window or a phone: the case, kin filing, materials, the written authorisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from minzheng.base import audit, clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer
from minzheng.data import registry
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.materials.actions import collect
from minzheng.scenes.assistance.kinds import kind_for
from minzheng.scenes.assistance.models import KinFiling
from minzheng.scenes.assistance.verification.authorising import do_authorise
from minzheng.scenes.assistance.verification.people import Person, Signature

INSIDE = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "basic_pension_fen")


@dataclass(frozen=True)
class MemberAnswers:
    """One person of the application: who, whether counted, and what is declared in fen a month."""

    person: int
    relation: str
    counted: bool = True
    reason: str = ""
    declared: dict[str, Any] = field(default_factory=dict)
    signed: bool = False


@dataclass(frozen=True)
class Kin:
    """近亲属备案: who of the family is kin of which official."""

    member: str
    official: str
    duty: str
    relation: str


@dataclass(frozen=True)
class HouseholdApplication:
    """Everything that the form asks. `household` holds what is declared together, `extra` what only this matter asks;
    `key` makes a repeat harmless."""

    channel: str
    members: Sequence[MemberAnswers]
    household: dict[str, Any]
    payee: int
    phone: str
    cause: str
    text: str = ""
    kin: Kin | None = None
    key: str = ""
    matter: str = "dibao"
    extra: dict[str, Any] = field(default_factory=dict)


def do_apply(application: HouseholdApplication, *, by: Actor) -> Case:
    """Opens the case with all that belongs to it, or refuses and leaves everything as it was. The same key again
    returns the first case and writes nothing."""
    with transaction.atomic():
        earlier = case_actions.submitted_before(application.key)
        if earlier is not None:
            return earlier
        people = _people(application, by)
        head = people[application.members[0].person]
        _check(application, people)
        if isinstance(by, Officer):
            _check_one_household(application, people)
        case = case_actions.do_submit(_generic(application, people, head), by=by)
        if application.kin is not None:
            _file_kin(case, application.kin, by)
        if isinstance(by, Officer):  # members registered elsewhere are read wherever the case is
            registry.share_with(by, [p for p in people.values() if p.brief], case.jurisdiction, f"办件 {case.code} 的家庭成员")
        _authorise(case, application, people, by)
        collect(case, by=by)
    return case


def _people(application: HouseholdApplication, by: Actor) -> dict[int, Any]:
    """Who the members are: for an officer anybody within the scope, for a citizen the own household only."""
    wanted = [m.person for m in application.members]
    if not isinstance(by, Citizen):
        return registry.people_by_id(wanted)
    from minzheng.scenes.assistance.intake import own_household_rows

    family = {person.pk: person for person, _ in own_household_rows(by)}
    if set(wanted) - family.keys():
        raise Refused("家庭成员与人口库不一致。成员有变化的,请到窗口办理。", field="members")
    return {number: family[number] for number in wanted}


def _check(application: HouseholdApplication, people: dict[int, Any]) -> None:
    for member in application.members:
        person = people[member.person]
        if person.death_date is not None:
            raise Refused(f"{person.name}已登记死亡,不能列为家庭成员。请核对后删去。", field="members")
        if member.counted and not member.signed:
            raise Refused(f"{person.name}还没有签署核对授权书(未成年人由监护人签)。", field="members")
        for name in ("wage_fen", "property_fen", "transfer_fen", "other_fen", "work_cost_fen", "rigid_fen"):
            if int(member.declared.get(name) or 0) < 0:
                raise Refused(f"{person.name}的金额不能小于 0。", field="members")
    pays = bool(kind_for(application.matter).benefit)
    if pays and application.payee not in {m.person for m in application.members if m.counted}:
        raise Refused("领款人应是共同生活的家庭成员。", field="payee")


def _check_one_household(application: HouseholdApplication, people: dict[int, Any]) -> None:
    """A person registered in another household is counted only with a stated reason (e.g. spouses registered apart)."""
    own = registry.household_of(application.members[0].person)
    for member in application.members[1:]:
        if not member.counted or member.reason.strip():
            continue
        theirs = registry.household_of(member.person)
        elsewhere = registry.other_household(member.person, clock.today()) if theirs is None else None
        if elsewhere is not None or (theirs is not None and (own is None or theirs.pk != own.pk)):
            raise Refused(f"{people[member.person].name}登记在另一户,一个人不能同时计入两户。确实共同生活的,请写明原因;"
                          "不共同生活的,请取消“共同生活”。", field="members")


def _generic(application: HouseholdApplication, people: dict[int, Any], head: Any) -> case_actions.Application:
    members = [case_actions.Member(m.person, people[m.person].name, m.relation, m.counted, m.reason)
               for m in application.members]
    answers = {
        "members": {str(m.person): m.declared for m in application.members}, **application.household,
        "payee": application.payee, "phone": application.phone, "cause": application.cause, "text": application.text,
        "extra": application.extra,
    }
    return case_actions.Application(
        matter=application.matter, place=head.jurisdiction, channel=application.channel, members=members, answers=answers,
        household=getattr(registry.household_of(head.pk), "pk", None), key=application.key,
        flags={"kin": application.kin is not None})


def _file_kin(case: Case, kin: Kin, by: Actor) -> None:
    if not isinstance(by, Officer):
        return
    KinFiling.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, member=kin.member, official=kin.official,
                             duty=kin.duty, relation=kin.relation, filed_by=by.account_id, filed_at=clock.now())
    note(case, "kin_filed", "近亲属备案", by=by, text=f"{kin.member}与{kin.official}({kin.duty}){kin.relation}", public=False)
    audit.record("assistance.kin_filed", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, reason="近亲属备案")


def checked_people(case: Case, members: Sequence[MemberAnswers], people: dict[int, Any], by: Actor) -> list[Person]:
    """The people to be checked. An officer's list has clear ID numbers, each reading of which is recorded."""
    reason = f"办件 {case.code}:依法核对家庭经济状况"

    counted = [m.person for m in members if m.counted]
    numbers = registry.reveal_all(by, counted, "id_number", reason) if isinstance(by, Officer) else {}
    return [Person(person=m.person, name=people[m.person].name, id_number=numbers.get(m.person, ""),
                   birth_date=people[m.person].birth_date, relation=m.relation,
                   declared={n: int(m.declared.get(n) or 0) for n in INSIDE})
            for m in members if m.counted]


def _authorise(case: Case, application: HouseholdApplication, people: dict[int, Any], by: Actor) -> None:
    today = clock.today()
    checked = checked_people(case, application.members, people, by)
    adults = [p for p in checked if not p.needs_guardian(today)]
    guardian = adults[0].name if adults else ""
    signatures = [_signature(person, guardian, today) for person in checked]
    do_authorise(by=by, case_code=case.code, jurisdiction=case.jurisdiction, people=checked, signatures=signatures)


def _signature(person: Person, guardian: str, today: dt.date) -> Signature:
    minor = person.needs_guardian(today)
    return Signature(person=person.person, signed_by=guardian if minor else person.name, signed_on=today,
                     capacity="guardian" if minor else "self", method="hand")
