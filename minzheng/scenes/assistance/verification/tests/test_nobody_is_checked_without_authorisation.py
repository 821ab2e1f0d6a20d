from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.scenes.assistance.verification import Person, Signature, do_authorise, do_request_check
from minzheng.scenes.assistance.verification.models import Authorisation, SourceAnswer, VerificationRequest
from minzheng.scenes.assistance.verification.tests.conftest import (
    CASE,
    CHILD,
    FATHER,
    HOUSEHOLD,
    MOTHER,
    SIGNED,
    Desk,
    signatures,
)
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import NEIGHBOUR_TOWNSHIP, TOWNSHIP

GRANDFATHER = Person(13, "张老四", "329900195001010013", dt.date(1950, 1, 1), "父母", incapable=True)


def counts() -> tuple[int, int, int]:
    with as_owner():
        return (Authorisation.objects.count(), VerificationRequest.objects.count(), SourceAnswer.objects.count())


@pytest.mark.parametrize("signed, who", [
    (signatures()[:2], "张小明"),
    (signatures()[::2], "李秀英"),
    ([*signatures()[:2], Signature(12, CHILD.name, SIGNED)], "监护人"),
    ([*signatures()[:2], Signature(12, CHILD.name, SIGNED, capacity="guardian")], "监护人"),
    ([signatures()[0], Signature(11, FATHER.name, SIGNED, capacity="guardian"), signatures()[2]], "须由本人"),
    ([signatures()[0], Signature(11, FATHER.name, SIGNED), signatures()[2]], "须由本人"),
    ([*signatures(), signatures()[0]], "登记了两次"),
    ([*signatures(), Signature(99, "王五", SIGNED)], "不属于这个家庭"),
    ([signatures()[0], Signature(11, MOTHER.name, dt.date(2999, 1, 1)), signatures()[2]], "将来"),
    ([signatures()[0], Signature(11, MOTHER.name, SIGNED, method="phone"), signatures()[2]], "签名方式"),
    ([], "还没有签署"),
])  # fmt: skip
def test_a_form_that_is_not_signed_by_everybody_is_refused(desk: Desk, signed: list[Signature], who: str) -> None:
    with acting_as(desk.people.clerk), pytest.raises(Refused, match=who):
        do_authorise(by=desk.people.clerk, case_code=CASE, jurisdiction=TOWNSHIP, people=HOUSEHOLD, signatures=signed)
    assert counts() == (0, 0, 0)


def test_the_guardian_signs_for_an_adult_without_capacity(desk: Desk) -> None:
    signed = [*signatures(), Signature(13, FATHER.name, SIGNED, capacity="guardian")]
    with acting_as(desk.people.clerk):
        form = do_authorise(by=desk.people.clerk, case_code=CASE, jurisdiction=TOWNSHIP,
                            people=(*HOUSEHOLD, GRANDFATHER), signatures=signed)
        assert form.people.count() == 4


def test_a_citizen_authorises_for_the_own_household_only(desk: Desk) -> None:
    citizen, other = desk.people.citizen, desk.people.other_citizen
    with acting_as(citizen):
        form = do_authorise(by=citizen, case_code=CASE, jurisdiction=TOWNSHIP, people=HOUSEHOLD,
                            signatures=[replace(s, method="electronic") for s in signatures()])
        assert form.people.count() == 3
    with acting_as(other):
        assert not Authorisation.objects.exists()
        with pytest.raises(NotAllowed):
            do_authorise(by=other, case_code="X", jurisdiction=TOWNSHIP, people=HOUSEHOLD, signatures=signatures())


def request(desk: Desk, **changed: Any) -> VerificationRequest:
    values = {"by": desk.people.county, "case_code": CASE, "jurisdiction": TOWNSHIP, "people": HOUSEHOLD} | changed
    with acting_as(values["by"]):
        return do_request_check(**values)


def test_without_a_valid_authorisation_no_request_is_made_and_nothing_is_sent(desk: Desk) -> None:
    before = desk.asked()
    with pytest.raises(Refused, match="还没有登记"):
        request(desk, authorisation="")
    with pytest.raises(NotFound):
        request(desk, authorisation="nothing")
    number = desk.authorise()
    with pytest.raises(Refused, match="张老四没有签署"):
        request(desk, authorisation=number, people=(*HOUSEHOLD, GRANDFATHER))
    with pytest.raises(Refused, match="不是这个办件"):
        request(desk, authorisation=number, case_code="another")
    with pytest.raises(Refused, match="业务编号"):
        request(desk, authorisation=number, case_code=" ")
    with as_owner():
        Authorisation.objects.update(ends=dt.date(2020, 1, 1))
    with pytest.raises(Refused, match="有效期"):
        request(desk, authorisation=number)
    assert counts() == (1, 0, 0) and desk.asked() == before


def test_a_second_request_while_one_is_open_is_refused(desk: Desk) -> None:
    number = desk.request().authorisation.number
    with pytest.raises(Refused, match="正在核对"):
        request(desk, authorisation=number)
    assert counts()[1] == 1


def test_neither_the_neighbour_nor_a_wrong_role_can_request(desk: Desk) -> None:
    number, before = desk.authorise(), desk.asked()
    for who in (desk.people.neighbour, desk.people.neighbour_clerk, desk.people.finance, desk.people.village,
                desk.people.system_admin):
        with pytest.raises(NotAllowed):
            request(desk, by=who, authorisation=number)
    with pytest.raises(NotFound):
        request(desk, by=desk.people.neighbour, authorisation=number, jurisdiction=NEIGHBOUR_TOWNSHIP)
    assert counts() == (1, 0, 0) and desk.asked() == before
