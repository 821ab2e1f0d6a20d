"""People for the registry's tests: fixed numbers of the synthetic cast, written by the owner in the test's
transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from minzheng.base.identity.officer import Officer
from minzheng.data.population.cast import person as cast_person
from minzheng.data.registry import NewPerson, Person, Source, do_open_household, do_register_person
from minzheng.testing import Cast, acting_as

VILLAGE, OTHER_VILLAGE = "320583100001", "320583100002"
POLICE = Source("公安", "户籍信息", dt.date(2026, 9, 1))


def new(key: str, village: str = VILLAGE, **more: object) -> NewPerson:
    known = cast_person(key)
    return NewPerson(id_number=known.id_number, name=known.name, jurisdiction=village, **more)  # type: ignore[arg-type]


def foreign(people: Cast) -> Officer:
    """A clerk of the neighbouring county, whose role may change the registry of that county."""
    return replace(people.neighbour, role="county_clerk")


@pytest.fixture
def zhang(people: Cast) -> Iterator[Person]:
    """张建国, head of a household of two with 李秀英, registered by the county's clerk."""
    with acting_as(people.county):
        head = do_register_person(
            new("zhang_jianguo", phone="16000000001", bank_account="990000000000000003"), POLICE, by=people.county
        )
        wife = do_register_person(new("li_xiuying"), POLICE, by=people.county)
        do_open_household(
            [(head.pk, "户主"), (wife.pk, "妻")],
            jurisdiction=VILLAGE,
            on=dt.date(2010, 1, 1),
            by=people.county,
            reason="测试立户",
            number="T0001",
        )
    yield head


@pytest.fixture
def wife(zhang: Person, people: Cast) -> Person:
    with acting_as(people.county):
        return Person.objects.get(name="李秀英")
