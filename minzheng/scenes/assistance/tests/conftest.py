"""A household in the registry whose application the tests follow."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest

from minzheng.base import clock
from minzheng.base.crypto import blind_index
from minzheng.data.population.identifiers import cast_id
from minzheng.data.registry.models import Household, HouseholdMember, Person
from minzheng.scenes.assistance.apply import HouseholdApplication, MemberAnswers
from minzheng.testing import as_owner
from minzheng.testing.cast import VILLAGE

_serial = itertools.cycle(range(910, 1000))


@dataclass
class Family:
    """People of one household, the head first, with their numbers in clear for typing into forms."""

    household: Household
    people: list[Person] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    @property
    def head(self) -> Person:
        return self.people[0]


def make_person(name: str, birth: str, sex: int, *, village: str = VILLAGE, **more: Any) -> tuple[Person, str]:
    number = cast_id(birth, next(n for n in _serial if n % 2 == sex % 2))
    person = Person.objects.create(
        jurisdiction=village, id_number=number, id_index=blind_index("id_number", number), name=name, name_pinyin=name,
        sex=sex, birth_date=dt.date(int(birth[:4]), int(birth[4:6]), int(birth[6:])), phone="16000000001",
        bank_name="示例银行", bank_account="9900000000000018", updated_at=clock.now(), **more)
    return person, number


def make_family(*rows: tuple[str, str, int, str], village: str = VILLAGE, number: str = "1") -> Family:
    """rows: name, birth YYYYMMDD, sex, relation to the head."""
    with as_owner():
        household = Household.objects.create(jurisdiction=village, number=f"测试{number}", registration="城镇",
                                             founded_on=dt.date(2015, 1, 1))
        family = Family(household)
        for name, birth, sex, relation in rows:
            person, id_number = make_person(name, birth, sex, village=village)
            HouseholdMember.objects.create(household_id=household.pk, person_id=person.pk, jurisdiction=village,
                                           relation=relation, valid_from=dt.date(2015, 1, 1))
            family.people.append(person)
            family.numbers.append(id_number)
    return family


@pytest.fixture
def zhang(db: None) -> Family:
    return make_family(("张建国", "19700312", 1, "户主"), ("李秀英", "19720825", 2, "妻"), ("张悦", "20120516", 2, "女"))


def application_for(family: Family, *, wage_fen: int = 180_000, key: str = "k1", **more: Any) -> HouseholdApplication:
    """Three people, one wage: 600 yuan a head unless told otherwise."""
    relations = ["本人", "配偶", "子女", "父母"]
    members = [MemberAnswers(p.pk, relations[n], declared={"wage_fen": wage_fen if n == 0 else 0}, signed=True)
               for n, p in enumerate(family.people)]
    values: dict[str, Any] = {
        "channel": "window", "members": members, "payee": family.head.pk, "phone": "16000000001", "cause": "illness",
        "household": {"financial_fen": 860_000, "vehicles": 0, "houses": 1}, "key": key}
    return HouseholdApplication(**{**values, **more})
