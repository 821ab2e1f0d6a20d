"""A silly scheme for the kernel's tests: a tennis club that pays poor players for their balls."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from minzheng.data.brain import rules
from minzheng.data.brain.rules import catalogue, scheme
from minzheng.data.brain.rules.explain import Condition, Explanation, Outcome, Part, Reading
from minzheng.data.brain.rules.text import yuan
from minzheng.data.brain.rules.vocabulary import Formulas, Household, add_up, rate

HERE = Path(__file__).parent
formulas = Formulas()


@formulas.whole(Household, "零花钱", since="2020-01-01")
def club_money(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("wage_fen", period))


@formulas.whole(Household, "球钱", since="2020-01-01")
def club_balls(household: Any, period: Any, parameters: Any) -> Any:
    price = rate(household, period, parameters, "club.ball_price")
    return (household("club_money", period) < rate(household, period, parameters, "club.poor_line")) * price


@formulas.whole(Household, "球钱", since="2024-03-15")
def club_balls(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula of the same name)
    price = rate(household, period, parameters, "club.ball_price")
    return (household("club_money", period) < rate(household, period, parameters, "club.poor_line")) * price * 2


@formulas.whole(Household, "结论", since="2020-01-01")
def club_result(household: Any, period: Any, parameters: Any) -> Any:
    return household("club_balls", period) > 0


def explain(reading: Reading) -> Explanation:
    amount = reading.number("club_balls")
    price = reading.parameter("club.ball_price")
    money = yuan(reading.number("club_money"))
    outcome: Outcome = "ok" if amount else "no"
    condition = Condition("money", "钱少", money, "球友", outcome, "章程第一条", price.version, price.sample)
    return Explanation("balls" if amount else "none", "发球" if amount else "不发", amount > 0,
                       f"每月给 {yuan(amount)} 买球", (Part("球", amount, 1),), (condition,), 1)


def register() -> scheme.Scheme:
    if "club" in scheme._schemes:
        return scheme.scheme("club")
    catalogue.load(HERE / "club.yaml")
    club = rules.Scheme(
        code="club", title="网球会", version="1", since=dt.date(2020, 1, 1), variables=formulas.variables,
        parameters=("club.ball_price", "club.poor_line"), needs_member=("wage_fen", "birth_date"), needs_household=(),
        amount="club_balls", result="club_result", results=("club_money",), explain=explain,
        formulas=HERE / "club.py", seal=HERE / "club.yaml",
    )
    rules.register(club)
    return club
