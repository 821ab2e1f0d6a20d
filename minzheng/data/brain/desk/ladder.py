"""What a typical household is paid as its income rises yuan by yuan, and where one more yuan costs more than it brings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from minzheng.data.brain.desk.computing import CLIFF, YUAN, line_of, paid
from minzheng.data.brain.desk.ports import Frames, Simulated
from minzheng.data.brain.rules import zones
from minzheng.data.brain.rules.facts import (
    HOUSEHOLD_TERMS,
    MEMBER_TERMS,
    DisabilityKind,
    Kind,
    Relation,
    Term,
)
from minzheng.data.brain.rules.parameters import Book
from minzheng.data.brain.rules.population import day_number
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate

STEPS = 60  # points of the drawn line
BLIND = 2_000 * YUAN  # height of the ladder where a scheme has no line
Member = dict[str, Any]


@dataclass(frozen=True)
class Typical:
    title: str
    members: tuple[Member, ...]


def _m(relation: Relation, years: int, **more: Any) -> Member:
    return {"relation": int(relation), "years": years, "lives_together": True, **more}


TYPES = (
    Typical("单身,45 岁", (_m(Relation.SELF, 45),)),
    Typical("独居老人,72 岁", (_m(Relation.SELF, 72),)),
    Typical("夫妻和一名 10 岁子女", (_m(Relation.SELF, 42), _m(Relation.SPOUSE, 40), _m(Relation.CHILD, 10))),
    Typical("单亲和一名 10 岁子女", (_m(Relation.SELF, 38), _m(Relation.CHILD, 10))),
    Typical("父母和一名重度残疾成年子女", (
        _m(Relation.SELF, 60), _m(Relation.SPOUSE, 58),
        _m(Relation.CHILD, 30, dependent_adult=True, disability_kind=int(DisabilityKind.LIMB), disability_grade=1))),
)


def ladders(what: Simulated, place: str, on: dt.date, month: dt.date, laws: list[Book]) -> list[dict[str, Any]]:
    """For each typical household: the amounts by household income under each law, and every cliff on the way. A type
    that the rules cannot evaluate is left out."""
    zone = zones.zone_of(place)
    if zones.zone(zone).level < 3:  # a county of the place, since some values are set by cities only
        zone = next((z.key for z in zones.tree().values() if z.level == 3 and zone in zones.lineage(z.key)), zone)
    line = line_of(what, zone, on, month, laws[0]) or BLIND
    found = []
    for kind in TYPES:
        top = 2 * line * len(kind.members) // YUAN
        frames = _frames(what, kind, zone, on, top)
        try:
            pays = [paid(what, frames, on, month, book)["fen"] for book in laws]
        except RuleCannotEvaluate:
            continue
        if any(pay.null_count() for pay in pays):
            continue
        points = np.unique(np.linspace(0, top, STEPS).astype(np.int64)).tolist()
        found.append({
            "title": kind.title, "zone": zones.zone(zone).name, "top": top,
            "laws": [{"points": [[at, int(pay[at])] for at in points], "cliffs": _cliffs(pay)} for pay in pays]})
    return found


def _cliffs(pay: pl.Series) -> list[list[int]]:
    """[household income in yuan before the step, fen lost] wherever one more yuan loses more than one yuan."""
    amounts = pay.to_numpy()
    lost = amounts[:-1] - amounts[1:]
    return [[int(at), int(lost[at])] for at in np.flatnonzero(lost > CLIFF)]


def _frames(what: Simulated, kind: Typical, zone: str, on: dt.date, top: int) -> Frames:
    rules, count = what.rules, top + 1
    ids = np.arange(count, dtype=np.int64)
    households = pl.DataFrame({"household_id": ids}).with_columns(
        pl.lit(zone).alias("zone"), *(_blank(HOUSEHOLD_TERMS[name]).alias(name) for name in rules.needs_household))
    names = sorted({*rules.needs_member, what.income})
    members = []
    for place, member in enumerate(kind.members):
        rows = pl.DataFrame({"household_id": ids, "_place": np.full(count, place)}).with_columns(
            *(_blank(MEMBER_TERMS[name]).alias(name) for name in names))
        known = {"birth_date": day_number(on) - member["years"] * 10_000,
                 **{name: value for name, value in member.items() if name in MEMBER_TERMS}}
        rows = rows.with_columns(**{
            name: pl.lit(value, dtype=pl.Boolean if isinstance(value, bool) else pl.Int64)
            for name, value in known.items() if name in names})
        if place == 0:
            rows = rows.with_columns((pl.col("household_id") * YUAN).alias(what.income))
        members.append(rows)
    return households, pl.concat(members).sort("household_id", "_place").drop("_place")


def _blank(term: Term) -> pl.Expr:
    if term.kind is Kind.FLAG:
        return pl.lit(False)
    if term.kind is Kind.DATE:
        return pl.lit(19_800_101, dtype=pl.Int64)
    if term.codes:
        return pl.lit(min(int(code) for code in term.codes), dtype=pl.Int64)
    return pl.lit(0, dtype=pl.Int64)
