"""What upper layers plug in at start-up: schemes that can be simulated, the facts of a whole place, shares of funding
and past cases. The room itself knows no scheme, no register of households and no budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from minzheng.base.errors import Refused
from minzheng.data.brain.rules.facts import MEMBER_TERMS, HouseholdFacts
from minzheng.data.brain.rules.scheme import Scheme, scheme

Frames = tuple[pl.DataFrame, pl.DataFrame]
ReadFacts = Callable[[str, str, dt.date], Frames]
Shares = Callable[[str, str, dt.date], list[tuple[str, int]]]


@dataclass(frozen=True)
class Simulated:
    """How a scheme is shown on the desk. Variables must be among the scheme's results.

    `persons`: how many persons of the household are covered; `measure` (fen a person) is compared with the parameter
    `line`; `income` is the member fact to which one more yuan is added; `statuses` are titles of the result's codes;
    `doubts` are flags that ask for an officer's look before anything is paid.
    """

    scheme: str
    income: str
    statuses: Mapping[int, str]
    persons: str = ""
    measure: str = ""
    line: str = ""
    doubts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = {name for name in (self.persons, self.measure, *self.doubts) if name}
        if stray := named - set(self.rules.results):
            raise ValueError(f"{self.scheme} has no results {sorted(stray)}")
        if self.income not in MEMBER_TERMS or bool(self.measure) != bool(self.line):
            raise ValueError(f"{self.scheme} names an unknown income, or a measure without its line")

    @property
    def rules(self) -> Scheme:
        return scheme(self.scheme)

    @property
    def title(self) -> str:
        return self.rules.title


@dataclass(frozen=True)
class PastCase:
    """A decided case as its file stood: facts, place, the day whose law was applied, first month and amount granted.

    `known_on` is the day up to which law and data were known when it was decided. `subject` is the applicant.
    """

    code: str
    title: str
    scheme: str
    zone: str
    jurisdiction: str
    facts: HouseholdFacts
    on: dt.date
    known_on: dt.date
    start: dt.date
    amount_fen: int
    subject: int | None
    entitlement: str = ""


ReadCase = Callable[[Any, str], PastCase]

_simulated: dict[str, Simulated] = {}
_plugged: dict[str, Any] = {}


def register_simulated(found: Simulated) -> None:
    """A scheme that the desk can run. Raises ValueError on a second, different registration."""
    if _simulated.setdefault(found.scheme, found) != found:
        raise ValueError(f"{found.scheme} is registered twice for simulation")


def simulated(code: str) -> Simulated:
    if code not in _simulated:
        raise Refused("这个项目还不能仿真,请从列表中选择。", field="scheme")
    return _simulated[code]


def all_simulated() -> list[Simulated]:
    return list(_simulated.values())


def register_facts(read: ReadFacts) -> None:
    """`read(low, high, on)` gives households and persons of a range in the columns of `evaluate_population`. It is called
    inside the job's scope."""
    _plugged["facts"] = read


def read_facts(low: str, high: str, on: dt.date) -> Frames:
    if "facts" not in _plugged:
        raise Refused("还没有接入家庭数据,不能测算。请联系系统管理员。")
    return _plugged["facts"](low, high, on)  # type: ignore[no-any-return]


def register_funding(shares: Shares) -> None:
    """`shares(scheme, county, month)` gives (source title, basis points) adding up to 10,000, or nothing."""
    _plugged["funding"] = shares


def shares_of(scheme_: str, county: str, month: dt.date) -> list[tuple[str, int]]:
    """In the order in which money is split, the last one bearing what rounding leaves; empty when none are set."""
    return _plugged["funding"](scheme_, county, month) if "funding" in _plugged else []


@dataclass(frozen=True)
class Uprating:
    """Bringing benefits in payment to the law of the day: `order(scheme, month, document, by=…)` starts the job `job`."""

    schemes: tuple[str, ...]
    roles: tuple[str, ...]
    job: str
    order: Callable[..., int]


def register_uprating(schemes: tuple[str, ...], roles: tuple[str, ...], job: str, order: Callable[..., int]) -> None:
    """What an approved law does to what is paid already is the business of who pays; the desk only offers the button."""
    _plugged["uprating"] = Uprating(schemes, roles, job, order)


def uprating() -> Uprating | None:
    found: Uprating | None = _plugged.get("uprating")
    return found


def register_past(read: ReadCase) -> None:
    """`read(officer, code)` opens a decided case by its own door."""
    _plugged["past"] = read


def past_case(by: Any, code: str) -> PastCase:
    if "past" not in _plugged:
        raise Refused("还没有可以重算的办件。")
    return _plugged["past"](by, code)  # type: ignore[no-any-return]
