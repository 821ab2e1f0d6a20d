from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base.errors import NotFound, Refused
from minzheng.data import registry
from minzheng.data.registry import Person, Source
from minzheng.data.registry.models import Household, HouseholdMember
from minzheng.testing import Cast, acting_as

from .conftest import OTHER_VILLAGE, POLICE, VILLAGE, foreign, new

DAY = dt.date(2026, 9, 1)


def state() -> list[tuple[object, ...]]:
    return [
        *HouseholdMember.objects.order_by("id").values_list(
            "household_id", "person_id", "relation", "valid_from", "valid_to"
        ),
        *Household.objects.order_by("id").values_list("id", "jurisdiction", "ended_on", "version"),
    ]


def zhou(people: Cast, village: str = OTHER_VILLAGE) -> Person:
    return registry.do_register_person(new("zhou_sufen", village), POLICE, by=people.county)


def test_a_second_household_is_refused_with_the_day_and_county_and_nothing_changes(
    zhang: Person, wife: Person, people: Cast
) -> None:
    with acting_as(people.county) as by:
        other = zhou(people)
        before = state()
        with pytest.raises(Refused, match=r"2010年01月01日.*昆山市"):
            registry.do_open_household(
                [(other.pk, "户主"), (wife.pk, "姐妹")], jurisdiction=OTHER_VILLAGE, on=DAY, by=by, reason="测试"
            )
        assert state() == before


def test_the_neighbouring_county_cannot_take_a_member_either(zhang: Person, people: Cast) -> None:
    with acting_as(foreign(people)) as by:
        registry.allow_elsewhere(by, new("zhang_jianguo").id_number, "居住在本镇,申请低保")
        before = state()
        with pytest.raises(Refused, match="另一户"):
            registry.do_open_household(
                [(zhang.pk, "户主")], jurisdiction="320581101200", on=DAY, by=by, reason="测试"
            )
        assert state() == before


def test_one_may_join_on_the_day_one_has_left(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        other = zhou(people)
        new_one = registry.do_open_household(
            [(other.pk, "户主")], jurisdiction=OTHER_VILLAGE, on=DAY, by=by, reason="立户"
        )
        registry.do_leave(household.pk, wife.pk, DAY, by=by, reason="离婚")
        registry.do_join(new_one.pk, wife.pk, "姐妹", DAY, by=by, reason="投靠")
        assert registry.household_of(wife, DAY) == new_one
        assert registry.household_of(wife, DAY - dt.timedelta(days=1)) == household
        assert [m.person_id for m in registry.members_of(household, DAY)] == [zhang.pk]


def test_the_head_cannot_just_leave_and_two_heads_are_refused(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        other = zhou(people)
        before = state()
        with pytest.raises(Refused):
            registry.do_leave(household.pk, zhang.pk, DAY, by=by, reason="外出")
        with pytest.raises(Refused):
            registry.do_join(household.pk, other.pk, "户主", DAY, by=by, reason="投靠")
        with pytest.raises(Refused):
            registry.do_join(household.pk, other.pk, "邻居", DAY, by=by, reason="投靠")
        with pytest.raises(Refused):
            registry.do_join(household.pk, other.pk, "其他", dt.date(2090, 1, 1), by=by, reason="投靠")
        assert state() == before


def test_splitting_moves_members_on_one_day(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        fresh = registry.do_split(household.pk, [(wife.pk, "户主")], DAY, by=by, reason="分户")
        assert registry.household_of(wife, DAY) == fresh and registry.household_of(zhang, DAY) == household
        with pytest.raises(Refused):
            registry.do_split(household.pk, [(zhang.pk, "户主")], DAY, by=by, reason="分户")


def test_a_new_head_keeps_the_past(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        registry.do_change_head(household.pk, wife.pk, DAY, by=by, reason="变更户主", old_relation="夫")
        assert [(m.person_id, m.relation) for m in registry.members_of(household, DAY)] == [
            (wife.pk, "户主"),
            (zhang.pk, "夫"),
        ]
        past = registry.members_of(household, DAY - dt.timedelta(days=1))
        assert [(m.person_id, m.relation) for m in past] == [(zhang.pk, "户主"), (wife.pk, "妻")]


def test_a_household_moves_with_its_people_beyond_the_scope(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        with pytest.raises(Refused):
            registry.do_move_person(zhang.pk, "320581101200", DAY, POLICE, by=by, reason="迁出")
        with pytest.raises(Refused):
            registry.do_move_household(household.pk, "320581101999", DAY, POLICE, by=by, reason="迁出")
        with pytest.raises(Refused):
            registry.do_move_household(
                household.pk, "320581101200", DAY, Source("民政", "窗口", DAY), by=by, reason="迁出"
            )
        registry.do_move_household(household.pk, "320581101200", DAY, POLICE, by=by, reason="迁往常熟")
    with acting_as(people.county) as by:
        assert Person.objects.count() == 0 and HouseholdMember.objects.count() == 0
        with pytest.raises(NotFound):
            registry.get_person_for(by, zhang.pk)
    with acting_as(people.neighbour) as by:
        assert registry.search(by, "张建国")[0].jurisdiction == "320581101200"
        assert len(registry.members_of(household, DAY)) == 2
        assert {row.jurisdiction for row in registry.sources_of(registry.get_person_for(by, zhang.pk))} == {
            "320581101200"
        }


def test_the_door_moves_nobody_of_another_county(zhang: Person, people: Cast) -> None:
    from django.db import ProgrammingError, connection, transaction

    with (
        acting_as(people.neighbour),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT registry_move(%s, %s)", [zhang.pk, "320581101200"])
    with acting_as(people.county):
        assert Person.objects.get(pk=zhang.pk).jurisdiction == VILLAGE
