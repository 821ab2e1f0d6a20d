"""Prefilling the application from the registry, and reading the posted form back: shared by window and phone."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from minzheng.base import clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.data import registry
from minzheng.data.registry.models import SEXES
from minzheng.scenes.assistance.apply import HouseholdApplication, Kin, MemberAnswers
from minzheng.scenes.assistance.forms import INCOME_FIELDS, ApplicationForm, MemberFormSet
from minzheng.scenes.assistance.kinds import kind_for

MEMBER_CAP = 20
SPOUSE = {"夫", "妻", "配偶"}
CHILD = {"子", "女", "子女", "长子", "次子", "长女", "次女", "养子", "养女"}
PARENT = {"父", "母", "父母"}
GRANDPARENT = {"祖父", "祖母", "外祖父", "外祖母"}
GRANDCHILD = {"孙子", "孙女", "外孙子", "外孙女", "孙"}
_GENERATION = {"户主": 0, **dict.fromkeys(SPOUSE, 0), **dict.fromkeys(CHILD, -1), **dict.fromkeys(PARENT, 1),
               **dict.fromkeys(GRANDPARENT, 2), **dict.fromkeys(GRANDCHILD, -2)}


def relation_to(applicant: str, other: str) -> str:
    """Relation of a member to the applicant, from both relations to the head (与户主关系). A proposal to be checked."""
    if {applicant, other} & {"户主"} and (applicant in SPOUSE or other in SPOUSE):
        return "配偶"
    if applicant not in _GENERATION or other not in _GENERATION:
        return "其他"
    if applicant != "户主" and other != "户主" and {applicant, other} <= (SPOUSE | CHILD) and applicant in CHILD and other in CHILD:
        return "兄弟姐妹"
    steps = _GENERATION[other] - _GENERATION[applicant]
    return {-1: "子女", 1: "父母", 2: "祖父母", -2: "孙子女"}.get(steps, "其他")


@dataclass(frozen=True)
class Relative:
    """A member of a citizen's own household: what the citizen's application may show of the others."""

    pk: int
    name: str
    sex_title: str
    birth_date: dt.date
    death_date: None = None
    illness: str = ""
    school_stage: str = ""
    bank_account: str = ""
    disability_title: str = ""

    def age_on(self, day: dt.date) -> int:
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))


def household_rows(person: Any) -> list[tuple[Any, str]]:
    """The applicant first, then the other living members of the household with their relation to the applicant.
    Whose register is elsewhere is left out: such a member is added by the ID number, with a reason."""
    household = registry.household_of(person)
    if household is None:
        return [(person, "本人")]
    members = registry.members_of(household)
    people = registry.people_by_id([m.person_id for m in members], strict=False)
    own = next((m.relation for m in members if m.person_id == person.pk), "户主")
    others = [(people[m.person_id], relation_to(own, m.relation)) for m in members
              if m.person_id != person.pk and m.person_id in people and people[m.person_id].death_date is None]
    return [(person, "本人"), *others]


def absent_members(person: Any) -> int:
    """How many members of the registered household the prefilled rows leave out: their register is elsewhere."""
    household = registry.household_of(person)
    ids = [m.person_id for m in registry.members_of(household)] if household else []
    return len(ids) - len(registry.people_by_id(ids, strict=False))


def own_household_rows(by: Citizen) -> list[tuple[Any, str]]:
    """The citizen first, then the family as the registry's door answers it."""
    person = registry.get_person_for(by, by.person_id)
    family = registry.family_of_citizen()
    own = next((k.relation for k in family if k.person == by.person_id), "户主")
    others = [(Relative(k.person, k.name, SEXES[k.sex], k.birth_date), relation_to(own, k.relation))
              for k in family if k.person != by.person_id]
    return [(person, "本人"), *others]


def blank_initial(person: Any, relation: str) -> dict[str, Any]:
    today = clock.today()
    age = person.age_on(today)
    return {"person": person.pk, "relation": relation, "counted": True, "serious_illness": bool(person.illness),
            "dependent_adult": age >= 18 and person.school_stage in ("高中", "中职", "大专", "本科")}


def new_key() -> str:
    """Makes a double click harmless: the second submission finds the first case."""
    return secrets.token_hex(16)


def payees(matter: str, people: list[Any]) -> list[tuple[int, str]] | None:
    """Members with a registered bank account; None where the matter pays nothing."""
    if not kind_for(matter).benefit:
        return None
    return [(p.pk, f"{p.name}({p.bank_name or '银行卡'} {p.account_masked})") for p in people if p.bank_account]


def forms_for(matter: str, rows: list[tuple[Any, str]]) -> tuple[Any, ApplicationForm]:
    """Unbound forms, prefilled."""
    formset = MemberFormSet(prefix="m", initial=[blank_initial(p, r) for p, r in rows])
    formset.extra = 0
    people = [p for p, _ in rows]
    application = ApplicationForm(payees=payees(matter, people), initial={"phone": people[0].phone or "", "vehicles": 0, "houses": 0})
    return formset, application


def extra_form(matter: str, people: list[Any], post: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> Any:
    """What only this matter asks at the application (names begin with x-), or None."""
    form = kind_for(matter).extra_form
    if form is None:
        return None
    household: dict[str, Any] = {"people": [(p.pk, p.name) for p in people]} if getattr(form, "asks_members", False) else {}
    return form(post, prefix="x", initial=initial, **household)


def ids_of(post: QueryDict) -> list[int]:
    """Registry ids of the posted rows, in their order. Refused when the form is not whole."""
    try:
        total = int(post.get("m-TOTAL_FORMS", "0"))
        ids = [int(post[f"m-{n}-person"]) for n in range(min(total, MEMBER_CAP))]
    except (KeyError, ValueError):
        raise Refused("表单不完整,请从查找申请人重新开始。") from None
    if not ids or len(set(ids)) != len(ids):
        raise Refused("表单里没有家庭成员或有人重复,请从查找申请人重新开始。")
    return ids


def people_of(post: QueryDict) -> list[Any]:
    """The people of a posted form, in its order, for an officer."""
    ids = ids_of(post)
    found = registry.people_by_id(ids)
    return [found[number] for number in ids]


def application_of(members: Any, data: dict[str, Any], *, channel: str, key: str, matter: str,
                   extra: dict[str, Any]) -> HouseholdApplication:
    """The cleaned forms as one application."""
    rows = []
    for form in members:
        row = form.cleaned_data
        declared = {name: row.get(name) or 0 for name in INCOME_FIELDS}
        declared |= {name: row[name] for name in ("dependent_adult", "serious_illness", "applies_alone")}
        rows.append(MemberAnswers(row["person"], row["relation"], row["counted"], row["reason"], declared, row["signed"]))
    kin = Kin(data["kin_member"], data["kin_official"], data["kin_duty"], data["kin_relation"]) if data["kin"] else None
    return HouseholdApplication(
        channel=channel, members=rows, payee=int(data.get("payee") or rows[0].person), phone=data["phone"], cause=data["cause"],
        text=data["text"], kin=kin, key=key, matter=matter, extra=extra,
        household={name: data[name] or 0 for name in ("financial_fen", "vehicles", "houses")})


class Elsewhere(Refused):
    """The register of the person lies in another county: may be added with a reason, which grants the least."""


def find_member(by: Officer, id_number: str) -> Any:
    """A member by the full number: within the scope, or of another county where the place has a grant already.
    Elsewhere without one; Refused when unknown or dead."""
    try:
        person = registry.find_person(by, id_number)
    except NotFound:
        place = registry.find_elsewhere(by, id_number)
        if place is None:
            raise Refused("人口库里没有这个身份证号。请核对号码;确无登记的,请先在“查人查户”登记人员。",
                          field="member_id") from None
        person = registry.people_by_id([place.person], strict=False).get(place.person)
        if person is None:
            raise Elsewhere(f"这个人的户籍在{place.place}。与申请人共同生活的,请写明事由,按异地人员添加。",
                            field="member_id") from None
    return _alive(person)


def allow_member(by: Officer, id_number: str, reason: str) -> Any:
    """Grants the acting place the least about one person of another county, with the reason."""
    return _alive(registry.allow_elsewhere(by, id_number, reason))


def _alive(person: Any) -> Any:
    if person.death_date is not None:
        raise Refused(f"{person.name}已登记死亡,不能列为家庭成员。登记有误的,请先联系公安更正。", field="member_id")
    return person


def find_applicant(by: Officer, id_number: str) -> Any:
    """The registry person with the number; Refused when unknown here or dead."""
    try:
        person = registry.find_person(by, id_number)
    except NotFound:
        place = registry.find_elsewhere(by, id_number)
        where = f"户籍在{place.place},请到户籍所在地申请,或办理省内通办。" if place else "人口库里没有这个身份证号,请核对号码。"
        raise Refused(f"辖区内没有找到这个人:{where}", field="id_number") from None
    if person.death_date is not None:
        raise Refused(f"{person.name}已登记死亡,不能申请。登记有误的,请先联系公安更正。", field="id_number")
    return person
