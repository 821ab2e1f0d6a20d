"""The kernel's engine on a silly scheme: dates, bounds, unknown values, populations."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl
import pytest

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts, MemberFacts, RuleCannotEvaluate, engine, seal
from minzheng.data.brain.tests import club

club.register()
ON = dt.date(2025, 5, 20)
SAID = dt.date(2025, 5, 1)


def player(wage: Any = 1_000, born: dt.date = dt.date(1990, 1, 1)) -> MemberFacts:
    return MemberFacts(key="1", name="甲", wage_fen=Fact(wage, "球友", SAID), birth_date=Fact(born, "球友", SAID))


def home(*members: MemberFacts) -> HouseholdFacts:
    return HouseholdFacts(members=members)


def test_the_formula_of_the_day_is_used_to_the_day() -> None:
    before = rules.evaluate("club", home(player()), dt.date(2024, 3, 14), "z320102")
    after = rules.evaluate("club", home(player()), dt.date(2024, 3, 15), "z320102")
    assert (before.amount_fen, after.amount_fen) == (500, 1000)


def test_the_benefit_month_chooses_what_follows_it_and_the_decision_day_the_rest() -> None:
    may = rules.evaluate("club", home(player()), dt.date(2022, 6, 20), "z320583")
    july = rules.evaluate("club", home(player()), dt.date(2022, 6, 20), "z320583", month=dt.date(2022, 7, 1))
    assert (may.amount_fen, july.amount_fen) == (500, 700)
    assert july.on == dt.date(2022, 6, 20)


def test_the_day_before_the_first_formula_is_refused_and_not_zero() -> None:
    with pytest.raises(RuleCannotEvaluate, match="只从 2020-01-01 起登记"):
        rules.evaluate("club", home(player()), dt.date(2019, 12, 31), "z320583")


def test_a_gap_in_parameters_refuses_the_evaluation() -> None:
    with pytest.raises(RuleCannotEvaluate, match="没有取值"):
        rules.evaluate("club", home(player()), dt.date(2023, 7, 15), "z320583", month=dt.date(2023, 7, 1))


@pytest.mark.parametrize(("wage", "reason"), [
    (2_147_483_648, "超出可以受理的范围"), (2**70, "超出可以受理的范围"), (-1, "超出可以受理的范围"),
    (10.5, "金额须为整数分"), ("1000", "金额须为整数分"), (True, "金额须为整数分"),
])
def test_an_amount_out_of_range_or_not_whole_fen_is_refused(wage: Any, reason: str) -> None:
    with pytest.raises(RuleCannotEvaluate, match=reason):
        rules.evaluate("club", home(player(wage)), ON, "z320583")


def test_sums_of_large_amounts_do_not_wrap_at_32_bits() -> None:
    result = rules.evaluate("club", home(*[player(2_147_483_647)] * 5), ON, "z320583")
    assert result.conditions[0].value == "107,374,182.35 元"


def test_an_unknown_fact_is_refused_by_name_and_never_read_as_zero() -> None:
    unknown = dataclasses.replace(player(), wage_fen=None)
    with pytest.raises(RuleCannotEvaluate, match="缺少:甲的工资性收入"):
        rules.evaluate("club", home(unknown), ON, "z320583")


def test_a_birth_in_the_future_is_refused() -> None:
    with pytest.raises(RuleCannotEvaluate, match="“出生日期”晚于测算日期"):
        rules.evaluate("club", home(player(born=dt.date(2025, 5, 21))), ON, "z320583")


def test_a_household_without_members_an_unknown_scheme_and_a_month_in_its_middle_are_refused() -> None:
    with pytest.raises(RuleCannotEvaluate, match="没有成员"):
        rules.evaluate("club", home(), ON, "z320583")
    with pytest.raises(RuleCannotEvaluate, match="没有登记代码为“golf”的测算规则"):
        rules.evaluate("golf", home(player()), ON, "z320583")
    with pytest.raises(RuleCannotEvaluate, match="当月 1 日"):
        rules.evaluate("club", home(player()), ON, "z320583", month=dt.date(2025, 5, 2))


def test_an_explanation_that_does_not_add_up_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = club.register()
    lying = dataclasses.replace(scheme, explain=lambda reading: dataclasses.replace(club.explain(reading), parts=()))
    monkeypatch.setattr("minzheng.data.brain.rules.explain.scheme", lambda code: lying)
    with pytest.raises(RuleCannotEvaluate, match="与说明的算式不一致"):
        rules.evaluate("club", home(player()), ON, "z320583")


def test_a_result_that_rests_on_a_sample_says_so() -> None:
    assert rules.evaluate("club", home(player()), ON, "z320583").sample
    assert not rules.evaluate("club", home(player()), ON, "z320102").sample


def test_the_version_changes_with_a_parameter_and_with_nothing_else() -> None:
    poor, rich = (rules.evaluate("club", home(player(wage)), ON, "z320583").version for wage in (1, 99_999))
    assert poor == rich != rules.evaluate("club", home(player()), ON, "z320102").version


def frames() -> tuple[pl.DataFrame, pl.DataFrame]:
    households = pl.DataFrame({"household_id": ["a", "b", "c", "d", "e"],
                               "zone": ["z320102", "z320583", "z320999", "z320102", "z320102"]})
    persons = pl.DataFrame({
        "household_id": ["b", "a", "a", "c", "e"],
        "wage_fen": [1, 2, 3, 4, None],
        "birth_date": [dt.date(1990, 1, 1)] * 5,
    })
    return households, persons


def test_a_population_keeps_its_order_and_gives_each_refused_row_its_reason() -> None:
    result = rules.evaluate_population("club", *frames(), ON, chunk=2)
    assert result["household_id"].to_list() == ["a", "b", "c", "d", "e"]
    assert result["club_balls"].to_list() == [1000, 1600, None, None, None]
    assert result["club_money"].to_list() == [5, 1, None, None, None]
    assert result["problem"].to_list()[:2] == [None, None]
    for text, said in zip(("地区", "没有成员", "缺少“工资性收入”"), result["problem"].to_list()[2:], strict=True):
        assert text in said


def test_progress_is_told_by_the_chunk() -> None:
    heard: list[int] = []
    rules.evaluate_population("club", *frames(), ON, chunk=2, progress=heard.append)
    assert heard == [2, 4, 5]


@pytest.mark.parametrize(("change", "reason"), [
    (lambda h, p: (pl.concat([h, h]), p), "家庭编号有重复"),
    (lambda h, p: (h, p.with_columns(household_id=pl.lit("zz"))), "5 人不属于任何所给家庭"),
    (lambda h, p: (h, p.with_columns(pl.col("wage_fen").cast(pl.Float64))), "不是整数"),
    (lambda h, p: (h, p.drop("wage_fen")), "没有“工资性收入”一列"),
    (lambda h, p: (h.head(0), p.head(0)), "没有可以测算的家庭"),
])
def test_a_malformed_population_is_refused_whole(change: Any, reason: str) -> None:
    with pytest.raises(RuleCannotEvaluate, match=reason):
        rules.evaluate_population("club", *change(*frames()), ON)


def test_a_scheme_code_is_taken_once() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        rules.register(dataclasses.replace(club.register()))


def test_formulas_without_a_seal_or_with_another_text_are_found(tmp_path) -> None:  # type: ignore[no-untyped-def]
    scheme = club.register()
    assert "has 0 entries" in (seal.trouble(scheme) or "")
    sealed = tmp_path / "seal.yaml"
    row = f"{{scheme: club, version: '1', sha256: {seal.digest(scheme)}}}"
    sealed.write_text(f"formulas:\n  - {row}\n", encoding="utf-8")
    assert seal.trouble(dataclasses.replace(scheme, seal=sealed)) is None
    other = tmp_path / "other.py"
    other.write_bytes(scheme.formulas.read_bytes() + b"# changed\n")
    assert "have changed" in (seal.trouble(dataclasses.replace(scheme, seal=sealed, formulas=other)) or "")


def test_the_most_fen_is_what_32_bits_hold() -> None:
    assert engine.MOST_FEN == 2**31 - 1
