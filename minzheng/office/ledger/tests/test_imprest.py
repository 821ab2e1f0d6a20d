"""备用金: advanced, paid, accounted for. Never negative; what came in is there, was paid, or is expense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.benefits.schemes import Scheme, register_scheme
from minzheng.office.benefits.tests.kit import COUNTY, counts
from minzheng.office.ledger import imprest
from minzheng.office.ledger.books import balances
from minzheng.office.ledger.chart import EXPENSE, IMPREST
from minzheng.office.ledger.models import ImprestFund, ImprestMove
from minzheng.office.ledger.tests.kit import assert_proved, fund
from minzheng.testing import Cast, acting_as
from minzheng.testing.cast import TOWNSHIP

SPILL = "SPILL"
register_scheme(Scheme(SPILL, "打翻救助", once=True))
TABLES = ("ledger_imprestfund", "ledger_imprestmove", "ledger_imprestsettlement", "ledger_entry", "benefits_budgetmove")


def opened(people: Cast, ceiling: int = 500_000, top: int = 300_000) -> ImprestFund:
    fund(people, scheme=SPILL)
    with acting_as(people.finance):
        row = imprest.do_open_fund(TOWNSHIP, SPILL, ceiling_fen=ceiling, reason="年度备用金", by=people.finance)
    return topped(people, row, top, "D1") if top else row


def topped(people: Cast, row: ImprestFund, fen: int, document: str) -> ImprestFund:
    with acting_as(people.cashier):
        return imprest.do_top_up(row.number, fen=fen, document=document, by=people.cashier)


def pay(people: Cast, fen: int, ref: str = "p1", by: Any = None) -> ImprestMove:
    who = by or people.clerk
    with acting_as(who):
        return imprest.do_pay(TOWNSHIP, SPILL, fen=fen, ref=ref, case_code="C1", receiver="茶小壶", method="cash", note="", by=who)


def balance(people: Cast) -> int:
    with acting_as(people.clerk):
        return ImprestFund.objects.get().balance_fen


def test_money_is_advanced_paid_and_accounted_for(people: Cast) -> None:
    row = opened(people)
    pay(people, 80_000)
    with acting_as(people.clerk):
        with pytest.raises(Refused, match="手续"):
            imprest.do_submit_settlement(row.number, by=people.clerk)
        imprest.do_papers_are_there("p1")
        made = imprest.do_submit_settlement(row.number, by=people.clerk)
    assert_proved(people)
    with acting_as(people.finance):
        imprest.do_answer_settlement(made.number, approve=True, answer="", by=people.finance)
        book = balances(COUNTY, SPILL)
    assert (balance(people), book[IMPREST], book[EXPENSE]) == (220_000, 220_000, 80_000)
    assert_proved(people)


def test_the_same_document_and_the_same_payment_count_once(people: Cast) -> None:
    row = opened(people)
    topped(people, row, 300_000, "D1")
    pay(people, 1_000)
    pay(people, 1_000)
    assert balance(people) == 299_000


def test_it_cannot_be_overdrawn_nor_filled_above_its_ceiling(people: Cast) -> None:
    row = opened(people)
    before = counts(*TABLES)
    with pytest.raises(Refused, match="余额"):
        pay(people, 300_001)
    with pytest.raises(Refused, match="最多还能拨"):
        topped(people, row, 200_001, "D2")
    assert counts(*TABLES) == before
    assert balance(people) == 300_000


def test_a_top_up_needs_budget(people: Cast) -> None:
    row = opened(people, top=0, ceiling=90_000_000)
    before = counts(*TABLES)
    with pytest.raises(Refused, match="预算"):
        topped(people, row, 80_000_000, "D9")
    assert counts(*TABLES) == before


def test_a_payment_that_came_back_returns_once_and_not_after_settlement(people: Cast) -> None:
    row = opened(people)
    pay(people, 50_000)
    pay(people, 20_000, "p2")
    with acting_as(people.clerk):
        for _ in range(2):
            imprest.do_give_back("p1", note="本人未领取", by=people.clerk)
        imprest.do_papers_are_there("p2")
        imprest.do_submit_settlement(row.number, by=people.clerk)
        with pytest.raises(Refused, match="报账"):
            imprest.do_give_back("p2", note="退回", by=people.clerk)
    assert balance(people) == 280_000
    assert_proved(people)


@pytest.mark.parametrize("who", ["village", "county", "cashier", "neighbour_clerk", "approver"])
def test_only_the_township_pays_from_its_own_fund(people: Cast, who: str) -> None:
    opened(people)
    before = counts(*TABLES)
    with pytest.raises(NotAllowed):
        pay(people, 100, by=getattr(people, who))
    assert counts(*TABLES) == before


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk"])
def test_the_neighbour_does_not_see_it(people: Cast, who: str) -> None:
    row = opened(people)
    by = getattr(people, who)
    with acting_as(by), pytest.raises(NotFound):
        imprest.fund_for(row.number)


def test_who_submits_does_not_approve_and_a_returned_one_comes_again(people: Cast) -> None:
    row = opened(people)
    pay(people, 10_000)
    with acting_as(people.clerk):
        imprest.do_papers_are_there("p1")
        made = imprest.do_submit_settlement(row.number, by=people.clerk)
    with acting_as(people.clerk), pytest.raises(NotAllowed):
        imprest.do_answer_settlement(made.number, approve=True, answer="", by=people.clerk)
    with acting_as(people.finance):
        imprest.do_answer_settlement(made.number, approve=False, answer="缺签收照片", by=people.finance)
        with pytest.raises(Refused):
            imprest.do_answer_settlement(made.number, approve=True, answer="", by=people.finance)
    with acting_as(people.clerk):
        assert imprest.do_submit_settlement(row.number, by=people.clerk).fen == 10_000
    assert_proved(people)


STEPS = st.lists(st.tuples(st.sampled_from(["top", "pay", "back", "papers", "submit", "approve", "return"]),
                           st.integers(1, 200_000), st.integers(0, 5)), max_size=14)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_conserves_money_and_never_goes_below_zero(people: Cast, steps: list[tuple[str, int, int]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        row = opened(people, top=0)
        for number, (what, fen, which) in enumerate(steps):
            try:
                with transaction.atomic():
                    _step(people, row, what, fen, which, number)
            except (Refused, NotFound):
                pass
            with acting_as(people.county):
                now = ImprestFund.objects.get()
                moves = ImprestMove.objects.all()
                total = sum(m.fen if m.kind != "pay" else -m.fen for m in moves)
                assert now.balance_fen == total >= 0
        assert_proved(people)
        transaction.set_rollback(True)


def _step(people: Cast, row: ImprestFund, what: str, fen: int, which: int, number: int) -> None:
    if what == "top":
        topped(people, row, fen, f"D{number}")
    elif what == "pay":
        pay(people, fen, f"r{which}")
    elif what in ("back", "papers"):
        with acting_as(people.clerk):
            imprest.do_give_back(f"r{which}", note="退回", by=people.clerk) if what == "back" \
                else imprest.do_papers_are_there(f"r{which}")
    elif what == "submit":
        with acting_as(people.clerk):
            imprest.do_submit_settlement(row.number, by=people.clerk)
    else:
        with acting_as(people.finance):
            open_one = row.settlements.filter(state="submitted").first()
            if open_one:
                imprest.do_answer_settlement(open_one.number, approve=what == "approve", answer="看过", by=people.finance)
