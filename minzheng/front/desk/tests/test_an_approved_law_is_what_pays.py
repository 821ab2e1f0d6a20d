"""A policy draft becomes law and the benefit in payment follows it: next month is paid by it, past months are 补发."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.data.brain import rules
from minzheng.data.brain.desk import drafting, recomputing
from minzheng.front.desk.tests.case_kit import closed, officer
from minzheng.office.benefits.due import due_of
from minzheng.office.benefits.models import Entitlement, EntitlementAmount, Review
from minzheng.office.benefits.months import add_months
from minzheng.scenes.assistance import uprating
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, run_jobs
from minzheng.testing.cast import CITY, COUNTY

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
DOCUMENT = "苏民助〔2027〕1号"


def become_law(people: Cast, value: int, since: dt.date) -> None:
    with acting_as(people.city):
        row = drafting.do_create(drafting.Content("调标", "z320500", since, values={"dibao.standard": value},
                                                  document=DOCUMENT, reason="年度调标"), by=people.city)
        drafting.do_send(row.code, by=people.city)
    other = officer("city_officer", CITY, f"苏州钱进{value}")
    with acting_as(other):
        drafting.do_approve(row.code, by=other, opinion="同意")


@pytest.fixture
def paid(people: Cast, zhang: Family, own_store: Any, monkeypatch: pytest.MonkeyPatch) -> Entitlement:
    """张建国's household, confirmed; its first month is due."""
    closed(people, zhang, monkeypatch)
    with as_worker(), connection.cursor() as cursor:  # departments are not asked here
        cursor.execute("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
    with as_owner():
        return Entitlement.objects.get()


def due(row: Entitlement, month: dt.date) -> int:
    with as_owner():
        return due_of(row.pk, row.scheme, row.jurisdiction, month)


def order(people: Cast, month: dt.date) -> None:
    with acting_as(people.approver):
        uprating.do_order("dibao", month, DOCUMENT, by=people.approver)
    assert run_jobs() >= 1


def test_next_months_run_pays_by_the_approved_draft(people: Cast, paid: Entitlement) -> None:
    month = add_months(paid.start_month, 1)
    before = due(paid, month)
    law = rules.value("dibao.standard", "z320583", month)
    become_law(people, law + 10_000, month)
    order(people, month)
    assert due(paid, month) >= before + 10_000 * paid.persons
    assert due(paid, paid.start_month) == before
    order(people, month)  # the same order again changes nothing
    with as_owner():
        assert EntitlementAmount.objects.filter(entitlement=paid).count() == 2


def test_a_fall_is_not_written_but_goes_to_a_review(people: Cast, paid: Entitlement) -> None:
    month = add_months(paid.start_month, 1)
    before = due(paid, month)
    become_law(people, rules.value("dibao.standard", "z320583", month) - 5_000, month)
    order(people, month)
    assert due(paid, month) == before
    with as_owner():
        review = Review.objects.get(entitlement=paid)
        assert "听取意见" in review.detail and not review.holds


def test_a_retroactive_law_is_shown_as_a_difference_and_pays_only_by_order(
        people: Cast, paid: Entitlement, monkeypatch: pytest.MonkeyPatch) -> None:
    month = paid.start_month
    before, known = due(paid, month), clock.today()
    later = dt.datetime.combine(add_months(month, 2), dt.time(4), dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(clock, "today", lambda: later.date())
    become_law(people, rules.value("dibao.standard", "z320583", month) + 10_000, month)
    with acting_as(people.approver):
        again = recomputing.do_recompute_case(paid.case_code, month, None, by=people.approver)
        then = recomputing.do_recompute_case(paid.case_code, month, known, by=people.approver)
    assert again.then.amount_fen == then.then.amount_fen == before
    assert again.difference_fen > 0 and [one.name for one in again.changed] == ["低保标准"]
    assert due(paid, month) == before
    order(people, month)
    assert due(paid, month) == before + again.difference_fen


def test_the_neighbour_neither_orders_here_nor_recomputes_the_case(people: Cast, paid: Entitlement) -> None:
    month = add_months(paid.start_month, 1)
    with acting_as(people.neighbour):
        with pytest.raises(Refused):
            recomputing.do_recompute_case(paid.case_code, paid.start_month, None, by=people.neighbour)
        uprating.do_order("dibao", month, DOCUMENT, by=people.neighbour)
    run_jobs()
    with as_owner():
        assert EntitlementAmount.objects.filter(jurisdiction__gte=COUNTY).count() == 1


def test_an_order_without_basis_or_by_another_post_is_refused(people: Cast, paid: Entitlement) -> None:
    month = add_months(paid.start_month, 1)
    with acting_as(people.approver), pytest.raises(Refused, match="文号"):
        uprating.do_order("dibao", month, " ", by=people.approver)
    with acting_as(people.county), pytest.raises(NotAllowed):
        uprating.do_order("dibao", month, DOCUMENT, by=people.county)
    assert run_jobs() == 0
