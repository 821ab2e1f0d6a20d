"""临时救助 formulas, version 2026.1: 急难型 and 支出型 (民发〔2018〕23号), 小额快救 since 2026.

Amounts are whole fen, paid once. Choices where the text is silent:
- the ceiling of 小额快救 is one month of the standard for the household, which holds under both readings of the text;
- 急难型 and 支出型 are bounded by months of the standard for each member, and by what the year has left;
- more than the ceiling of 急难型 only as the county's meeting has fixed it (`meeting_fen`), to a ceiling of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.facts import Emergency, Held
from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person, add_up, rate
from minzheng.scenes.assistance.policy.rigid import EXPENSES

VERSION = "2026.1"
LS18 = "2021-07-01"
LS26 = "2026-02-01"
rules = Formulas()
NONE, INSTANT, EMERGENCY, EXPENDITURE = 0, 1, 2, 3
RECOGNISED = [Held.EDGE, Held.RIGID]


def _months(household: Any, period: Any, parameters: Any, name: str) -> Any:
    return (rate(household, period, parameters, f"temporary.{name}.months")
            * rate(household, period, parameters, "dibao.standard"))


@rules.whole(Household, "救助人数", since=LS18)
def temporary_persons(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("household_member", period))


@rules.flag(Household, "突发急难", since=LS18)
def temporary_urgent(household: Any, period: Any, parameters: Any) -> Any:
    return household("emergency", period) != Emergency.NONE


@rules.flag(Household, "已认定的刚性支出困难或低保边缘家庭", since=LS18)
def temporary_recognised(household: Any, period: Any, parameters: Any) -> Any:
    holds = np.isin(household.members("held", period), RECOGNISED) & household.members("household_member", period)
    return household.any(holds)


@rules.flag(Household, "支出情况决定金额", since=LS18)
def temporary_open(household: Any, period: Any, parameters: Any) -> Any:
    return (~household("temporary_urgent", period) & household("temporary_recognised", period)
            & (household("asked_fen", period) > 0))


@rules.flag(Person, "其支出决定金额", since=LS18)
def temporary_asked(person: Any, period: Any, parameters: Any) -> Any:
    return person.household("temporary_open", period) & person("household_member", period)


@rules.whole(Household, "前十二个月刚性支出", since=LS18)
def temporary_spent(household: Any, period: Any, parameters: Any) -> Any:
    spent = sum(household.members(name, period) for name in EXPENSES)
    return add_up(household, np.where(household.members("household_member", period), spent, 0))


@rules.whole(Household, "小额快救最高额", since=LS26)
def temporary_instant_cap(household: Any, period: Any, parameters: Any) -> Any:
    """Nothing before 2026."""
    return _months(household, period, parameters, "instant")


@rules.whole(Household, "本年度剩余额度", since=LS18)
def temporary_left(household: Any, period: Any, parameters: Any) -> Any:
    most = _months(household, period, parameters, "year") * household("temporary_persons", period)
    return np.maximum(most - household("temporary_year_fen", period), 0)


@rules.whole(Household, "救助类型", since=LS18)
def temporary_type(household: Any, period: Any, parameters: Any) -> Any:
    """What the application is, before amounts."""
    small = household("asked_fen", period) <= household("temporary_instant_cap", period)
    urgent = household("temporary_urgent", period)
    return np.select([urgent & small, urgent, household("temporary_open", period)],
                     [INSTANT, EMERGENCY, EXPENDITURE], NONE)


@rules.whole(Household, "一般最高额", since=LS18)
def temporary_cap(household: Any, period: Any, parameters: Any) -> Any:
    """The ceiling of the type without a county meeting."""
    persons, kind = household("temporary_persons", period), household("temporary_type", period)
    spent = np.minimum(_months(household, period, parameters, "expenditure") * persons,
                       household("temporary_spent", period))
    return np.select(
        [kind == INSTANT, kind == EMERGENCY, kind == EXPENDITURE],
        [household("temporary_instant_cap", period), _months(household, period, parameters, "emergency") * persons,
         spent], 0)


@rules.flag(Household, "需县级一事一议", since=LS18)
def temporary_meeting(household: Any, period: Any, parameters: Any) -> Any:
    """The case needs more than the ordinary ceiling of 急难型."""
    urgent = household("temporary_type", period) == EMERGENCY
    return urgent & (household("asked_fen", period) > household("temporary_cap", period))


@rules.whole(Household, "临时救助金", since=LS18)
def temporary_amount(household: Any, period: Any, parameters: Any) -> Any:
    persons, asked = household("temporary_persons", period), household("asked_fen", period)
    fixed = household("meeting_fen", period)
    most = np.where(
        household("temporary_meeting", period) & (fixed > 0),
        np.minimum(fixed, _months(household, period, parameters, "meeting") * persons),
        np.minimum(household("temporary_cap", period), household("temporary_left", period)))
    return np.minimum(asked, most)


@rules.whole(Household, "结论", since=LS18)
def temporary_kind(household: Any, period: Any, parameters: Any) -> Any:
    return np.where(household("temporary_amount", period) > 0, household("temporary_type", period), NONE)


@rules.flag(Household, "有急难而无金额", since=LS18)
def temporary_unasked(household: Any, period: Any, parameters: Any) -> Any:
    return household("temporary_urgent", period) & (household("asked_fen", period) == 0)


@rules.flag(Household, "没有可救助的成员", since=LS18)
def temporary_nobody(household: Any, period: Any, parameters: Any) -> Any:
    return household("temporary_persons", period) == 0
