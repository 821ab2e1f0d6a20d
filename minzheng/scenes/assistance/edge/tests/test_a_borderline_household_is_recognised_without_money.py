from __future__ import annotations

import datetime as dt
import re

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotFound, Refused
from minzheng.office.archive.actions import build_package
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
BETWEEN = 400_000  # of three people: above the standard, below one and a half of it


def confirmed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> str:
    code = carrying.applied(people, family, "edge", wage_fen=BETWEEN)
    carrying.surveyed(people, code)
    carrying.published(people, code, monkeypatch)
    carrying.confirmed(people, code)
    return code


def test_the_household_is_recognised_and_nothing_is_paid(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    with acting_as(people.approver):
        decision, row = Decision.objects.get(), Recognition.objects.get()
        assert (decision.kind, decision.amount_fen, decision.from_month) == ("confirm", None, None)
        assert "认定为最低生活保障边缘家庭" in decision.terms and "不发放救助金" in decision.terms
        assert (row.kind, row.persons, row.valid_to) == ("edge", 3, None)
        assert row.review_due == clock.today() + relativedelta(months=12)
        assert not Entitlement.objects.exists()
        assert Publicity.objects.get(kind="case").amount_fen == 0
    carrying.served(people, code)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"
        assert not Publicity.objects.filter(kind="list").exists()
    with acting_as(people.approver):
        assert build_package(code, by=people.approver)


def test_the_whole_case_has_thirty_working_days_and_forty_five_when_extended(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = carrying.applied(people, zhang, "edge", wage_fen=BETWEEN)
    carrying.surveyed(people, code)
    carrying.published(people, code, monkeypatch)
    with acting_as(people.approver):
        total = flow.clock_of(code, "total")
        assert total is not None and (total.limit_amount, total.limit_unit) == (30, "workday")
    carrying.act(people.approver, code, "county_review", "extend", "房产在外省,需要协查")
    with acting_as(people.approver):
        assert flow.clock_of(code, "total").limit_amount == 45  # type: ignore[union-attr]
    before = state()
    with pytest.raises(Refused, match="不能再次延长"):
        carrying.act(people.approver, code, "county_review", "extend", "再延长一次")
    assert state() == before


@pytest.mark.parametrize("wage_fen", [180_000, 900_000])
def test_who_is_poorer_or_richer_is_not_agreed_to(people: Cast, zhang: Family, wage_fen: int) -> None:
    code = carrying.applied(people, zhang, "edge", wage_fen=wage_fen)
    carrying.surveyed(people, code)
    before = state()
    with pytest.raises(Refused, match="不符合条件"):
        carrying.act(people.reviewer, code, "town_review", "agree")
    assert state() == before


def test_who_is_paid_already_is_refused_by_the_register_itself(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import reviewed

    paid = reviewed(people, zhang)
    carrying.published_out(paid, monkeypatch)
    carrying.confirmed(people, paid)
    code = carrying.applied(people, zhang, "edge", wage_fen=BETWEEN, key="k2")
    carrying.surveyed(people, code)
    carrying.published(people, code, monkeypatch)
    before = state()
    with pytest.raises(Refused, match="已被认定为低保或特困对象"):
        carrying.confirmed(people, code)
    assert state() == before


def test_the_neighbour_county_reaches_neither_case_nor_recognition(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    for by in (people.neighbour, people.neighbour_clerk):
        with acting_as(by):
            assert not Recognition.objects.exists()
            with pytest.raises(NotFound):
                get_case_for(by, code)


def test_a_second_click_opens_one_case(people: Cast, zhang: Family) -> None:
    first = carrying.applied(people, zhang, "edge", wage_fen=BETWEEN)
    before = state()
    assert carrying.applied(people, zhang, "edge", wage_fen=BETWEEN) == first
    assert state() == before


def test_the_window_page_asks_for_no_payee(people: Cast, zhang: Family, client: Client) -> None:
    from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import filled

    sign_in(client, people.clerk)
    found = client.post("/desk/assistance/edge/new", {"step": "find", "id_number": zhang.numbers[0]})
    assert found.status_code == 200 and "领款人" not in found.content.decode()
    post = {k: v for k, v in filled(zhang).items() if k != "payee"} | {"m-0-wage_fen": "4000"}
    page = client.post("/desk/assistance/edge/new", post)
    code = re.search(r"受理号 <b>(\d{19})", page.content.decode()).group(1)  # type: ignore[union-attr]
    text = client.get(f"/desk/cases/{code}/").content.decode()
    assert "规则核对与测算" in text and "低保边缘" in text and "领款人" not in text


def test_the_citizen_applies_and_reads_the_decision(
        people: Cast, zhang: Family, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    sign_in(client, carrying.own(people, zhang))
    page = client.get(f"/my/cases/{code}/").content.decode()
    assert "认定为最低生活保障边缘家庭" in page and "每月" not in page.split("办理过程")[0].split("决定:")[1].split("</section>")[0]
    assert client.get("/my/assistance/edge/").status_code == 200


def test_an_application_of_the_dead_is_refused(people: Cast, zhang: Family) -> None:
    with as_owner():
        zhang.people[1].death_date = dt.date(2026, 1, 1)
        zhang.people[1].save(update_fields=["death_date"])
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="已登记死亡"):
        do_apply(application_for(zhang, matter="edge"), by=people.clerk)
    assert state() == before
