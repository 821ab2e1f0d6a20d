from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.errors import NotAllowed, Refused
from minzheng.office.benefits import budgets
from minzheng.office.benefits.models import SOURCES, BudgetLine, BudgetMove, FundingShare
from minzheng.office.benefits.tests.kit import COUNTY, NEIGHBOUR, TEAPOT, TODAY, counts, set_day, set_shares
from minzheng.testing import Cast, acting_as, as_owner

SHARES = st.lists(st.integers(0, 10000), min_size=3, max_size=3).map(sorted).map(
    lambda cut: dict(zip((s for s, _ in SOURCES), (cut[0], cut[1] - cut[0], cut[2] - cut[1], 10000 - cut[2]), strict=True)))


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def move(kind: str, fen: int, ref: str, **by_source: int) -> bool:
    return budgets.move(kind, year=2026, scheme=TEAPOT, county=COUNTY, by_source=by_source or {"county": fen}, ref=ref)


def state() -> tuple[int, int, int]:
    return BudgetLine.objects.values_list("amount_fen", "reserved_fen", "spent_fen").get(source="county")


@given(st.integers(1, 10**12), SHARES)
def test_a_split_loses_no_fen_and_gives_nothing_to_a_source_without_share(fen: int, shares: dict[str, int]) -> None:
    parts = budgets.split(fen, shares)
    assert sum(parts.values()) == fen and min(parts.values()) >= 0
    assert all(parts[source] == 0 for source, share in shares.items() if share == 0)


def test_a_reservation_beyond_the_line_is_refused_and_moves_nothing(people: Cast) -> None:
    with acting_as(people.finance):
        move("appropriate", 1000, "a")
        move("reserve", 900, "r1")
        with pytest.raises(Refused, match=r"可用 1\.00 元.*差 0\.01 元"):
            move("reserve", 101, "r2")
        assert state() == (1000, 900, 0)
        assert set(BudgetMove.objects.values_list("ref", flat=True)) == {"a", "r1"}


def test_all_sources_move_or_none(people: Cast) -> None:
    with acting_as(people.finance):
        move("appropriate", 1000, "a", central=1000, county=10)
        with pytest.raises(Refused, match="县预算"):
            move("reserve", 0, "r", central=500, county=11)
        assert set(BudgetLine.objects.values_list("source", "reserved_fen")) == {("central", 0), ("county", 0)}


def test_the_same_reference_moves_once(people: Cast) -> None:
    with acting_as(people.finance):
        assert move("appropriate", 1000, "a") and not move("appropriate", 1000, "a")
        assert state() == (1000, 0, 0)
        with pytest.raises(Refused, match=r"不能再用于 9\.99 元"):
            move("appropriate", 999, "a")
        assert state() == (1000, 0, 0)


def test_the_database_itself_refuses_an_overdrawn_line(people: Cast) -> None:
    with acting_as(people.finance):
        move("appropriate", 1000, "a")
    with as_owner(), pytest.raises(IntegrityError, match="budget_not_overdrawn"), transaction.atomic():
        BudgetLine.objects.update(reserved_fen=1001)
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        BudgetMove.objects.update(fen=2)


def test_shares_must_be_whole_and_are_set_once_a_month(people: Cast) -> None:
    set_shares(people)
    with acting_as(people.finance):
        for shares in ({"central": 5000}, {"central": 10001, "county": -1}, {"moon": 10000}):
            with pytest.raises(Refused, match="100%"):
                budgets.do_set_shares(TEAPOT, COUNTY, from_month=dt.date(2027, 1, 1), shares=shares, reason="x",
                                      by=people.finance)
        with pytest.raises(Refused, match="已经登记"):
            budgets.do_set_shares(TEAPOT, COUNTY, from_month=dt.date(2026, 1, 1), shares={"county": 10000}, reason="x",
                                  by=people.finance)
        with pytest.raises(Refused, match="没有生效的资金分担比例"):
            budgets.shares_in_force(TEAPOT, COUNTY, dt.date(2025, 12, 1))
        assert FundingShare.objects.count() == 4


def test_the_database_refuses_shares_that_are_not_whole(people: Cast) -> None:
    with acting_as(people.finance):
        with pytest.raises(IntegrityError, match="10000"), transaction.atomic():
            FundingShare.objects.create(scheme=TEAPOT, jurisdiction=COUNTY, from_month=dt.date(2027, 1, 1),
                                        source="city", basis_points=5)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_only_the_countys_money_posts_set_shares(people: Cast) -> None:
    before = counts("benefits_fundingshare")
    for officer in people.officers():
        if officer.role in budgets.FINANCE_ROLES:
            continue
        with acting_as(officer), pytest.raises(NotAllowed):
            budgets.do_set_shares(TEAPOT, COUNTY, from_month=dt.date(2026, 1, 1), shares={"county": 10000}, reason="x",
                                  by=officer)
    with acting_as(people.finance), pytest.raises(NotAllowed):
        budgets.do_set_shares(TEAPOT, NEIGHBOUR, from_month=dt.date(2026, 1, 1), shares={"county": 10000}, reason="x",
                              by=people.finance)
    assert counts("benefits_fundingshare") == before
