from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.data import registry
from minzheng.data.registry import Person, Source
from minzheng.data.registry.models import AttributeSource, NameGram
from minzheng.testing import Cast, acting_as

from .conftest import POLICE, foreign, new

CIVIL = Source("医保", "参保信息", dt.date(2026, 10, 1))
LATER = Source("公安", "户籍信息", dt.date(2026, 10, 1))
SELF = Source("本人申报", "窗口登记", dt.date(2026, 10, 1))


def test_a_registered_person_has_a_source_for_every_value(zhang: Person, people: Cast) -> None:
    with acting_as(people.county):
        rows = {row.attribute: row for row in registry.sources_of(zhang)}
    assert {"name", "sex", "birth_date", "ethnicity", "jurisdiction", "phone", "bank_account"} <= set(rows)
    assert all((row.state, row.department, row.as_of) == ("current", "公安", POLICE.as_of) for row in rows.values())
    assert (
        rows["phone"].value == "160****0001"
        and rows["name"].digest is None
        and len(bytes(rows["phone"].digest)) == 32
    )


def test_the_owner_replaces_and_the_old_value_stays_in_history(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        assert registry.do_update_person(zhang.pk, {"name": "张健国"}, LATER, by=by) == {"name": "current"}
        assert Person.objects.get(pk=zhang.pk).name_pinyin == "zhang jian guo"
        states = [(row.value, row.state) for row in registry.sources_of(zhang, "name")]
        assert states == [("张健国", "current"), ("张建国", "superseded")]
        assert registry.search(by, "张健国") and not registry.search(by, "张建国")
        assert NameGram.objects.filter(person_id=zhang.pk, gram="张建").count() == 0


def test_an_older_value_of_the_owner_does_not_come_back(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        old = Source("公安", "户籍信息", dt.date(2020, 1, 1))
        assert registry.do_update_person(zhang.pk, {"name": "张国建"}, old, by=by) == {"name": "superseded"}
        assert Person.objects.get(pk=zhang.pk).name == "张建国"


def test_another_departments_difference_is_kept_shown_and_said_once(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        for _ in range(2):
            assert registry.do_update_person(zhang.pk, {"name": "张健国"}, CIVIL, by=by) == {"name": "conflict"}
        assert Person.objects.get(pk=zhang.pk).name == "张建国"
        (conflict,) = registry.conflicts_of([zhang.pk])
        assert (conflict.value, conflict.department, conflict.resource) == ("张健国", "医保", "参保信息")
        assert registry.do_update_person(zhang.pk, {"name": "张建国"}, CIVIL, by=by) == {"name": "agrees"}


def test_a_conflict_is_settled_either_way_with_a_reason(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        registry.do_update_person(zhang.pk, {"name": "张健国", "marital": "离婚"}, CIVIL, by=by)
        name, marital = registry.conflicts_of([zhang.pk])
        with pytest.raises(Refused):
            registry.do_settle_conflict(name.pk, accept=True, reason="对", by=by)
        registry.do_settle_conflict(name.pk, accept=True, reason="核对了身份证原件", by=by)
        registry.do_settle_conflict(marital.pk, accept=False, reason="本人出示结婚证", by=by)
        assert Person.objects.get(pk=zhang.pk).name == "张健国"
        assert registry.conflicts_of([zhang.pk]) == []
        with pytest.raises(Stale):
            registry.do_settle_conflict(name.pk, accept=False, reason="再改一次看看", by=by)


def test_a_sensitive_conflict_is_accepted_only_with_the_same_value(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        registry.do_update_person(zhang.pk, {"phone": "16000000009"}, CIVIL, by=by)
        (row,) = registry.conflicts_of([zhang.pk])
        assert row.value == "160****0009"
        with pytest.raises(Refused):
            registry.do_settle_conflict(row.pk, accept=True, reason="电话核实过", value="16000000008", by=by)
        assert Person.objects.get(pk=zhang.pk).phone == "16000000001"
        registry.do_settle_conflict(row.pk, accept=True, reason="电话核实过", value="16000000009", by=by)
        assert Person.objects.get(pk=zhang.pk).phone == "16000000009"


def test_a_stale_page_and_bad_values_change_nothing(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        before = AttributeSource.objects.count()
        for changes, source, version in (
            ({"phone": "16000000002"}, SELF, 99),
            ({"phone": "abc"}, SELF, None),
            ({"name": "张"}, LATER, None),
            ({"birth_date": dt.date(1971, 1, 1)}, LATER, None),
            ({"jurisdiction": "320581101200"}, LATER, None),
            ({"shoe_size": 43}, LATER, None),
            ({"disability_class": 9}, Source("残联", "残疾人证", dt.date(2026, 1, 1)), None),
            ({"phone": "16000000002"}, Source("居委会", "口头", dt.date(2026, 1, 1)), None),
            ({"phone": "16000000002"}, Source("本人申报", "窗口", dt.date(2090, 1, 1)), None),
        ):
            with pytest.raises(Refused):
                registry.do_update_person(zhang.pk, changes, source, by=by, version=version)
        assert AttributeSource.objects.count() == before
        assert Person.objects.get(pk=zhang.pk).phone == "16000000001"


def test_the_neighbour_can_neither_update_nor_settle_nor_bury(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        registry.do_update_person(zhang.pk, {"name": "张健国"}, CIVIL, by=by)
        (conflict,) = registry.conflicts_of([zhang.pk])
    with acting_as(foreign(people)) as by:
        for attempt in (
            lambda: registry.do_update_person(zhang.pk, {"name": "王五"}, LATER, by=by),
            lambda: registry.do_settle_conflict(conflict.pk, accept=True, reason="看过原件了", by=by),
            lambda: registry.do_record_death(zhang.pk, dt.date(2026, 9, 1), POLICE, by=by),
            lambda: registry.do_move_person(
                zhang.pk, "320581101200", dt.date(2026, 9, 1), POLICE, by=by, reason="迁"
            ),
        ):
            with pytest.raises(NotFound):
                attempt()
    with acting_as(people.county):
        fresh = Person.objects.get(pk=zhang.pk)
        assert (fresh.name, fresh.death_date, fresh.jurisdiction) == ("张建国", None, zhang.jurisdiction)


def test_the_same_number_is_registered_once_in_the_province(zhang: Person, people: Cast) -> None:
    with acting_as(foreign(people)) as by:
        with pytest.raises(Refused, match="已登记在苏州市昆山市"):
            registry.do_register_person(new("zhang_jianguo", "320581101200"), POLICE, by=by)
        assert Person.objects.count() == 0


@pytest.mark.parametrize("village", ["320583100000", "320583999001", "32058310000", "abc"])
def test_a_register_place_must_be_a_village_in_force(people: Cast, village: str) -> None:
    with acting_as(people.county) as by:
        with pytest.raises(Refused):
            registry.do_register_person(new("zhou_sufen", village), POLICE, by=by)
        assert Person.objects.count() == 0


def test_nobody_is_registered_into_another_county(people: Cast) -> None:
    with acting_as(people.county) as by:
        with pytest.raises(NotAllowed):
            registry.do_register_person(new("zhou_sufen", "320581101200"), POLICE, by=by)
        assert Person.objects.count() == 0
