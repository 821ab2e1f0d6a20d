"""价格临时补贴 formulas, version 2026.1 (社会救助法 art. 32): a month's supplement when price indices pass their triggers.

Each holder of a basic benefit gets the month's 低保 standard times the rise of the low-income price index, rounded up to
a fen. Indices are parameters of the benefit month in permille; a month without an index is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.facts import ChildBenefit, Held
from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person, add_up, ceil_div, rate

VERSION = "2026.1"
SINCE = "2021-07-01"
rules = Formulas()
HELD = [Held.DIBAO, Held.SINGLE, Held.TEKUN]


@rules.flag(Person, "补贴对象", since=SINCE)
def price_holder(person: Any, period: Any, parameters: Any) -> Any:
    held = person("held", period)
    edge = (held == Held.EDGE) & (rate(person, period, parameters, "price.edge_included") == 1)
    return np.isin(held, HELD) | (person("child_benefit", period) != ChildBenefit.NONE) | edge


@rules.flag(Household, "达到启动条件", since=SINCE)
def price_triggered(household: Any, period: Any, parameters: Any) -> Any:
    def reached(name: str) -> Any:
        return (rate(household, period, parameters, f"price.index.{name}")
                >= rate(household, period, parameters, f"price.trigger.{name}"))

    return (reached("consumer") | reached("food")) & np.ones(household.count, dtype=np.bool_)


@rules.whole(Household, "每人补贴", since=SINCE)
def price_each(household: Any, period: Any, parameters: Any) -> Any:
    rise = rate(household, period, parameters, "price.index.low_income")
    amount = ceil_div(rate(household, period, parameters, "dibao.standard") * rise, 1000)
    return np.where(household("price_triggered", period), amount, 0)


@rules.whole(Household, "补贴人数", since=SINCE)
def price_persons(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("price_holder", period))


@rules.whole(Household, "当月价格临时补贴", since=SINCE)
def price_amount(household: Any, period: Any, parameters: Any) -> Any:
    return household("price_each", period) * household("price_persons", period)


@rules.whole(Household, "结论", since=SINCE)
def price_kind(household: Any, period: Any, parameters: Any) -> Any:
    return (household("price_amount", period) > 0).astype(np.int64)
