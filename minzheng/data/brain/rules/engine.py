"""Evaluates a scheme for any number of households at once. One household is a population of one."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfisca_core.errors import ParameterNotFoundError
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, Instant, Period
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from minzheng.data.brain.rules import catalogue, vocabulary, zones
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term
from minzheng.data.brain.rules.parameters import Applied, Book
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import Scheme
from minzheng.data.brain.rules.text import yuan

MOST_FEN = 2_147_483_647
Column = NDArray[Any]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """A population: `zone` numbers by household, `member_of` (position of the household) by member, values by name.

    Dates are numbers such as 20010228. `unknown_…` mark values that are missing.
    """

    zone: NDArray[np.int64]
    household: dict[str, Column]
    member_of: NDArray[np.int64]
    member: dict[str, Column]
    unknown_household: dict[str, Mask] = field(default_factory=dict)
    unknown_member: dict[str, Mask] = field(default_factory=dict)

    def only(self, kept: Mask) -> Columns:
        """The households that `kept` marks, with their members, renumbered."""
        if kept.all():
            return self
        members = kept[self.member_of]
        number = np.cumsum(kept) - 1
        return Columns(
            self.zone[kept], {name: column[kept] for name, column in self.household.items()},
            number[self.member_of[members]], {name: column[members] for name, column in self.member.items()},
            {name: mask[kept] for name, mask in self.unknown_household.items()},
            {name: mask[members] for name, mask in self.unknown_member.items()},
        )


def applied(scheme: Scheme, zone: str, on: dt.date, month: dt.date, book: Book) -> dict[str, Applied]:
    """Each parameter of the scheme in a zone, read on the decision's day or the benefit month's as it is defined."""
    if on < scheme.since:
        first = scheme.since.isoformat()
        raise RuleCannotEvaluate(f"“{scheme.title}”的测算规则只从 {first} 起登记,不能测算更早的日期。")
    found = {}
    for parameter in scheme.parameters:
        definition = catalogue.definition(parameter)
        follows_month = definition is not None and definition.follows == "benefit_month"
        found[parameter] = book.lookup(parameter, zone, month if follows_month else on)
    return found


def problems(scheme: Scheme, columns: Columns, on: dt.date, month: dt.date, book: Book) -> Iterator[tuple[Mask, str]]:
    """Households that must not enter, with the reason: unknown, out of range, future, empty, without parameters."""
    count = len(columns.zone)
    yield np.bincount(columns.member_of, minlength=count) == 0, "家庭没有成员,请先登记家庭成员。"
    for name in scheme.needs_household:
        unknown = columns.unknown_household.get(name)
        yield from _column(scheme, name, HOUSEHOLD_TERMS[name], columns.household[name], unknown, on)
    for name in scheme.needs_member:
        unknown = columns.unknown_member.get(name)
        for mask, reason in _column(scheme, name, MEMBER_TERMS[name], columns.member[name], unknown, on):
            yield _households(columns, mask), reason
    for number in np.unique(columns.zone):
        try:
            applied(scheme, zones.by_number(int(number)).key, on, month, book)
        except RuleCannotEvaluate as refusal:
            yield columns.zone == number, refusal.reason


def lacking(scheme: Scheme, columns: Columns, run: Run) -> Iterator[tuple[str, Mask, Mask]]:
    """Facts that turned out to be needed and are unknown: the fact, whom it lacks (members for a member's fact, else
    households), and their households."""
    for name, flag in scheme.needs_if.items():
        member = name in scheme.needs_member
        unknown = (columns.unknown_member if member else columns.unknown_household).get(name)
        if unknown is None or not unknown.any():
            continue
        whom = unknown & run.column(flag).astype(np.bool_)
        if whom.any():
            yield name, whom, _households(columns, whom) if member else whom


def lack(title: str) -> str:
    return f"缺少“{title}”,请先核对或补报。"


def _households(columns: Columns, members: Mask) -> Mask:
    households = np.zeros(len(columns.zone), dtype=np.bool_)
    households[columns.member_of[members]] = True
    return households


def _column(scheme: Scheme, name: str, term: Term, column: Column, unknown: Mask | None, on: dt.date
            ) -> Iterator[tuple[Mask, str]]:
    if unknown is not None and unknown.any() and not scheme.may_lack(name, term):
        yield unknown, lack(term.title)
    known = np.ones(len(column), dtype=np.bool_) if unknown is None else ~unknown
    if term.kind in {Kind.FEN, Kind.SIGNED_FEN}:
        least = -MOST_FEN if term.kind is Kind.SIGNED_FEN else 0
        bad = (column < least) | (column > MOST_FEN)
        reason = f"“{term.title}”超出可以受理的范围({yuan(least)}至 {yuan(MOST_FEN)}),请核对金额和单位。"
    elif term.kind is Kind.COUNT:
        bad = (column < 0) | (column > term.most)
        reason = f"“{term.title}”应在 0 至 {term.most} 之间,请更正。"
    elif term.kind is Kind.CODE:
        bad = ~np.isin(column, [int(code) for code in term.codes or ()])
        reason = f"“{term.title}”不是登记过的选项,请更正。"
    elif term.kind is Kind.DATE:
        bad = (column > on.year * 10_000 + on.month * 100 + on.day) | (column < 1850_01_01)
        reason = f"“{term.title}”晚于测算日期或过早,请更正。"
    else:
        return
    if (bad & known).any():
        yield bad & known, reason


@dataclass(frozen=True)
class Run:
    """A finished calculation; asking for a variable calculates it."""

    simulation: Simulation
    period: Period

    def column(self, variable: str) -> Column:
        try:
            return self.simulation.calculate(variable, self.period)  # type: ignore[no-any-return]
        except (ParameterNotFoundError, OverflowError) as trouble:
            raise RuleCannotEvaluate("规则无法测算:参数缺失或金额合计超出范围,请联系规则管理员。") from trouble


def run(scheme: Scheme, columns: Columns, on: dt.date, month: dt.date, book: Book) -> Run:
    """A calculation over households without `problems`. Formulas in force on the day `on` are used."""
    keys = tuple(zones.by_number(int(number)).key for number in np.unique(columns.zone))
    system = _system(scheme, keys, on, month, book)
    populations = system.instantiate_entities()
    persons, households = populations["person"], populations["household"]
    persons.count, persons.ids = len(columns.member_of), np.arange(len(columns.member_of))
    households.count, households.ids = len(columns.zone), np.arange(len(columns.zone))
    households.members_entity_id = columns.member_of
    simulation = Simulation(system, populations)
    period = Period((DateUnit.DAY, Instant((on.year, on.month, on.day)), 1))
    simulation.set_input("zone", period, columns.zone)
    for name in scheme.needs_household:
        simulation.set_input(name, period, columns.household[name])
    for name in scheme.needs_member:
        simulation.set_input(name, period, columns.member[name])
    return Run(simulation, period)


@cache
def _variables(scheme: Scheme) -> TaxBenefitSystem:
    """The scheme's variables without parameters: the costly part, built once and never changed."""
    system = TaxBenefitSystem([vocabulary.Person, vocabulary.Household])
    for variable in [*vocabulary.INPUTS, *scheme.variables]:
        system.add_variable(variable)
    return system


@lru_cache(maxsize=256)
def _system(scheme: Scheme, keys: tuple[str, ...], on: dt.date, month: dt.date, book: Book) -> TaxBenefitSystem:
    """The scheme's variables with the parameters of some zones: a copy that shares everything but the parameters."""
    system = copy.copy(_variables(scheme))
    branches: dict[str, Any] = {}
    for key in keys:
        for parameter, value in applied(scheme, key, on, month, book).items():
            branch = branches
            for part in parameter.split("."):
                branch = branch.setdefault(part, {})
            branch[key] = {"values": {"0001-01-01": {"value": value.value}}}
    system.parameters = ParameterNode("", data=branches)
    return system
