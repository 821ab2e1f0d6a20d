"""成年无业重度残疾人 may apply as a household of one (民发〔2022〕83 号), although the family earns more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minzheng.scenes.assistance import assess
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for, make_family
from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import URL, filled
from minzheng.testing import Cast, acting_as, as_owner, sign_in

ABOVE = 900_000  # of two people: well above one and a half of the standard


@pytest.fixture
def wang(db: None) -> Family:
    family = make_family(("王大山", "19900312", 1, "户主"), ("王立", "19620825", 1, "父"), number="alone")
    with as_owner():
        family.head.disability_class, family.head.disability_grade = 4, 1
        family.head.save()
    return family


def assessed(people: Cast, family: Family, *, alone: bool, key: str) -> Any:
    application = application_for(family, wage_fen=0, key=key)
    application.members[0].declared["applies_alone"] = alone
    application.members[1].declared["wage_fen"] = ABOVE
    with acting_as(people.clerk):
        return assess.assess(do_apply(application, by=people.clerk))


def test_the_family_income_does_not_stand_in_the_way(people: Cast, wang: Family) -> None:
    found = assessed(people, wang, alone=True, key="alone")
    assert found.eligible and found.covered == (str(wang.head.pk),)


def test_without_the_wish_the_household_is_judged_together(people: Cast, wang: Family) -> None:
    assert not assessed(people, wang, alone=False, key="together").eligible


def test_the_window_asks_only_of_whom_it_concerns(people: Cast, wang: Family, client: Client) -> None:
    page = sign_in(client, people.clerk).post(URL, {"step": "find", "id_number": wang.numbers[0]}).content.decode()
    assert 'name="m-0-applies_alone"' in page and 'name="m-1-applies_alone"' not in page
    done = client.post(URL, filled(wang) | {"m-0-applies_alone": "on", "m-0-wage_fen": ""})
    code = done.content.decode().partition("受理号 <b>")[2][:19]
    assert "以单人户申请" in client.get(f"/desk/cases/{code}/").content.decode()
