"""One household's result in plain Chinese: the conclusion, each condition, where its value came from, the clause."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from minzheng.data.brain.rules import engine, parameters, population, zones
from minzheng.data.brain.rules.facts import Fact, HouseholdFacts
from minzheng.data.brain.rules.parameters import Applied
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import scheme

Outcome = Literal["ok", "no", "manual"]
MARKS: dict[str, str] = {"ok": "✓ 符合", "no": "✕ 不符合", "manual": "! 需人工核实"}


@dataclass(frozen=True)
class Condition:
    """One rule as applied. `value` is what was compared, `source` who said so and when, `detail` the lines below it."""

    code: str
    title: str
    value: str
    source: str
    outcome: Outcome
    clause: str
    version: str
    sample: bool
    detail: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        return MARKS[self.outcome]


@dataclass(frozen=True)
class Part:
    """A summand of the amount: `count` times `each_fen`."""

    title: str
    each_fen: int
    count: int

    @property
    def total_fen(self) -> int:
        return self.each_fen * self.count


@dataclass(frozen=True)
class Explanation:
    """What a scheme says about a run; the kernel makes the Assessment of it. `covered`: keys of the members helped."""

    result: str
    result_title: str
    eligible: bool
    sentence: str
    parts: tuple[Part, ...]
    conditions: tuple[Condition, ...]
    persons: int
    covered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """A result with its reasons. `on` is the decision's day, `month` the first day of the benefit month, `covered` the
    keys of the members that the result is about (one of a household in 单人保)."""

    scheme: str
    scheme_title: str
    zone: str
    on: dt.date
    month: dt.date
    result: str
    result_title: str
    eligible: bool
    amount_fen: int
    persons: int
    sentence: str
    parts: tuple[Part, ...]
    conditions: tuple[Condition, ...]
    parameters: tuple[Applied, ...]
    version: str
    covered: tuple[str, ...] = ()

    @property
    def sample(self) -> bool:
        """True when any parameter that took part is a 示例值; pages and prints must say so."""
        return any(used.sample for used in self.parameters)

    @property
    def needs_manual(self) -> bool:
        return any(condition.outcome == "manual" for condition in self.conditions)

    @property
    def summary(self) -> str:
        count = {outcome: sum(c.outcome == outcome for c in self.conditions) for outcome in MARKS}
        said = [f"{count['ok']} 项符合"]
        said += [f"{count['no']} 项不符合"] if count["no"] else []
        said += [f"{count['manual']} 项需人工核实"] if count["manual"] else []
        return f"{len(self.conditions)} 项规则:{','.join(said)}。" + ("含示例值。" if self.sample else "")


@dataclass(frozen=True)
class Reading:
    """What a scheme's `explain` may look at: the facts, the computed variables and the parameters as applied."""

    facts: HouseholdFacts
    zone: zones.Zone
    on: dt.date
    month: dt.date
    run: engine.Run
    parameters: dict[str, Applied]

    def number(self, variable: str) -> int:
        return int(self.run.column(variable)[0])

    def members(self, variable: str) -> list[int]:
        return [int(value) for value in self.run.column(variable)]

    def parameter(self, parameter: str) -> Applied:
        return self.parameters[parameter]


def evaluate(code: str, facts: HouseholdFacts, on: dt.date, zone: str, *, month: dt.date | None = None) -> Assessment:
    """The scheme's explained result for one household.

    `on` is the day whose law applies, `zone` a key such as z320583, `month` the benefit month (the scheme's own
    choice when not given). Raises RuleCannotEvaluate with a reason; there is no result by default.
    """
    scheme_ = scheme(code)
    benefit_month = month or scheme_.benefit_month(on)
    if benefit_month.day != 1:
        raise RuleCannotEvaluate("待遇月份须以当月 1 日表示,请更正。")
    book = parameters.current()
    used = engine.applied(scheme_, zone, on, benefit_month, book)
    run = population.checked_run(scheme_, facts, zone, on, benefit_month, book)
    said = scheme_.explain(Reading(facts, zones.zone(zone), on, benefit_month, run, used))
    amount = int(run.column(scheme_.amount)[0])
    if sum(part.total_fen for part in said.parts) != amount:
        raise RuleCannotEvaluate("测算金额与说明的算式不一致,已停止测算,请联系规则管理员。")
    return Assessment(
        code, scheme_.title, zone, on, benefit_month, said.result, said.result_title, said.eligible, amount,
        said.persons, said.sentence, said.parts, said.conditions, tuple(used.values()),
        f"{scheme_.version}-{_digest(used.values())}", said.covered,
    )


def numbers(code: str, facts: HouseholdFacts, on: dt.date, zone: str, names: Iterable[str]) -> dict[str, int]:
    """Household variables of a scheme for one household, for those who need more than the Assessment says."""
    scheme_ = scheme(code)
    run = population.checked_run(scheme_, facts, zone, on, scheme_.benefit_month(on), parameters.current())
    return {name: int(run.column(name)[0]) for name in names}


def origins(facts: Iterable[Fact[int] | Fact[bool] | Fact[dt.date] | None]) -> str:
    """Where several facts came from, each origin once, in order."""
    return ";".join(dict.fromkeys(fact.origin for fact in facts if fact is not None))


def _digest(used: Iterable[Applied]) -> str:
    lines = sorted(f"{u.id} {u.zone} {u.value} {u.since} {u.until} {u.version}" for u in used)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
