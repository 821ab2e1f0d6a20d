"""Writing households: open, join, leave, split, change the head, move as a whole. Dates are half-open; the
database refuses a
second household of the same person anywhere in the province."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from minzheng.base import audit, clock, events
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.data.registry.models import Household, HouseholdMember, Person
from minzheng.data.registry.people import Writer, check_own_village, check_registrar, check_village, move_row
from minzheng.data.registry.queries import get_person_for, members_of, other_household, people_by_id
from minzheng.data.registry.sources import Source

RELATIONS = (
    "户主",
    "配偶",
    "夫",
    "妻",
    "子",
    "女",
    "孙子",
    "孙女",
    "外孙子",
    "外孙女",
    "父亲",
    "母亲",
    "祖父",
    "祖母",
    "外祖父",
    "外祖母",
    "兄弟",
    "姐妹",
    "儿媳",
    "女婿",
    "公公",
    "婆婆",
    "岳父",
    "岳母",
    "其他",
)
_SPOUSES = ("配偶", "夫", "妻")


def get_household_for(
    by: Writer, household_id: int, *, lock: bool = False, version: int | None = None
) -> Household:
    """The household within the acting scope, or NotFound. To be written with `lock`, which needs the role; Stale when
    it has changed since the page with `version`, so that a repeated submission does nothing."""
    if lock:
        check_registrar(by)
    rows = Household.objects.filter(pk=household_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound("没有找到这一户。请核对;如果户籍在外地,请联系当地民政部门。")
    if version is not None and found.version != version:
        raise Stale("这一户刚刚有过变动。请刷新页面,看清现在的成员后再办理。")
    return found


def _check_day(day: dt.date) -> None:
    if day > clock.today():
        raise Refused("变动日期不能晚于今天。", field="on")


def _add(household: Household, person: Person, relation: str, on: dt.date, reason: str) -> None:
    """Inserts a membership; the exclusion constraint decides, and its refusal is explained with the minimum."""
    if relation not in RELATIONS:
        raise Refused("没有这种与户主关系,请从列表选择。", field="relation")
    if person.death_date is not None and person.death_date <= on:
        raise Refused(f"{person.name}已于{person.death_date:%Y年%m月%d日}死亡,不能加入家庭。")
    if on < person.birth_date:
        raise Refused(f"加入日期早于{person.name}的出生日期。", field="on")
    try:
        with transaction.atomic():
            HouseholdMember.objects.create(
                household_id=household.pk,
                person_id=person.pk,
                relation=relation,
                jurisdiction=household.jurisdiction,
                valid_from=on,
                reason=reason,
            )
    except IntegrityError as error:
        if "registry_member_one_head" in str(error):
            raise Refused("这一户已经有户主。请先变更户主。", field="relation") from error
        if "registry_member_one_household" not in str(error):
            raise
        other = other_household(person.pk, on)
        where = (
            f"自{other[0]:%Y年%m月%d日}起是{full_name(other[1])}另一户的成员" if other else "在同一时期是另一户的成员"
        )
        raise Refused(f"{person.name}{where},一个人不能同时在两户。请先在原户办理离户。", field="person") from error


def _told(
    action: str, household: Household, *, by: Writer, reason: str, people: Sequence[int], after: dict[str, Any]
) -> None:
    Household.objects.filter(pk=household.pk).update(version=F("version") + 1)
    for person in people:
        audit.record(
            "registry.household",
            by=by,
            obj_type="registry.household",
            obj_id=household.pk,
            subject_person=person,
            jurisdiction=household.jurisdiction,
            after={"act": action, **after},
            reason=reason,
        )
    events.emit(
        "registry.household_changed",
        aggregate=f"household:{household.pk}",
        jurisdiction=household.jurisdiction,
        payload={"household_id": household.pk, "act": action, "people": list(people)},
    )


def do_open_household(
    members: Sequence[tuple[int, str]],
    *,
    jurisdiction: str,
    on: dt.date,
    by: Writer,
    reason: str,
    number: str = "",
    registration: str = "城镇",
    residence: str = "",
    address: str = "",
) -> Household:
    """Opens a household of (person, relation) pairs, exactly one of them 户主, from a day on."""
    check_registrar(by)
    _check_day(on)
    check_own_village(jurisdiction, by)
    if [relation for _, relation in members].count("户主") != 1:
        raise Refused("一户要有且只有一个户主。", field="members")
    with transaction.atomic():
        people = people_by_id([person for person, _ in members])
        household = Household.objects.create(
            jurisdiction=jurisdiction,
            number=number or f"M{clock.now():%Y%m%d%H%M%S%f}",
            founded_on=on,
            registration=registration,
            residence=residence or jurisdiction,
            address=address,
        )
        for person, relation in members:
            _add(household, people[person], relation, on, reason)
        _told(
            "opened", household, by=by, reason=reason, people=[p for p, _ in members], after={"from": on.isoformat()}
        )
    return household


def do_join(
    household_id: int,
    person_id: int,
    relation: str,
    on: dt.date,
    *,
    by: Writer,
    reason: str,
    leaving: int | None = None,
    version: int | None = None,
) -> None:
    """Adds one person to a household from a day on. `leaving`: the household here that the person leaves for it."""
    _check_day(on)
    with transaction.atomic():
        household = get_household_for(by, household_id, lock=True, version=version)
        if household.ended_on is not None:
            raise Refused("这一户已经销户,不能再加入成员。")
        if leaving is not None:
            do_leave(leaving, person_id, on, by=by, reason=reason)
        _add(household, people_by_id([person_id])[person_id], relation, on, reason)
        _told(
            "joined",
            household,
            by=by,
            reason=reason,
            people=[person_id],
            after={"from": on.isoformat(), "relation": relation},
        )


def _membership(household: Household, person_id: int) -> HouseholdMember:
    row = (
        HouseholdMember.objects.select_for_update()
        .filter(household_id=household.pk, person_id=person_id, valid_to=None)
        .first()
    )
    if row is None:
        raise Refused("这个人现在不是这一户的成员。请刷新页面。", field="person")
    return row


def _end(row: HouseholdMember, on: dt.date, reason: str) -> None:
    if on <= row.valid_from:
        raise Refused(f"离户日期要晚于加入日期{row.valid_from:%Y年%m月%d日}。", field="on")
    row.valid_to, row.reason = on, reason
    row.save(update_fields=["valid_to", "reason"])


def do_leave(household_id: int, person_id: int, on: dt.date, *, by: Writer, reason: str) -> None:
    """Ends one membership on a day (the first day outside). A head leaves only after `do_change_head`, or as
    the last one."""
    _check_day(on)
    with transaction.atomic():
        household = get_household_for(by, household_id, lock=True)
        row = _membership(household, person_id)
        rest = [m for m in members_of(household, on) if m.person_id != person_id]
        if row.relation == "户主" and rest:
            raise Refused("户主离户前要先变更户主。")
        _end(row, on, reason)
        if not rest:
            _close(household, on)
        _told("left", household, by=by, reason=reason, people=[person_id], after={"to": on.isoformat()})


def _close(household: Household, on: dt.date) -> None:
    household.ended_on = on
    household.save(update_fields=["ended_on"])


def do_change_head(
    household_id: int,
    person_id: int,
    on: dt.date,
    *,
    by: Writer,
    reason: str,
    old_relation: str = "其他",
    version: int | None = None,
) -> None:
    """Makes another member the head from a day on. The other members' relations are to be stated anew where
    they matter."""
    _check_day(on)
    with transaction.atomic():
        household = get_household_for(by, household_id, lock=True, version=version)
        fresh = _membership(household, person_id)
        head = HouseholdMember.objects.filter(household_id=household.pk, relation="户主", valid_to=None).first()
        if head is not None and head.person_id == person_id:
            raise Refused("这个人已经是户主。")
        _restate(fresh, "户主", on, reason, displaced=head, displaced_relation=old_relation)
        _told("head", household, by=by, reason=reason, people=[person_id], after={"from": on.isoformat()})


def _restate(
    row: HouseholdMember,
    relation: str,
    on: dt.date,
    reason: str,
    *,
    displaced: HouseholdMember | None = None,
    displaced_relation: str = "其他",
) -> None:
    """Ends a membership and begins it anew with another relation on the same day, so that the past stays as it was."""
    pairs = [(displaced, displaced_relation)] if displaced is not None else []
    for old, word in [*pairs, (row, relation)]:
        _end(old, on, reason)
        HouseholdMember.objects.create(
            household_id=old.household_id,
            person_id=old.person_id,
            jurisdiction=old.jurisdiction,
            relation=word,
            valid_from=on,
            reason=reason,
        )


def do_split(
    household_id: int,
    members: Sequence[tuple[int, str]],
    on: dt.date,
    *,
    by: Writer,
    reason: str,
    address: str = "",
    version: int | None = None,
) -> Household:
    """分户: the named (person, relation) pairs leave and open a household of their own in the same village on
    the same day."""
    _check_day(on)
    with transaction.atomic():
        household = get_household_for(by, household_id, lock=True, version=version)
        leaving = {person for person, _ in members}
        rest = [m for m in members_of(household, on) if m.person_id not in leaving]
        if not rest:
            raise Refused("分户后原户不能没有人。整户搬迁请用整户迁移。", field="members")
        if not any(m.relation == "户主" for m in rest):
            raise Refused("户主要留在原户。请先变更户主。", field="members")
        for person, _ in members:
            _end(_membership(household, person), on, reason)
        fresh = do_open_household(
            members,
            jurisdiction=household.jurisdiction,
            on=on,
            by=by,
            reason=reason,
            registration=household.registration,
            address=address or household.address,
        )
        _told(
            "split",
            household,
            by=by,
            reason=reason,
            people=sorted(leaving),
            after={"into": fresh.pk, "to": on.isoformat()},
        )
    return fresh


def do_move_household(
    household_id: int, target: str, on: dt.date, source: Source, *, by: Writer, reason: str
) -> None:
    """整户迁移: the household and the register of its present members who are registered with it go to another
    village."""
    source.check()
    _check_day(on)
    check_village(target)
    if source.department != "公安":
        raise Refused("户籍迁移以公安登记为准。请先核对公安数据。", field="department")
    with transaction.atomic():
        household = get_household_for(by, household_id, lock=True)
        if household.jurisdiction == target:
            raise Refused("迁入地与现管辖地相同,不用迁移。", field="target")
        members = [m.person_id for m in members_of(household, on)]
        _told("moved", household, by=by, reason=reason, people=members, after={"to": target})
        for person_id in members:
            person = Person.objects.filter(pk=person_id).first()
            if person is not None and person.jurisdiction == household.jurisdiction:
                move_row(get_person_for(by, person_id, lock=True), target, source, by=by, reason=reason)
        with connection.cursor() as cursor:
            cursor.execute("SELECT registry_move_household(%s, %s)", [household.pk, target])


def end_by_death(person: Person, died_on: dt.date) -> None:
    """Called by `people.do_record_death` in its transaction: membership ends the day after, the next head follows."""
    row = HouseholdMember.objects.select_for_update().filter(person_id=person.pk, valid_to=None).first()
    if row is None:
        return
    last = max(died_on, row.valid_from) + dt.timedelta(days=1)
    was_head = row.relation == "户主"
    _end(row, last, "死亡")
    household = Household.objects.select_for_update().get(pk=row.household_id)
    rest = [m for m in members_of(household, last) if m.person_id != person.pk and m.valid_to is None]
    if not rest:
        _close(household, last)
    elif was_head:
        births = dict(Person.objects.filter(pk__in=[m.person_id for m in rest]).values_list("pk", "birth_date"))
        heir = min(rest, key=lambda m: (m.relation not in _SPOUSES, births.get(m.person_id, dt.date.max)))
        _restate(heir, "户主", max(last, heir.valid_from + dt.timedelta(days=1)), "原户主死亡")
