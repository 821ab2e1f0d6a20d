"""低保边缘家庭 as a scheme of its own: the same conclusion that the 低保 formulas reach, for those who apply for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person
from minzheng.scenes.assistance.policy.dibao import EDGE, SINGLE

VERSION = "2026.1"
P57 = "2021-07-01"
P83 = "2023-01-01"
rules = Formulas()


@rules.flag(Household, "低保边缘家庭", since=P57)
def edge_fits(household: Any, period: Any, parameters: Any) -> Any:
    """单人保 is for members of such a family, so the others are recognised beside it."""
    kind = household("dibao_kind", period)
    return (kind == EDGE) | (kind == SINGLE)


@rules.flag(Household, "低保边缘家庭", since=P83)
def edge_fits(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """Who applies apart from a family above the borderline does not make the family a borderline one."""
    kind = household("dibao_kind", period)
    return (kind == EDGE) | ((kind == SINGLE) & household("dibao_borderline", period))


@rules.flag(Person, "认定为低保边缘成员", since=P57)
def edge_member(person: Any, period: Any, parameters: Any) -> Any:
    apart = (person.household("dibao_kind", period) == SINGLE) & (person("dibao_alone", period) > 0)
    return person.household("edge_fits", period) & person("dibao_counted", period) & ~apart


@rules.whole(Household, "结论", since=P57)
def edge_kind(household: Any, period: Any, parameters: Any) -> Any:
    return household.any(household.members("edge_member", period)).astype(np.int64)


@rules.whole(Household, "保障金", since=P57)
def edge_amount(household: Any, period: Any, parameters: Any) -> Any:
    return np.zeros_like(household("edge_kind", period))
