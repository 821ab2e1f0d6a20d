"""Schemes: what a scene registers at start-up, so that the kernel knows no scheme by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from openfisca_core.variables import Variable

from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Term
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate

if TYPE_CHECKING:
    from minzheng.data.brain.rules.explain import Explanation, Reading


def same_month(on: dt.date) -> dt.date:
    return on.replace(day=1)


def next_month(on: dt.date) -> dt.date:
    """The first day of the month after `on`."""
    return (on.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, eq=False)
class Scheme:
    """One benefit. `amount` (fen a month) and `result` (a code) are household variables, as are the other `results`.

    `since` is the first day of the oldest formulas. `refusals` maps household flags to the sentence with which a
    household that raises the flag is refused a result. `needs_if` names facts that are needed only of those whom a
    flag variable marks (of the person for a member's fact, of the household otherwise): unknown elsewhere is no hindrance.
    `formulas` is the module's file and `seal` the YAML that records its versions and digests.
    """

    code: str
    title: str
    version: str
    since: dt.date
    variables: tuple[type[Variable], ...]
    parameters: tuple[str, ...]
    needs_member: tuple[str, ...]
    needs_household: tuple[str, ...]
    amount: str
    result: str
    explain: Callable[[Reading], Explanation]
    formulas: Path
    seal: Path
    results: tuple[str, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    needs_if: Mapping[str, str] = field(default_factory=dict)
    benefit_month: Callable[[dt.date], dt.date] = same_month

    def __post_init__(self) -> None:
        unknown = set(self.needs_member) - MEMBER_TERMS.keys() | set(self.needs_household) - HOUSEHOLD_TERMS.keys()
        if unknown:
            raise ValueError(f"scheme {self.code} needs facts outside the vocabulary: {sorted(unknown)}")
        if stray := self.needs_if.keys() - {*self.needs_member, *self.needs_household}:
            raise ValueError(f"scheme {self.code} has conditions for facts that it does not need: {sorted(stray)}")

    def may_lack(self, name: str, term: Term) -> bool:
        """Whether an unknown fact is no problem yet: a claim that nobody made, or one needed of some only."""
        return term.claim or name in self.needs_if


_schemes: dict[str, Scheme] = {}


def register(scheme: Scheme) -> None:
    """Adds a scheme. Raises ValueError on a code that another scheme has."""
    if _schemes.get(scheme.code, scheme) is not scheme:
        raise ValueError(f"scheme {scheme.code} is registered twice")
    _schemes[scheme.code] = scheme


def scheme(code: str) -> Scheme:
    found = _schemes.get(code)
    if found is None:
        raise RuleCannotEvaluate(f"没有登记代码为“{code}”的测算规则,请联系规则管理员。")
    return found


def schemes() -> Iterable[Scheme]:
    return _schemes.values()
