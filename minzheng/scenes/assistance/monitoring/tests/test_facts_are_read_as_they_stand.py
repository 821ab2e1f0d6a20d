"""What read_facts gives the rules: members on the day, one applicant, the newest values, nulls for what is unknown."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.data.brain import rules
from minzheng.data.registry.models import HouseholdMember, Person
from minzheng.scenes.assistance.monitoring import portrait
from minzheng.scenes.assistance.monitoring.models import Means, MeansSource
from minzheng.scenes.assistance.monitoring.reading import read_facts
from minzheng.scenes.assistance.monitoring.taking import do_take_means
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, SERVICE, know, tell
from minzheng.scenes.assistance.tests.conftest import Family, make_family, make_person
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY, PROVINCE, VILLAGE

LOW, HIGH = "320000000000", "330000000000"
JOB = Service("定时任务", PROVINCE)


def read(on: dt.date = NIGHT) -> tuple[pl.DataFrame, pl.DataFrame]:
    with acting_as(JOB):
        return read_facts(LOW, HIGH, on)


def relations(on: dt.date = NIGHT) -> list[int]:
    return read(on)[1].sort("person_id")["relation"].to_list()


def test_head_spouse_and_child_are_applicant_spouse_and_child(people: Cast, zhang: Family) -> None:
    households, persons = read()
    assert households.select("household_id", "zone", "jurisdiction").rows() == [(zhang.household.pk, "z320583", VILLAGE)]
    assert relations() == [1, 2, 3] and persons["wage_fen"].null_count() == 3


def test_when_the_head_is_gone_the_spouse_applies_and_the_child_stays_one(people: Cast, zhang: Family) -> None:
    with as_owner():
        Person.objects.filter(pk=zhang.head.pk).update(death_date=NIGHT)
        HouseholdMember.objects.filter(person_id=zhang.head.pk).update(valid_to=NIGHT)
    assert relations() == [1, 3]


def test_two_orphans_are_the_elder_and_a_sibling(people: Cast) -> None:
    family = make_family(("张一", "20000101", 1, "子"), ("张二", "20100101", 2, "女"), ("张老", "19400101", 1, "父亲"))
    with as_owner():
        HouseholdMember.objects.filter(person_id=family.people[2].pk).update(valid_to=NIGHT)
    assert relations() == [1, 7]


def test_a_member_registered_in_another_county_is_read_by_the_province(people: Cast, zhang: Family) -> None:
    with as_owner():
        other, _ = make_person("外地母", "19480101", 2, village="320581100001")
        HouseholdMember.objects.create(household_id=zhang.household.pk, person_id=other.pk, jurisdiction=VILLAGE,
                                       relation="母亲", valid_from=dt.date(2020, 1, 1))
    assert relations() == [1, 2, 3, 4] and read()[1]["birth_date"].null_count() == 0


def test_memberships_and_deaths_count_by_the_day(people: Cast, zhang: Family) -> None:
    assert read(dt.date(2014, 12, 31))[0].is_empty()
    assert relations(dt.date(2016, 1, 1)) == [1, 2, 3]


def test_an_older_report_does_not_push_out_a_newer_value(people: Cast, zhang: Family) -> None:
    know(zhang, wage_fen=100_000)
    know(zhang, wage_fen=900_000, day=dt.date(2026, 5, 1), department="税务")
    with acting_as(people.county):
        assert Means.objects.get(pk=zhang.head.pk).wage_fen == 100_000
        assert MeansSource.objects.filter(person_id=zhang.head.pk, attribute="wage_fen").count() == 2


def test_a_report_taken_twice_is_taken_once(people: Cast, zhang: Family) -> None:
    assert tell(zhang.head.pk, "unemployed") == 1
    assert tell(zhang.head.pk, "unemployed") == 0
    rows = [(zhang.head.pk, "wage_fen", 5, NIGHT)]
    with acting_as(SERVICE):
        assert [do_take_means(rows, department="税务", by=SERVICE) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("row", [("not_a_word", 1, NIGHT), ("wage_fen", 1.5, NIGHT), ("wage_fen", 1, dt.date(2027, 1, 1))])
def test_a_report_with_nonsense_is_refused_whole(people: Cast, zhang: Family, row: tuple[str, int, dt.date]) -> None:
    with acting_as(SERVICE), pytest.raises(Refused):
        do_take_means([(zhang.head.pk, "wage_fen", 5, NIGHT), (zhang.head.pk, *row)], department="税务", by=SERVICE)
    with acting_as(people.county):
        assert MeansSource.objects.count() == 0


def test_rare_words_come_from_their_newest_source(people: Cast, zhang: Family) -> None:
    for day, value in ((dt.date(2026, 1, 1), 3), (dt.date(2026, 6, 1), 1)):
        with acting_as(SERVICE):
            do_take_means([(zhang.head.pk, "obligors", value, day)], department="入户调查", by=SERVICE)
    persons = read()[1].sort("person_id")
    assert persons["obligors"].to_list() == [1, None, None]


def test_the_sweep_and_the_portrait_measure_the_same(people: Cast, zhang: Family) -> None:
    know(zhang, wage_fen=210_000, financial_fen=860_000, rigid_fen=0)
    households, persons = read()
    (row,) = rules.evaluate_population("dibao", households, persons, NIGHT).rows(named=True)
    with acting_as(people.county):
        page = portrait.household_page(people.county, zhang.household.pk)
    told = page["assessment"]["assessment"]
    assert row["problem"] is None and row["dibao_amount"] == told.amount_fen and told.persons == row["dibao_persons"] == 3


def test_a_scope_that_is_narrower_reads_no_more(people: Cast, zhang: Family) -> None:
    for who, count in ((Service("x", COUNTY), 1), (people.township, 1), (people.neighbour, 0)):
        with acting_as(who):
            assert read_facts(LOW, HIGH, NIGHT)[0].height == count
