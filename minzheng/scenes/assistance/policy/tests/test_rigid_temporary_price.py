"""刚性支出困难家庭, 临时救助, 价格临时补贴: lines, ceilings, dates."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Assessment, ChildBenefit, Emergency, Held, HouseholdFacts, Relation
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.scenes.assistance.policy.tests.families import (
    KUNSHAN,
    ON,
    STANDARD,
    fact,
    family,
    member,
    wide_families,
)


def assess(code: str, home: HouseholdFacts, on: dt.date = ON, month: dt.date | None = None) -> Assessment:
    return rules.evaluate(code, home, on, KUNSHAN, month=month)


def couple(spent: int = 4_000_000, income: int = 4_800_000, **facts: object) -> HouseholdFacts:
    return family(member(wage_fen=400_000, medical_year_fen=spent), member("李四", Relation.SPOUSE),
                  income_year_fen=income, **facts)


def test_expenses_beyond_the_ratio_are_recognised_and_pay_nothing() -> None:
    result = assess("rigid", couple())
    assert (result.result, result.amount_fen, result.covered) == ("rigid", 0, ("张三", "李四"))
    assert assess("rigid", couple(spent=2_880_001)).result == "rigid"
    assert assess("rigid", couple(spent=2_880_000)).result == "none"


def test_income_per_head_must_be_below_last_years_disposable_income() -> None:
    assert assess("rigid", couple(spent=99_000_000, income=11_599_999)).result == "rigid"
    assert assess("rigid", couple(spent=99_000_000, income=11_600_000)).result == "none"


@pytest.mark.parametrize("held", [Held.DIBAO, Held.SINGLE, Held.EDGE])
def test_who_holds_a_nearer_recognition_is_not_recognised(held: Held) -> None:
    home = couple()
    holding = dataclasses.replace(home.members[1], held=fact(held))
    result = assess("rigid", dataclasses.replace(home, members=(home.members[0], holding)))
    assert result.result == "none"
    assert next(c for c in result.conditions if c.code == "held").outcome == "no"


def test_a_poorer_household_belongs_to_dibao_unless_its_property_keeps_it_out() -> None:
    poor = family(member(medical_year_fen=5_000_000), income_year_fen=0)
    assert assess("rigid", poor).result == "none"
    assert assess("rigid", dataclasses.replace(poor, vehicles=fact(1))).result == "rigid"


def test_before_2025_it_was_the_provinces_expense_household() -> None:
    old = assess("rigid", couple(), dt.date(2024, 12, 31))
    assert (old.result_title, old.result) == ("支出型困难家庭", "rigid")
    assert "支出型" in old.sentence
    line = 109_500 * 2 * 12
    assert assess("rigid", couple(spent=1, income=line + 1), dt.date(2024, 5, 1)).result == "none"
    assert assess("rigid", couple(spent=2, income=line + 1), dt.date(2024, 5, 1)).result == "rigid"


def test_the_year_is_asked_only_of_those_whom_it_decides() -> None:
    rich = family(member(wage_fen=2_000_000))
    assert assess("rigid", rich).result == "none"
    with pytest.raises(RuleCannotEvaluate, match="缺少:前十二个月家庭总收入"):
        assess("rigid", family(member(wage_fen=300_000)))


@pytest.mark.parametrize(("asked", "result", "amount"), [
    (1, "instant", 1), (STANDARD, "instant", STANDARD), (STANDARD + 1, "emergency", STANDARD + 1),
    (12 * STANDARD, "emergency", 12 * STANDARD), (12 * STANDARD + 1, "emergency", 12 * STANDARD),
])
def test_small_sums_are_instant_and_larger_ones_are_bounded(asked: int, result: str, amount: int) -> None:
    home = family(member(), member("李四", Relation.SPOUSE), emergency=Emergency.ILLNESS, asked_fen=asked)
    found = assess("temporary", home)
    assert (found.result, found.amount_fen) == (result, amount)
    assert any(c.code == "meeting" for c in found.conditions) == (asked > 12 * STANDARD)


def test_there_was_no_instant_relief_before_2026() -> None:
    home = family(member(), emergency=Emergency.ACCIDENT, asked_fen=50_000)
    assert assess("temporary", home, dt.date(2026, 1, 31)).result == "emergency"
    assert assess("temporary", home, dt.date(2026, 2, 1)).result == "instant"


def test_the_countys_meeting_lifts_the_ceiling() -> None:
    home = family(member(), emergency=Emergency.ACCIDENT, asked_fen=5_000_000)
    before = assess("temporary", home)
    assert (before.amount_fen, before.needs_manual) == (6 * STANDARD, True)
    after = assess("temporary", dataclasses.replace(home, meeting_fen=fact(2_000_000)))
    assert (after.amount_fen, after.needs_manual) == (2_000_000, False)
    assert assess("temporary", dataclasses.replace(home, meeting_fen=fact(9_000_000))).amount_fen == 24 * STANDARD


def test_the_year_has_a_ceiling() -> None:
    home = family(member(), emergency=Emergency.OTHER, asked_fen=STANDARD)
    assert assess("temporary", dataclasses.replace(home, temporary_year_fen=fact(12 * STANDARD - 5))).amount_fen == 5
    spent = assess("temporary", dataclasses.replace(home, temporary_year_fen=fact(12 * STANDARD)))
    assert (spent.result, spent.eligible) == ("none", False)
    assert "本年度累计" in spent.sentence


def test_expenses_are_helped_only_for_recognised_households_and_not_beyond_them() -> None:
    def home(held: Held, spent: int | None = 70_000) -> HouseholdFacts:
        facts = {} if spent is None else {"medical_year_fen": spent}
        return family(member(held=held, **facts), asked_fen=100_000)

    assert assess("temporary", home(Held.RIGID)).amount_fen == 70_000
    assert assess("temporary", home(Held.EDGE)).result == "expenditure"
    assert assess("temporary", home(Held.NONE)).result == "none"


def test_an_emergency_without_a_sum_is_refused_with_a_sentence() -> None:
    with pytest.raises(RuleCannotEvaluate, match="没有登记申请的救助金额"):
        assess("temporary", family(member(), emergency=Emergency.OTHER))


SEPTEMBER = dt.date(2026, 9, 1)


def test_the_price_supplement_is_paid_to_holders_in_months_that_reach_a_trigger() -> None:
    home = family(member(held=Held.DIBAO), member("李四", Relation.SPOUSE, held=Held.EDGE),
                  member("小李", Relation.CHILD, dt.date(2018, 1, 1), child_benefit=ChildBenefit.DE_FACTO))
    result = assess("price", home, month=SEPTEMBER)
    assert result.amount_fen == 2 * 4_510
    assert result.covered == ("张三", "小李")
    assert assess("price", home, month=dt.date(2026, 10, 1)).result == "none"
    assert assess("price", family(member()), month=SEPTEMBER).result == "none"


@settings(max_examples=100, deadline=None)
@given(wide_families(), st.integers(1, 3_000_000))
def test_temporary_relief_is_whole_bounded_and_grows_with_what_is_asked(home: HouseholdFacts, more: int) -> None:
    result = assess("temporary", home)
    asked = home.asked_fen.value  # type: ignore[union-attr]
    assert 0 <= result.amount_fen <= asked
    assert result.eligible == (result.amount_fen > 0)
    larger = assess("temporary", dataclasses.replace(home, asked_fen=fact(asked + more)))
    assert larger.amount_fen >= result.amount_fen


@settings(max_examples=100, deadline=None)
@given(wide_families(), st.integers(1, 5_000_000))
def test_more_income_never_opens_the_rigid_recognition(home: HouseholdFacts, more: int) -> None:
    year = home.income_year_fen.value  # type: ignore[union-attr]
    richer = dataclasses.replace(home, income_year_fen=fact(year + more))
    try:
        before, after = assess("rigid", home), assess("rigid", richer)
    except RuleCannotEvaluate as refusal:
        assert "没有可以计入" in refusal.reason
        return
    assert (after.result, before.result) != ("rigid", "none")
    assert before.amount_fen == after.amount_fen == 0
