"""The rules that raise alerts (signals.yaml), applied to many households at once.

Each finding names the facts behind it by keys of their own: a fact that has raised an alert once raises no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from minzheng.base.crypto import sm3
from minzheng.data.brain import rules
from minzheng.scenes.assistance.recognitions.models import KINDS as RECOGNISED

C = pl.col
FULL, SINGLE, EDGE, NONE = 3, 2, 1, 0  # results of the scheme dibao
KINDS = {FULL: "低保", SINGLE: "单人保", EDGE: "低保边缘", NONE: "不符合"}
NOBODY = "none"  # in `holds`: recognised as nothing
# Results of the schemes, and what a result rests on: another of these values is another fact.
RESULTS = {"dibao": "kind", "tekun": "tekun_kind", "rigid": "rigid_kind"}
MEASURES = {"dibao": ("kind", "per_capita", "persons", "standard"), "tekun": ("tekun_kind", "tekun_persons", "per_capita", "standard"),
            "rigid": ("rigid_kind", "rigid_spent", "per_capita", "persons")}
FINDINGS = ("result", "ending")
_BITS = {kind: number for number, kind in enumerate(RECOGNISED)}
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
    results: dict[str, tuple[int, ...]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    clean: bool = False
    positive: str = ""
    zero: str = ""
    applies: bool = True
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
    found = tuple(_rule({"clause": content["clause"], **row}) for row in content["rules"])
    for rule in found:
        if bool(rule.signal) == bool(rule.finding) or rule.grade not in (1, 2, 3):
            raise BadRules(f"{rule.code}: needs a signal or a finding, and a grade of 1 to 3")
        if rule.about not in ("all", "near", "recognised") or ((rule.signal or rule.finding == "ending") and not rule.within):
            raise BadRules(f"{rule.code}: about whom, or how far back, is not said")
        if rule.finding and (rule.finding not in FINDINGS or (rule.finding == "result") != bool(rule.results)):
            raise BadRules(f"{rule.code}: no such finding, or no results")
        if not set(rule.results) <= set(RESULTS) or not {*rule.holds, *rule.lacks} <= {NOBODY, *RECOGNISED}:
            raise BadRules(f"{rule.code}: an unknown scheme or recognition")
    if len({rule.code for rule in found}) != len(found):
        raise BadRules("a rule is there twice")
    return found


def _rule(row: dict[str, Any]) -> SignalRule:
    lists = {name: tuple(row[name]) for name in ("holds", "lacks") if name in row}
    results = {scheme: tuple(numbers) for scheme, numbers in row.get("results", {}).items()}
    return SignalRule(**{**row, **lists, "results": results})


def mask_of(kinds: Iterable[str]) -> int:
    """Recognitions as a sum of bits, in the order of the register's kinds."""
    return sum(1 << _BITS[kind] for kind in kinds)


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

    `households`: household_id, zone, recognised (`mask_of` its kinds), until_<kind> (last day of a recognition that ends),
    listed (flag), the schemes' results and measures, doubtful (property to be looked at), standard.
    `signals`: household_id, kind, key, person_id, birth_date, happened_on, amount.
    Zones without the parameters that a rule needs are refused by `lookup`.
    """
    zones = households["zone"].unique().sort().to_list()
    names = tuple(dict.fromkeys(name for rule in all_rules() for name in rule.parameters))
    limits = _thresholds(zones, (*names, "monitor.near.percent"), lookup, on)
    homes = households.join(limits, on="zone", how="left").with_columns(
        ours=(C("recognised") != 0) | C("listed"))
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
    """What the schemes say, or a recognition that ends; the fact is what was measured, so that another income is another
    fact."""
    return _ending(rule, homes, on) if rule.finding == "ending" else _results(rule, homes, on)


def _results(rule: SignalRule, homes: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    wanted = _standing(rule)
    for scheme, numbers in rule.results.items():
        wanted = wanted & C(RESULTS[scheme]).is_in(numbers)
    if rule.clean:
        wanted = wanted & ~C("doubtful")
    if rule.positive:
        wanted = wanted & (C(rule.positive) > 0)
    if rule.zero:
        wanted = wanted & (C(rule.zero) == 0)
    measures = MEASURES[next(iter(rule.results))]
    return homes.filter(wanted).with_columns(
        key=pl.format(":".join(["{}"] * len(measures)), *(C(name).fill_null(-1) for name in measures)),
        person_id=pl.lit(0, dtype=pl.Int64), day=pl.lit(on),
        amount=C("per_capita").cast(pl.Int64).fill_null(0))


def _standing(rule: SignalRule) -> pl.Expr:
    """Who holds one of the rule's kinds (or nothing), and none of those that it must lack."""
    wanted = pl.lit(True)
    if rule.holds == (NOBODY,):
        wanted = C("recognised") == 0
    elif rule.holds:
        wanted = (C("recognised") & mask_of(rule.holds)) != 0
    return wanted & ((C("recognised") & mask_of(rule.lacks)) == 0) if rule.lacks else wanted


def _ending(rule: SignalRule, homes: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Recognitions whose last day comes as soon as the window reaches back."""
    ahead = pl.lit(on) + (pl.lit(on) - C(rule.within))
    found = [homes.filter((C(f"until_{kind}") >= on) & (C(f"until_{kind}") <= ahead)).with_columns(
        key=pl.format(f"{kind}:{{}}", C(f"until_{kind}")), person_id=pl.lit(0, dtype=pl.Int64), day=C(f"until_{kind}"),
        amount=pl.lit(0, dtype=pl.Int64)) for kind in rule.holds]
    return pl.concat(found)
