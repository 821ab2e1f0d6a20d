"""One range of places through all rules: read, evaluate, write an outcome for each household that matters."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection

from minzheng.base.crypto import encrypt_many, mask_name
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Held, parameters
from minzheng.data.brain.rules.scheme import schemes as registered
from minzheng.scenes.assistance.monitoring import signals
from minzheng.scenes.assistance.monitoring.fixed import copy_out, dates
from minzheng.scenes.assistance.monitoring.models import SIGNALS, Sweep, SweptRange
from minzheng.scenes.assistance.monitoring.reading import EPOCH, INCOMES, counties, read_facts
from minzheng.scenes.assistance.recognitions.models import KINDS as RECOGNISED

C = pl.col
AT_ONCE = 80_000  # households a range: bounds memory and what an interruption costs
BASE = "dibao"
_KINDS, _RECOGNISED = tuple(SIGNALS), tuple(RECOGNISED)
LONGEST = dt.timedelta(days=800)  # signals older than this are not looked at; every window is shorter
Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Swept:
    """Counts of one range and the seconds that each part took. `lacking`: households that the base scheme could not
    evaluate."""

    households: int
    persons: int
    lacking: int
    matters: int
    read: float
    evaluate: float
    write: float


def ranges(low: str, high: str, at_once: int = AT_ONCE) -> list[tuple[str, str]]:
    """Ranges that cover [low, high) and hold about so many households each, cut at counties."""
    cuts, held = [low], 0
    for county, count in counties(low, high):
        if held and held + count > at_once:
            cuts.append(county)
            held = 0
        held += count
    return list(zip(cuts, [*cuts[1:], high], strict=True))


def scheme_codes() -> list[str]:
    """The schemes that say something of a whole population: all but those that need an application of their own."""
    return sorted(s.code for s in registered() if not getattr(s, "on_application", False))


def read_range(low: str, high: str, on: dt.date) -> Frames:
    """Households, persons, recent signals of their members, and what they are recognised or listed as."""
    households, persons = read_facts(low, high, on)
    where = {"low": low, "high": high, "on": on, "oldest": on - LONGEST}
    kind = "CASE s.kind " + " ".join(f"WHEN '{name}' THEN {n}" for n, name in enumerate(_KINDS)) + " END"
    found = copy_out(
        [("signal", "s.id", "int8"), ("person_id", "s.person_id", "int8"), ("household_id", "m.household_id", "int8"),
         ("number", kind, "int2"), ("day", f"s.happened_on - {EPOCH}", "int4"), ("amount", "s.amount", "int8"),
         ("birth", f"p.birth_date - {EPOCH}", "int4")],
        "FROM assistance_monitoring_signal s JOIN registry_householdmember m ON m.person_id = s.person_id"
        " JOIN registry_person p ON p.id = s.person_id"
        " WHERE m.jurisdiction >= %(low)s AND m.jurisdiction < %(high)s AND s.happened_on > %(oldest)s"
        " AND s.happened_on <= %(on)s AND m.valid_from <= %(on)s"
        " AND (m.valid_to IS NULL OR m.valid_to > %(on)s OR (s.kind = 'death' AND m.valid_to >= s.happened_on))", where)
    told = pl.DataFrame({"household_id": found["household_id"], "person_id": found["person_id"],
                         "kind": found["number"].cast(pl.Int64).replace_strict(
                             dict(enumerate(_KINDS)), return_dtype=pl.String),
                         "key": found["signal"].cast(pl.String), "happened_on": dates(found["day"]),
                         "amount": found["amount"], "birth_date": dates(found["birth"])})
    return households, persons, told, _standing(where)


def _standing(where: dict[str, Any]) -> pl.DataFrame:
    """household_id, recognised (a sum of bits), until_<kind> of recognitions that end, listed."""
    kind = "CASE r.kind " + " ".join(f"WHEN '{name}' THEN {n}" for n, name in enumerate(_RECOGNISED)) + " END"
    held = copy_out(
        [("household_id", "r.household", "int8"), ("number", kind, "int2"), ("until", f"r.valid_to - {EPOCH}", "int4")],
        "FROM recognitions_recognition r WHERE r.jurisdiction >= %(low)s AND r.jurisdiction < %(high)s AND r.valid_from <= %(on)s"
        " AND (r.valid_to IS NULL OR r.valid_to >= %(on)s) AND (r.ended_on IS NULL OR r.ended_on > %(on)s)"
        " AND r.household IS NOT NULL", where)
    listed = copy_out(
        [("household_id", "l.household_id", "int8")],
        "FROM assistance_monitoring_listing l WHERE l.jurisdiction >= %(low)s AND l.jurisdiction < %(high)s"
        " AND l.since <= %(on)s AND (l.until IS NULL OR l.until > %(on)s)", where).unique()
    number = C("number").cast(pl.Int64)
    held = held.with_columns(until=dates(held["until"])).group_by("household_id").agg(
        recognised=pl.lit(2, dtype=pl.Int64).pow(number.unique()).sum().cast(pl.Int64),
        **{f"until_{name}": C("until").filter(number == n).max() for n, name in enumerate(_RECOGNISED)})
    both = held.join(listed.with_columns(listed=pl.lit(True)), on="household_id", how="full", coalesce=True)
    return both.with_columns(C("recognised").fill_null(0), C("listed").fill_null(False))


def lookup_on(on: dt.date) -> signals.Lookup:
    """Parameters in force on the day, each asked once."""
    book, known = parameters.current(), dict[tuple[str, str], rules.Applied]()

    def lookup(name: str, zone: str) -> rules.Applied:
        if (name, zone) not in known:
            known[name, zone] = book.lookup(name, zone, on)
        return known[name, zone]

    return lookup


def evaluate_range(frames: Frames, on: dt.date, codes: Sequence[str], lookup: signals.Lookup
                   ) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All schemes and all signal rules. Returns the households with their results, and the findings."""
    households, persons, told, standing = frames
    results = {code: rules.evaluate_population(code, households, persons, on) for code in codes}
    base, tekun, rigid = results[BASE], results["tekun"], results["rigid"]
    standard = {zone: _standard(zone, lookup) for zone in households["zone"].unique().to_list()}
    homes = households.select("household_id", "zone", "jurisdiction").with_columns(
        kind=base["dibao_kind"], per_capita=base["dibao_per_capita"], persons=base["dibao_persons"],
        doubtful=((base["dibao_rich"] + base["dibao_vehicles"] + base["dibao_houses"]) > 0).fill_null(True),
        lacking=base["problem"].is_not_null(),
        standard=C("zone").replace_strict(standard, return_dtype=pl.Int64),
        tekun_kind=tekun["tekun_kind"], tekun_persons=tekun["tekun_persons"], rigid_kind=rigid["rigid_kind"],
        rigid_spent=rigid["rigid_spent"],
    ).join(standing, on="household_id", how="left", maintain_order="left").join(
        _supported(persons), on="household_id", how="left", maintain_order="left").with_columns(
        C("recognised").fill_null(0), C("listed").fill_null(False))
    known = homes.filter(C("standard").is_not_null())
    found = signals.find(known, told, on, lookup)
    return homes, found


def _standard(zone: str, lookup: signals.Lookup) -> int | None:
    try:
        return lookup("dibao.standard", zone).value
    except rules.RuleCannotEvaluate:
        return None


def _supported(persons: pl.DataFrame) -> pl.DataFrame:
    """Of households with 特困人员: the most able obligors (able) and the largest own income (own) of one of them."""
    held = persons.filter(C("held") == int(Held.TEKUN))
    return held.group_by("household_id").agg(able=C("obligors_able").fill_null(0).max(),
                                             own=pl.sum_horizontal(C(name).fill_null(0) for name in INCOMES).max())


def explain(homes: pl.DataFrame, found: pl.DataFrame, names: dict[int, str], lookup: signals.Lookup
            ) -> list[dict[str, Any]]:
    """One outcome a household: its grade, rules, fingerprints and the reasons in words (names masked)."""
    by_rule = {rule.code: rule for rule in signals.all_rules()}
    grouped: dict[int, dict[str, list[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(list))
    for row in found.sort("household_id", "rule", "key").iter_rows():
        grouped[row[0]][row[1]].append(row[2:])
    measured = {row[0]: row[1:] for row in homes.join(found.select("household_id").unique(), on="household_id").select(
        "household_id", "jurisdiction", "kind", "per_capita", "standard", "zone", "rigid_spent", "able", "own").iter_rows()}
    outcomes = []
    for household, facts in grouped.items():
        place, kind, per_capita, standard, zone, spent, able, own = measured[household]
        reasons = []
        for code, rows in facts.items():
            rule = by_rule[code]
            prints = [signals.fingerprint(household, code, str(row[0])) for row in rows]
            latest = max(rows, key=lambda row: row[2])
            text = rule.text.format(
                name=mask_name(names.get(latest[1], "")) or "家庭成员", day=latest[2].isoformat(),
                amount=_amount(rule.signal, latest[3]), total=_yuan(sum(row[3] for row in rows)),
                per_capita=_yuan(per_capita), standard=_yuan(standard), kind=signals.KINDS.get(kind, ""),
                spent=_yuan(spent), able=able or 0, own=_yuan(own))
            applied = [lookup(name, zone) for name in rule.parameters]
            reasons.append({"rule": code, "title": rule.title, "grade": rule.grade, "text": text, "prints": prints,
                            "clause": rule.clause, "source": _source(rule, rows),
                            "sample": any(value.sample for value in applied)
                            or (rule.finding == "result" and lookup("dibao.standard", zone).sample),
                            "limits": [f"{value.name} {value.text}" for value in applied]})
        outcomes.append({"household_id": household, "jurisdiction": place, "reasons": reasons, "per_capita": per_capita,
                         "grade": min(reason["grade"] for reason in reasons), "rules": sorted(facts),
                         "prints": sorted(p for reason in reasons for p in reason["prints"])})
    return outcomes


def _source(rule: signals.SignalRule, rows: list[tuple[Any, ...]]) -> str:
    if rule.finding:
        return "救助对象认定库" if rule.finding == "ending" else "夜间测算"
    return f"部门报送{SIGNALS[rule.signal]}信息 {len(rows)} 条"


def _yuan(fen: int | None) -> str:
    return "—" if fen is None else f"{fen / 100:,.2f}"


def _amount(kind: str, amount: int) -> str:
    return str(amount) if kind == "disability" else _yuan(amount)


_STAGE = """CREATE TEMP TABLE IF NOT EXISTS stage_outcome (household_id bigint, jurisdiction text, grade smallint, rules text[],
 fingerprints text[], per_capita_fen bigint, reasons bytea) ON COMMIT DROP"""


def write_range(outcomes: list[dict[str, Any]], low: str, high: str, night: dt.date) -> None:
    """Replaces the night's outcomes of the range: COPY into private staging, then INSERT under the row policies."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM assistance_monitoring_outcome WHERE night = %s AND jurisdiction >= %s AND jurisdiction < %s",
                       [night, low, high])
        if not outcomes:
            return
        sealed = encrypt_many("assistance_monitoring_outcome.reasons",
                              [json.dumps(row["reasons"], ensure_ascii=False) for row in outcomes])
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE stage_outcome")
        with cursor.copy("COPY stage_outcome FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "text", "int2", "text[]", "text[]", "int8", "bytea"])
            for row, reasons in zip(outcomes, sealed, strict=True):
                copy.write_row((row["household_id"], row["jurisdiction"], row["grade"], row["rules"], row["prints"],
                                row["per_capita"], reasons))
        cursor.execute(
            "INSERT INTO assistance_monitoring_outcome (night, household_id, jurisdiction, grade, rules, fingerprints,"
            " per_capita_fen, reasons) SELECT %s, household_id, jurisdiction, grade, rules, fingerprints, per_capita_fen,"
            " reasons FROM stage_outcome", [night])


def names_of(people: list[int]) -> dict[int, str]:
    """Names for the sentences, within the scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM registry_person WHERE id = ANY (%s)", [people])
        return dict(cursor.fetchall())


def sweep_range(sweep: Sweep, low: str, high: str, *, frames: Callable[[], Frames] | None = None) -> Swept:
    """Reads, evaluates, writes and notes the range, in the caller's transaction. `frames`: read already, ahead."""
    began = time.perf_counter()
    read = frames() if frames else read_range(low, high, sweep.night)
    at_read = time.perf_counter()
    lookup = lookup_on(sweep.night)
    homes, found = evaluate_range(read, sweep.night, sweep.schemes, lookup)
    people = found.filter(C("person_id") > 0)["person_id"].unique().to_list()
    outcomes = explain(homes, found, names_of(people), lookup)
    at_evaluated = time.perf_counter()
    write_range(outcomes, low, high, sweep.night)
    at_written = time.perf_counter()
    done = Swept(homes.height, read[1].height, int(homes["lacking"].sum()), len(outcomes), at_read - began,
                 at_evaluated - at_read, at_written - at_evaluated)
    SweptRange.objects.create(sweep=sweep, low=low, high=high, households=done.households, persons=done.persons,
                              lacking=done.lacking, matters=done.matters, read_ms=round(done.read * 1000),
                              evaluate_ms=round(done.evaluate * 1000), write_ms=round(done.write * 1000))
    return done
