"""Reading people: search first, one guarded door a person, clear text only with a reason. Nobody browses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from minzheng.base import audit, clock
from minzheng.base.crypto import blind_index
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.id_numbers import check_id_number
from minzheng.base.identity.officer import Actor, Citizen, Officer, Service
from minzheng.base.scope.ranges import lies_in
from minzheng.data.registry.attributes import REVEALABLE
from minzheng.data.registry.models import AttributeSource, Household, HouseholdMember, Person
from minzheng.data.registry.names import clean

_MISSING = "没有找到这个人。请核对身份证号;如果户籍在外地,请在受理页面用“添加家庭成员”按异地人员办理。"
GRANT_DAYS = 365


@dataclass(frozen=True)
class Elsewhere:
    """A person whose register is outside the acting post's place: that the person exists, and in which county."""

    person: int
    county: str

    @property
    def place(self) -> str:
        return full_name(self.county)


@dataclass(frozen=True)
class Kin:
    """A member of the acting citizen's own household."""

    person: int
    name: str
    sex: int
    birth_date: dt.date
    relation: str


def index_of(id_number: str) -> bytes:
    """The blind index under which a valid number is kept."""
    return blind_index("id_number", check_id_number(id_number).number)


def _seen(by: Actor, person: Person, action: str, reason: str) -> None:
    audit.record(
        action,
        by=by,
        obj_type="registry.person",
        obj_id=person.pk,
        jurisdiction=person.jurisdiction,
        subject_person=person.pk,
        reason=reason,
    )


def find_person(by: Officer | Service, id_number: str) -> Person:
    """The person with this number within the acting post's place. Refused when the number is wrong, NotFound
    otherwise."""
    found = Person.objects.filter(id_index=index_of(id_number)).first()
    if found is None:
        raise NotFound(_MISSING)
    _seen(by, found, "registry.person_read", "按身份证号查找")
    return found


def get_person_for(by: Actor, person_id: int, *, lock: bool = False) -> Person:
    """The person within the acting scope, a citizen's own self, or NotFound. The read is audited; locking is
    for actions. An officer whose place has a grant gets the few columns of it (`brief`), never for writing."""
    rows = Person.objects.filter(pk=person_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None and isinstance(by, Officer) and not lock:
        found = _briefs([person_id]).get(person_id)
    if found is None:
        raise NotFound(_MISSING)
    if not lock:
        _seen(by, found, "registry.person_read", "查看个人档案")
    return found


def find_elsewhere(by: Officer | Service, id_number: str) -> Elsewhere | None:
    """Whether anybody in the province has this number, and the county. The answer is audited for that person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, county FROM registry_exists(%s)", [index_of(id_number)])
        row = cursor.fetchone()
    if row is None:
        return None
    audit.record(
        "registry.person_read",
        by=by,
        obj_type="registry.person",
        obj_id=row[0],
        jurisdiction=by.jurisdiction,
        subject_person=row[0],
        reason="核对全省是否已有登记",
    )
    return Elsewhere(*row)


def allow_elsewhere(by: Officer, id_number: str, reason: str, *, until: dt.date | None = None) -> Person:
    """Lets the acting post's place read one person whose register is elsewhere (省内通办). Needs the full
    number and a reason;
    returns what the place may see from now on: name, sex, dates, register and disability, nothing else."""
    if len(reason.strip()) < 4:
        raise Refused("请写明异地办理的事由(不少于 4 个字)。", field="reason")
    number = index_of(id_number)
    last = until or clock.today() + dt.timedelta(days=GRANT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_allow(%s, %s, %s, %s)", [number, reason.strip(), last, clock.now()])
        person = cursor.fetchone()[0]
    if person is None:
        raise NotFound("全省人口库里没有这个身份证号。请核对证件;确无登记的,请先办理人员登记。")
    audit.record(
        "registry.grant",
        by=by,
        obj_type="registry.person",
        obj_id=person,
        jurisdiction=by.jurisdiction,
        subject_person=person,
        reason=reason.strip(),
    )
    return people_by_id([person])[person]


def match_person(id_number: str, name: str) -> int | None:
    """The living person who has both this number and this name, or None: for sign-up and for a citizen who
    names a family
    member of another household. Says nothing of who has the number when the name differs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_match(%s, %s)", [index_of(id_number), clean(name)])
        found: int | None = cursor.fetchone()[0]
    return found


def people_by_id(ids: Iterable[int], *, strict: bool = True) -> dict[int, Person]:
    """People already named by a record that the caller was allowed to open (a case, a benefit), all or
    NotFound. Those whose
    register is elsewhere come with the few columns of a grant. Not audited: the opening of the record is.
    Without `strict`, those who cannot be read are left out."""
    wanted = sorted(set(ids))
    found = {person.pk: person for person in Person.objects.filter(pk__in=wanted)}
    missing = [one for one in wanted if one not in found]
    if missing:
        found |= _briefs(missing)
    if strict and len(found) != len(wanted):
        raise NotFound("有成员的户籍不在本辖区,也没有异地办理授权。请先用身份证号做异地人员核对。")
    return found


def _briefs(ids: list[int]) -> dict[int, Person]:
    """What the grants of the acting place show."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_briefs(%s, %s)", [ids, clock.today()])
        names = [column.name for column in cursor.description or ()]
        for row in cursor.fetchall():
            person = Person(**dict(zip(names, row, strict=True)))
            person.brief = True
            found[person.pk] = person
    return found


def share_with(
    by: Officer, people: Iterable[Person], place: str, reason: str, *, fields: Sequence[str] = ("id_number",)
) -> None:
    """Lets another place read these people, as a case that concerns both goes there (省内通办, 移交): the few columns of
    a grant, and the encrypted items named. Nobody passes on more than the acting place may read itself."""
    others = {one.pk: one for one in people if not lies_in(one.jurisdiction, place)}
    if not others:
        return
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT registry_share(%s, %s, %s, %s, %s, %s)",
            [sorted(others), place, reason, list(fields), today + dt.timedelta(days=GRANT_DAYS), clock.now()],
        )
        done = {row[0] for row in cursor.fetchall()}
    if done != others.keys():
        raise NotFound(_MISSING)
    for number in sorted(done):
        audit.record(
            "registry.grant",
            by=by,
            obj_type="registry.person",
            obj_id=number,
            jurisdiction=by.jurisdiction,
            subject_person=number,
            after={"place": place, "items": list(fields)},
            reason=f"{reason};{full_name(place)}可以查阅",
        )


def household_of(person: Person | int, on: dt.date | None = None) -> Household | None:
    """The household that the person belongs to on the day, within the acting scope."""
    day = on or clock.today()
    number = person if isinstance(person, int) else person.pk
    return Household.objects.filter(pk__in=_on(HouseholdMember.objects.filter(person_id=number), day).values("household_id")).first()


def _on(rows: QuerySet[HouseholdMember], day: dt.date) -> QuerySet[HouseholdMember]:
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


def members_of(household: Household | int, on: dt.date | None = None) -> list[HouseholdMember]:
    """Who belongs to the household on the day, head first."""
    number = household if isinstance(household, int) else household.pk
    rows = list(_on(HouseholdMember.objects.filter(household_id=number), on or clock.today()).order_by("id"))
    return sorted(rows, key=lambda row: row.relation != "户主")


def other_household(person_id: int, since: dt.date) -> tuple[dt.date, str] | None:
    """In the whole province: since when, and in which county, the person belongs to a household on or after the day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT since, county FROM registry_other_household(%s, %s)", [person_id, since])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def family_of_citizen() -> list[Kin]:
    """The living members of the acting citizen's own household, for prefilling an application."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, name, sex, birth_date, relation FROM registry_my_family()")
        return [Kin(*row) for row in cursor.fetchall()]


def reveal(by: Officer | Citizen | Service, person: Person | int, field: str, reason: str = "") -> str:
    """Clear text of one sensitive field (rule 8). An officer gives a reason, which the person sees in
    谁看过我的信息."""
    if field not in REVEALABLE:
        raise Refused("这个项目不是加密信息,不需要申请查看。")
    number = person if isinstance(person, int) else person.pk
    why = reason.strip()
    if isinstance(by, Citizen):
        if number != by.person_id:
            raise NotAllowed("只能查看本人的信息。")
        why = why or "本人查看"
    elif len(why) < 4:
        raise Refused("查看完整信息要写明理由(不少于 4 个字),本人可以看到这条记录。", field="reason")
    found = Person.objects.filter(pk=number).first()
    if found is not None:
        value, place = getattr(found, field), found.jurisdiction
    elif isinstance(by, Officer):
        value, place = _granted_value(number, field), by.jurisdiction
    else:
        raise NotFound(_MISSING)
    audit.record(
        "registry.reveal",
        by=by,
        obj_type="registry.person",
        obj_id=number,
        jurisdiction=place,
        after={"field": field},
        subject_person=number,
        reason=why,
    )
    return value or ""


def reveal_all(by: Officer, people: Iterable[int], field: str, reason: str) -> dict[int, str]:
    """`reveal` of one field for all members of a household: each has a record of its own."""
    wanted = list(people)
    found = {row.pk: row for row in Person.objects.filter(pk__in=wanted)} if field in REVEALABLE and len(reason.strip()) >= 4 else {}
    lines = [audit.Line(str(one), found[one].jurisdiction, {"field": field}, one) for one in wanted if one in found]
    audit.record_many("registry.reveal", lines, by=by, obj_type="registry.person", reason=reason.strip())
    return {one: getattr(found[one], field) or "" if one in found else reveal(by, one, field, reason) for one in wanted}


def _granted_value(person: int, field: str) -> str | None:
    """An encrypted item of a person whose register is elsewhere, where the grant of the acting place names it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM registry_granted_value(%s, %s, %s)", [person, field, clock.today()])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(_MISSING)
    column: Any = Person._meta.get_field(field)
    clear: str | None = column.from_db_value(row[0], None, connection)
    return clear


def sources_of(person: Person, attribute: str = "") -> list[AttributeSource]:
    """Where the values came from: current ones and open conflicts first, then the history, newest first."""
    rows = AttributeSource.objects.filter(person_id=person.pk)
    if attribute:
        rows = rows.filter(attribute=attribute)
    rank = {"current": 0, "conflict": 1}
    return sorted(rows.order_by("-as_of", "-id")[:500], key=lambda row: (row.attribute, rank.get(row.state, 2)))


def conflicts_of(people: Sequence[int]) -> list[AttributeSource]:
    """Open differences of these people, for the case page."""
    return list(
        AttributeSource.objects.filter(person_id__in=list(people), state="conflict").order_by("person_id", "id")
    )
