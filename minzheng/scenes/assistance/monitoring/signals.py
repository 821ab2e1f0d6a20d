"""The rules that raise alerts (signals.yaml), applied to many households at once.

Each finding names the facts behind it by keys of their own: a fact that has raised an alert once raises no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from minzheng.base.crypto import sm3
from minzheng.data.brain import rules

C = pl.col
FULL, SINGLE, EDGE, NONE = 3, 2, 1, 0  # results of the scheme dibao
KINDS = {FULL: "低保", SINGLE: "单人保", EDGE: "低保边缘", NONE: "不符合"}
# Recognitions whose income is held against the line again each night.
BY_INCOME = ("dibao", "single", "edge")
Lookup = Callable[[str, str], rules.Applied]  # parameter, zone


@dataclass(frozen=True)
class SignalRule:
    """One rule of signals.yaml; the names of thresholds are parameters."""

    code: str
    title: str
    grade: int
    about: str
    text: str
    clause: str
    signal: str = ""
    finding: str = ""
    within: str = ""
    least: str = ""
    most: str = ""
    below_age: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(name for name in (self.within, self.least, self.most, self.below_age,
                                       "monitor.near.percent" if self.about == "near" else "") if name)


class BadRules(ValueError):
    """signals.yaml cannot be used; the text says why."""


@cache
def all_rules() -> tuple[SignalRule, ...]:
    """The shipped rules. Raises BadRules on anything doubtful."""
    content = yaml.safe_load((Path(__file__).parent / "signals.yaml").read_text(encoding="utf-8"))
    found = tuple(SignalRule(**{"clause": content["clause"], **row}) for row in content["rules"])
    for rule in found:
        if bool(rule.signal) == bool(rule.finding) or rule.grade not in (1, 2, 3):
            raise BadRules(f"{rule.code}: needs a signal or a finding, and a grade of 1 to 3")
        if rule.about not in ("all", "near", "recognised") or (rule.signal and not rule.within):
            raise BadRules(f"{rule.code}: about whom, or how far back, is not said")
    if len({rule.code for rule in found}) != len(found):
        raise BadRules("a rule is there twice")
    return found


def fingerprint(household: int, rule: str, fact: str) -> str:
    """Of one fact behind one rule for one household."""
    return sm3(f"{household}|{rule}|{fact}".encode()).hex()[:24]


def back(on: dt.date, amount: int, unit: str) -> dt.date:
    """The day `amount` days or months before `on`."""
    if unit == "days":
        return on - dt.timedelta(days=amount)
    if unit != "months":
        raise BadRules(f"a window is measured in days or months, not {unit}")
    months = on.year * 12 + on.month - 1 - amount
    year, month = divmod(months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(on.day, last))


def _thresholds(zones: list[str], names: tuple[str, ...], lookup: Lookup, on: dt.date) -> pl.DataFrame:
    """By zone: each parameter's value; a window as its first day."""
    rows = []
    for zone in zones:
        row: dict[str, Any] = {"zone": zone}
        for name in names:
            applied = lookup(name, zone)
            row[name] = back(on, applied.value, applied.unit) if applied.unit in ("days", "months") else applied.value
        rows.append(row)
    return pl.DataFrame(rows)


def find(households: pl.DataFrame, signals: pl.DataFrame, on: dt.date, lookup: Lookup) -> pl.DataFrame:
    """One row a finding: household_id, rule, key (the fact), person_id, day, amount.

    `households`: household_id, zone, recognised (kind or ''), listed (flag), kind, per_capita, persons, doubtful (property to
    be looked at), standard. `signals`: household_id, kind, key, person_id, birth_date, happened_on, amount.
    Zones without the parameters that a rule needs are refused by `lookup`.
    """
    zones = households["zone"].unique().sort().to_list()
    names = tuple(dict.fromkeys(name for rule in all_rules() for name in rule.parameters))
    limits = _thresholds(zones, (*names, "monitor.near.percent"), lookup, on)
    homes = households.join(limits, on="zone", how="left").with_columns(
        ours=(C("recognised") != "") | C("listed"))
    homes = homes.with_columns(near=C("ours") | (
        C("per_capita") * 100 < C("standard") * C("monitor.near.percent")).fill_null(False), all=pl.lit(True))
    columns = ["household_id", "rule", "key", "person_id", "day", "amount"]
    reported = signals.filter(C("happened_on") <= on).join(
        homes.select("household_id", "ours", "near", "all", *names), on="household_id")
    found = []
    for rule in all_rules():
        rows = _reported(rule, reported, on) if rule.signal else _measured(rule, homes, on)
        found.append(rows.with_columns(rule=pl.lit(rule.code)).select(columns))
    return pl.concat(found)


def _reported(rule: SignalRule, reported: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    about = "ours" if rule.about == "recognised" else rule.about
    rows = reported.filter((C("kind") == rule.signal) & C(about) & (C("happened_on") > C(rule.within)))
    if rule.below_age:
        rows = rows.filter(C("birth_date") > pl.lit(on).dt.offset_by(pl.format("-{}y", C(rule.below_age))))
    if rule.most:
        rows = rows.filter(C("amount") <= C(rule.most))
    if rule.least:
        rows = rows.filter(C("amount").sum().over("household_id") >= C(rule.least))
    return rows.with_columns(day="happened_on")


def _measured(rule: SignalRule, homes: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """What the schemes say; the fact is the measured income itself, so that another income is another fact."""
    if rule.finding == "entitled":
        rows = homes.filter((C("recognised") == "") & C("kind").is_in([FULL, SINGLE]) & ~C("doubtful"))
    elif rule.finding == "over_line":
        rows = homes.filter(C("recognised").is_in(BY_INCOME) & (C("kind") == NONE))
    else:
        raise BadRules(f"{rule.code}: no such finding")
    return rows.with_columns(
        key=pl.format("{}:{}:{}:{}", "kind", "per_capita", "persons", "standard"),
        person_id=pl.lit(0, dtype=pl.Int64), day=pl.lit(on), amount=C("per_capita").cast(pl.Int64))
