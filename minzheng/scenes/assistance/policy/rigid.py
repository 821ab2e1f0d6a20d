"""刚性支出困难家庭 formulas, version 2026.1: 《刚性支出困难家庭认定办法》 since 2025, the province's 支出型困难家庭 before.

A recognition, no money. Choices where the text is silent:
- a household whose income is below the borderline and whose property is within the rules belongs to 低保 or 低保边缘;
  one that only its property keeps out of them may be recognised.
- income and expenses are the twelve months' sums of the counted members; ratios compare totals, nothing is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.facts import Held
from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person, add_up, rate

VERSION = "2026.1"
OLD = "2023-03-01"
GX = "2025-01-01"
rules = Formulas()
EXPENSES = ("living_year_fen", "medical_year_fen", "education_year_fen", "rehab_year_fen", "other_rigid_year_fen")
HELD = [Held.DIBAO, Held.SINGLE, Held.EDGE]


@rules.flag(Household, "已是低保、单人保或低保边缘", since=OLD)
def rigid_holder(household: Any, period: Any, parameters: Any) -> Any:
    holds = np.isin(household.members("held", period), HELD) & household.members("dibao_counted", period)
    return household.any(holds)


@rules.flag(Household, "应按低保或低保边缘办理", since=OLD)
def rigid_poorer(household: Any, period: Any, parameters: Any) -> Any:
    property_fits = ~(household("dibao_rich", period) | household("dibao_vehicles", period)
                      | household("dibao_houses", period))
    return (household("dibao_kind", period) > 0) & property_fits


@rules.flag(Household, "收支情况决定结论", since=OLD)
def rigid_open(household: Any, period: Any, parameters: Any) -> Any:
    return (household("dibao_persons", period) > 0) & ~household("rigid_holder", period) & ~household(
        "rigid_poorer", period)


@rules.flag(Household, "收支情况决定结论", since=GX)
def rigid_open(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """A household whose monthly income already exceeds the limit need not tell its year."""
    limit = rate(household, period, parameters, "rigid.disposable") * household("dibao_persons", period)
    return (~household("rigid_holder", period) & ~household("rigid_poorer", period)
            & (household("dibao_total", period) * 12 < limit))


@rules.flag(Person, "其支出决定结论", since=OLD)
def rigid_asked(person: Any, period: Any, parameters: Any) -> Any:
    return person.household("rigid_open", period) & person("dibao_counted", period)


@rules.whole(Person, "前十二个月刚性支出", since=OLD)
def rigid_expense(person: Any, period: Any, parameters: Any) -> Any:
    spent = sum(person(name, period) for name in EXPENSES)
    return np.where(person("dibao_counted", period), spent, 0)


@rules.whole(Household, "家庭前十二个月刚性支出", since=OLD)
def rigid_spent(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("rigid_expense", period))


@rules.flag(Household, "收入在上限内", since=OLD)
def rigid_income(household: Any, period: Any, parameters: Any) -> Any:
    """Before 2025: income less expenses below the standard."""
    line = rate(household, period, parameters, "dibao.standard") * household("dibao_persons", period) * 12
    return household("income_year_fen", period) - household("rigid_spent", period) < line


@rules.flag(Household, "收入在上限内", since=GX)
def rigid_income(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """Per-capita income below last year's disposable income per head (art. 4)."""
    limit = rate(household, period, parameters, "rigid.disposable") * household("dibao_persons", period)
    return household("income_year_fen", period) < limit


@rules.flag(Household, "刚性支出占比超过规定", since=OLD)
def rigid_ratio(household: Any, period: Any, parameters: Any) -> Any:
    """Before 2025 any rigid expense counts; the income test takes it off."""
    return household("rigid_spent", period) > 0


@rules.flag(Household, "刚性支出占比超过规定", since=GX)
def rigid_ratio(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    percent = rate(household, period, parameters, "rigid.percent")
    return household("rigid_spent", period) * 100 > household("income_year_fen", period) * percent


@rules.whole(Household, "结论", since=OLD)
def rigid_kind(household: Any, period: Any, parameters: Any) -> Any:
    fits = household("rigid_open", period) & household("rigid_income", period) & household("rigid_ratio", period)
    return fits.astype(np.int64)


@rules.whole(Household, "保障金", since=OLD)
def rigid_amount(household: Any, period: Any, parameters: Any) -> Any:
    return np.zeros_like(household("rigid_kind", period))
