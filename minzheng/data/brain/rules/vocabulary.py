"""OpenFisca's side of the vocabulary: entities, input variables made from the terms, and helpers for formulas.

Variables are defined by the day, since a formula or parameter may change on any day. Amounts are held in 64 bits:
OpenFisca's own `int` is 32 bits wide and would wrap silently when two large amounts are added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term

Ints = NDArray[np.int64]
Formula = Callable[[Any, Any, Any], Any]
Person = build_entity(key="person", plural="persons", label="人", is_person=True)
Household = build_entity(key="household", plural="households", label="家庭", roles=[{"key": "member"}])


class Whole(Variable):  # type: ignore[misc]
    """A whole number (fen, persons, a code) in 64 bits, by the day."""

    def __init__(self, baseline_variable: Any = None) -> None:
        super().__init__(baseline_variable)
        self.dtype = np.dtype(np.int64)


def _variable(name: str, value_type: type, entity: Any, label: str, formulas: dict[str, Any]) -> type[Variable]:
    base = Variable if value_type is bool else Whole
    said = {"value_type": value_type, "entity": entity, "definition_period": DateUnit.DAY, "label": label}
    return type(name, (base,), said | formulas)


def _input(name: str, term: Term, entity: Any) -> type[Variable]:
    return _variable(name, bool if term.kind is Kind.FLAG else int, entity, term.title, {})


INPUTS: list[type[Variable]] = [
    *(_input(name, term, Person) for name, term in MEMBER_TERMS.items()),
    *(_input(name, term, Household) for name, term in HOUSEHOLD_TERMS.items()),
    _variable("zone", int, Household, "适用地区编码", {}),
]


class Formulas:
    """Collects a scheme's variables. A function's name is the variable's; the same name with a later `since` (the first
    day on which it holds) is a later formula of the same variable, so the law's history stays in place."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[type, Any, str, dict[str, Any]]] = {}

    def whole(self, entity: Any, label: str, *, since: str) -> Callable[[Formula], Formula]:
        """A whole number: fen, persons, a code."""
        return self._adder(int, entity, label, since)

    def flag(self, entity: Any, label: str, *, since: str) -> Callable[[Formula], Formula]:
        return self._adder(bool, entity, label, since)

    @property
    def variables(self) -> tuple[type[Variable], ...]:
        return tuple(_variable(name, *said) for name, said in self._found.items())

    def _adder(self, value_type: type, entity: Any, label: str, since: str) -> Callable[[Formula], Formula]:
        dated = "formula_" + dt.date.fromisoformat(since).strftime("%Y_%m_%d")

        def add(formula: Formula) -> Formula:
            said = self._found.setdefault(formula.__name__, (value_type, entity, label, {}))
            if dated in said[3] or said[:2] != (value_type, entity):
                raise ValueError(f"{formula.__name__} has two formulas since {since}, or has changed its kind")
            said[3][dated] = formula
            return formula

        return add


def rate(population: Any, period: Any, parameters: Any, parameter: str) -> Any:
    """The parameter's value for each household of `population` (or each person's household), as whole numbers."""
    node = parameters(period)
    for part in parameter.split("."):
        node = node[part]
    values = {int(key[1:]): node[key] for key in node}
    if len(set(values.values())) == 1:
        return np.int64(next(iter(values.values())))
    known = sorted(values)
    return np.array([values[code] for code in known], dtype=np.int64)[_places(population, period, known)]


def _places(population: Any, period: Any, known: list[int]) -> Any:
    """The place of each row's zone among the run's zones: the same for all parameters, so found once a population."""
    found = getattr(population, "zone_places", None)
    if found is None:
        household = population if population.entity.key == "household" else population.household
        found = population.zone_places = np.searchsorted(np.array(known, dtype=np.int64), household("zone", period))
    return found


def age(person: Any, period: Any) -> Ints:
    """Full years on the day of calculation; birth dates are numbers like 20010228."""
    on = period.start
    return (on.year * 10_000 + on.month * 100 + on.day - person("birth_date", period)) // 10_000  # type: ignore[no-any-return]


def add_up(household: Any, amounts: Any) -> Ints:
    """The household's sum of an amount of its members; bincount adds in float64, exact for whole fen below 2^53."""
    total = household.sum(amounts)
    if total.size and np.abs(total).max() >= 2**53:
        raise OverflowError("a household sum is beyond 2^53")
    return total.astype(np.int64)  # type: ignore[no-any-return]


def ceil_div(amount: Any, divisor: int) -> Any:
    return -(-amount // divisor)
