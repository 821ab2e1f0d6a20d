from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance.recognitions.models import Recognition, RecognitionMember
from minzheng.scenes.assistance.recognitions.queries import in_force
from minzheng.scenes.assistance.rigid.models import BillCheck
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
WAGE = 600_000  # 2,000 a head of three: above the borderline, below what people of the city have
YEAR = WAGE * 12


def year(family: Family, *, medical_fen: int = 5_000_000, income_fen: int = YEAR) -> dict[str, Any]:
    found: dict[str, Any] = {"income_year_fen": income_fen, "living_year_fen": 1_000_000, "other_rigid_year_fen": 0}
    for place, person in enumerate(family.people):
        found |= {f"medical_year_fen_{person.pk}": medical_fen if place == 0 else 0,
                  f"education_year_fen_{person.pk}": 0, f"rehab_year_fen_{person.pk}": 0}
    return found


def bills(family: Family, **changed: int) -> dict[str, Any]:
    return {**year(family), "until": clock.today(), "bills": 12, "note": "医保结算单十二张,金额相符", **changed}


def applied(people: Cast, family: Family, **more: Any) -> str:
    return carrying.applied(people, family, "rigid", wage_fen=WAGE, extra=year(family), **more)


def confirmed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> str:
    code = applied(people, family)
    carrying.surveyed(people, code)
    carrying.act(people.clerk, code, "bills", "done", data=bills(family))
    carrying.published(people, code, monkeypatch)
    carrying.confirmed(people, code)
    return code


def test_the_household_is_recognised_for_twelve_months_and_then_it_runs_out(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    last = clock.today() + relativedelta(months=12, days=-1)
    with acting_as(people.approver):
        decision, row = Decision.objects.get(), Recognition.objects.get()
        assert decision.amount_fen is None
        assert "刚性支出困难家庭" in decision.terms and f"至{last.year}年{last.month}月{last.day}日" in decision.terms
        assert (row.kind, row.valid_to) == ("rigid", last)
        assert not Entitlement.objects.exists()
        assert in_force(last).exists() and not in_force(last + dt.timedelta(1)).exists()
        assert {m.during.upper for m in RecognitionMember.objects.all()} == {last + dt.timedelta(1)}
    carrying.served(people, code)


def test_the_township_counts_what_the_bills_prove(people: Cast, zhang: Family) -> None:
    """Six thousand of fifty are proven: the share falls below the law's."""
    code = applied(people, zhang)
    carrying.surveyed(people, code)
    proven = {f"medical_year_fen_{zhang.head.pk}": 600_000}
    carrying.act(people.clerk, code, "bills", "done", data=bills(zhang, **proven))
    before = state()
    with pytest.raises(Refused, match="不符合条件"):
        carrying.act(people.reviewer, code, "town_review", "agree")
    assert state() == before


@pytest.mark.parametrize(("changed", "why"), [
    ({"living_year_fen": 1_000_001}, "不能多于申报"), ({"bills": 0}, "要有票据")])
def test_bills_that_prove_nothing_or_too_much_are_refused(
        people: Cast, zhang: Family, changed: dict[str, int], why: str) -> None:
    code = applied(people, zhang)
    carrying.surveyed(people, code)
    before = state()
    with pytest.raises(Refused, match=why):
        carrying.act(people.clerk, code, "bills", "done", data=bills(zhang, **changed))
    assert state() == before


def test_nobody_else_checks_the_bills(people: Cast, zhang: Family) -> None:
    code = applied(people, zhang)
    carrying.surveyed(people, code)
    before = state()
    for by in (people.neighbour_clerk, people.village, people.reviewer, people.approver):
        with pytest.raises((NotAllowed, NotFound)):
            carrying.act(by, code, "bills", "done", data=bills(zhang))
    assert state() == before
    with acting_as(people.neighbour):
        assert not BillCheck.objects.exists()


def test_the_decision_waits_for_check_visit_and_bills(people: Cast, zhang: Family) -> None:
    code = applied(people, zhang)
    carrying.surveyed(people, code)
    assert carrying.open_keys(people, code) == {"bills"}
    with acting_as(people.clerk):
        total = flow.clock_of(code, "total")
        assert total is not None and (total.limit_amount, total.limit_unit) == (30, "workday")


def test_the_window_asks_for_the_year_and_the_page_compares_it_with_the_bills(
        people: Cast, zhang: Family, client: Client) -> None:
    from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import filled

    sign_in(client, people.clerk)
    post = filled(zhang) | {"m-0-wage_fen": "6000"}
    before = state()
    page = client.post("/desk/assistance/rigid/new", post)
    assert page.status_code == 422 and "请填写总收入" in page.content.decode()
    assert state() == before
    post |= {"x-income_year_fen": "72000", "x-living_year_fen": "10000", f"x-medical_year_fen_{zhang.head.pk}": "50000"}
    assert client.post("/desk/assistance/rigid/new", post).status_code == 200
    with acting_as(people.clerk):
        code = Case.objects.get().code
    text = client.get(f"/desk/cases/{code}/").content.decode()
    assert "前 12 个月收入与刚性支出" in text and "50,000.00" in text and "待核实" in text
    sign_in(client, carrying.own(people, zhang))
    assert "前 12 个月家庭总收入" in client.get("/my/assistance/rigid/").content.decode()


def test_a_second_click_opens_one_case(people: Cast, zhang: Family) -> None:
    first = applied(people, zhang)
    before = state()
    assert applied(people, zhang) == first
    assert state() == before
