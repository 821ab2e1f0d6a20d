"""One place under two laws: a row a household, and the sums that pages show. Pure; nothing is read or written here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from minzheng.data.brain.desk.ports import Frames, Simulated
from minzheng.data.brain.rules import catalogue, parameters
from minzheng.data.brain.rules.facts import Relation
from minzheng.data.brain.rules.parameters import Book
from minzheng.data.brain.rules.population import day_number, evaluate_population
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate

YUAN = 100
CLIFF = YUAN + 10
"""More than this lost by one more yuan is a cliff. Ten fen are left to the rounding of shares a person to whole fen."""
BANDS = [-50_000, -30_000, -20_000, -10_000, -5_000, 0, 5_000, 10_000, 20_000, 30_000, 50_000]
"""Edges of the distances from the line, fen a person a month."""
NEAREST = 20
GROUPS = {"elder": "有 60 周岁以上老人", "child": "有未成年人", "disabled": "有残疾人", "ill": "有重病患者",
          "single_parent": "单亲家庭"}
"""No group is a row of another table (as households of one are of SIZES): what one table hides the other would tell."""
SIZES = {"1": "1 人户", "2": "2 人户", "3": "3 人户", "4": "4 人户", "5": "5 人以上户"}
CHANGES = ("gained", "lost", "more", "less")
COUNTS = ("households", "before", "after", *CHANGES, "same")
SUMS = ("persons_before", "persons_after", "persons_gained", "persons_lost", "fen_before", "fen_after")


def traits(frames: Frames, on: dt.date) -> pl.DataFrame:
    """Size of each household and whom it has: 60 and 18 are the statutory ages of the old and of the minor."""
    households, persons = frames
    birth = persons["birth_date"]
    if birth.dtype == pl.Date:
        birth = birth.dt.year().cast(pl.Int64) * 10_000 + birth.dt.month().cast(pl.Int64) * 100 + birth.dt.day()
    none, no = pl.lit(0), pl.lit(False)
    grade = pl.col("disability_grade") if "disability_grade" in persons.columns else none
    ill = pl.col("serious_illness") if "serious_illness" in persons.columns else no
    age = ((pl.lit(day_number(on)) - pl.col("_birth")) // 10_000)
    found = persons.select("household_id", birth.alias("_birth"), grade.fill_null(0).alias("_grade"),
                           ill.fill_null(False).alias("_ill"))
    sums = found.group_by("household_id").agg(
        pl.len().cast(pl.Int64).alias("size"), (age >= 60).any().alias("elder"), (age < 18).any().alias("child"),
        (age < 18).sum().alias("_minors"), (age >= 18).sum().alias("_adults"), (pl.col("_grade") > 0).any().alias("disabled"),
        pl.col("_ill").any().alias("ill"))
    return households.select("household_id", "zone").join(sums, on="household_id", how="left", maintain_order="left").select(
        "household_id", "zone", pl.col("size").fill_null(0), "elder", "child", "disabled", "ill",
        ((pl.col("_adults") == 1) & (pl.col("_minors") > 0)).alias("single_parent"),
    ).with_columns(pl.col(*GROUPS).fill_null(False))


def paid(simulated: Simulated, frames: Frames, on: dt.date, month: dt.date, book: Book) -> pl.DataFrame:
    """What the law of `book` pays: fen, status, persons covered, measure and doubts by household, in order."""
    rules = simulated.rules
    with parameters.using(book):
        found = evaluate_population(simulated.scheme, *frames, on, month=month)
    fen = pl.col(rules.amount)
    covered = pl.col(simulated.persons) if simulated.persons else pl.lit(None, dtype=pl.Int64)
    return found.select(
        fen.alias("fen"), pl.col(rules.result).alias("status"), covered.alias("persons"),
        (pl.col(simulated.measure) if simulated.measure else pl.lit(None, dtype=pl.Int64)).alias("measure"),
        *(pl.col(name).cast(pl.Int64).alias(f"doubt_{name}") for name in simulated.doubts), pl.col("problem"))


def line_of(simulated: Simulated, zone: str, on: dt.date, month: dt.date, book: Book) -> int | None:
    """The line in fen in a zone, or None when it has none."""
    definition = catalogue.definition(simulated.line)
    if definition is None:
        return None
    try:
        return book.lookup(simulated.line, zone, month if definition.follows == "benefit_month" else on).value
    except RuleCannotEvaluate:
        return None


def compare(simulated: Simulated, frames: Frames, on: dt.date, month: dt.date, base: Book,
            cases: list[Book]) -> list[pl.DataFrame]:
    """For each case one row a household: what it is, what is paid before and after, and what one more yuan costs it."""
    frames = (frames[0], frames[1].sort("household_id", maintain_order=True))
    who = traits(frames, on)
    before = paid(simulated, frames, on, month, base)
    found = []
    for book in cases:
        after = paid(simulated, frames, on, month, book)
        lines = {zone: line_of(simulated, zone, on, month, book) for zone in who["zone"].unique().to_list()}
        keys, values = list(lines), list(lines.values())
        rows = who.with_columns(
            before=before["fen"], after=after["fen"], status_before=before["status"], status_after=after["status"],
            covered_before=before["persons"], covered_after=after["persons"], measure=after["measure"],
            line=pl.col("zone").replace_strict(keys, values, return_dtype=pl.Int64) if keys else pl.lit(None, pl.Int64),
            problem=pl.coalesce(before["problem"], after["problem"]),
            **{f"doubt_{name}": after[f"doubt_{name}"] for name in simulated.doubts})
        rows = rows.with_columns(
            covered_before=pl.when(pl.col("before") > 0).then(pl.col("covered_before").fill_null(pl.col("size"))).otherwise(0),
            covered_after=pl.when(pl.col("after") > 0).then(pl.col("covered_after").fill_null(pl.col("size"))).otherwise(0))
        found.append(rows.with_columns(dearer=_one_more_yuan(simulated, frames, rows, on, month, book)))
    return found


def _one_more_yuan(simulated: Simulated, frames: Frames, rows: pl.DataFrame, on: dt.date, month: dt.date,
                   book: Book) -> pl.Series:
    """What each paid household would lose by one more yuan of the applicant's income, in fen; 0 for the others."""
    asked = rows["after"].fill_null(0) > 0
    if not asked.any():
        return pl.Series([0] * rows.height, dtype=pl.Int64)
    households = frames[0].filter(asked)
    persons = frames[1].join(households.select("household_id"), on="household_id", how="semi", maintain_order="left")
    richer = persons.with_columns(pl.when(pl.col("relation") == int(Relation.SELF)).then(
        pl.col(simulated.income).fill_null(0) + YUAN).otherwise(pl.col(simulated.income)).alias(simulated.income))
    then = paid(simulated, (households, richer), on, month, book)["fen"]
    lost = households.select("household_id").with_columns(lost=rows["after"].filter(asked) - then)
    return rows.select("household_id").join(lost, on="household_id", how="left", maintain_order="left")["lost"].fill_null(0)


def sums(simulated: Simulated, rows: pl.DataFrame) -> dict[str, Any]:
    """All that a place's page shows, as whole numbers that add up over places."""
    valid = rows.filter(pl.col("problem").is_null())
    kinds = _marked(valid)
    return {
        **_counts(kinds),
        "problem": rows.height - valid.height,
        "groups": {group: _counts(kinds.filter(pl.col(group))) for group in GROUPS},
        "sizes": {key: _counts(kinds.filter(_of_size(key))) for key in SIZES},
        "matrix": {f"{was}:{now}": n for was, now, n in kinds.group_by("status_before", "status_after").len().sort(
            "status_before", "status_after").iter_rows()},
        "doubts": {name: int(kinds.filter(pl.col("gained") & (pl.col(f"doubt_{name}") > 0)).height)
                   for name in simulated.doubts},
        "distance": _distances(kinds),
        "cliffs": _cliffs(kinds),
    }


def _marked(valid: pl.DataFrame) -> pl.DataFrame:
    had, has = pl.col("before") > 0, pl.col("after") > 0
    return valid.with_columns(
        gained=~had & has, lost=had & ~has, more=had & has & (pl.col("after") > pl.col("before")),
        less=had & has & (pl.col("after") < pl.col("before")), same=had & has & (pl.col("after") == pl.col("before")))


def _of_size(key: str) -> pl.Expr:
    """Households without a member count as the smallest; they have a problem and are not here."""
    return pl.col("size") >= 5 if key == "5" else pl.col("size") == int(key)


def _counts(kinds: pl.DataFrame) -> dict[str, int]:
    more = pl.col("covered_after") - pl.col("covered_before")
    row = kinds.select(
        households=pl.len().cast(pl.Int64), had=(pl.col("before") > 0).sum(), has=(pl.col("after") > 0).sum(),
        gained=pl.col("gained").sum(), lost=pl.col("lost").sum(), more=pl.col("more").sum(), less=pl.col("less").sum(),
        same=pl.col("same").sum(), persons_before=pl.col("covered_before").sum(),
        persons_after=pl.col("covered_after").sum(), persons_gained=more.clip(lower_bound=0).sum(),
        persons_lost=(-more).clip(lower_bound=0).sum(), fen_before=pl.col("before").sum(),
        fen_after=pl.col("after").sum()).row(0, named=True)
    row = {name: int(value or 0) for name, value in row.items()}
    return {"before": row.pop("had"), "after": row.pop("has"), **row}


def _distances(kinds: pl.DataFrame) -> list[int]:
    """Households by the distance of their measure from the line: below the first edge, between edges, above the last."""
    away = kinds.select(away=pl.col("measure") - pl.col("line")).drop_nulls()["away"]
    places = pl.Series(BANDS).search_sorted(away, side="right") if len(away) else pl.Series([], dtype=pl.UInt32)
    found = [0] * (len(BANDS) + 1)
    for place, count in zip(*_tally(places), strict=True):
        found[place] = count
    return found


def _tally(values: pl.Series) -> tuple[list[int], list[int]]:
    table = values.alias("at").value_counts()
    return table["at"].to_list(), table["count"].to_list()


def _cliffs(kinds: pl.DataFrame) -> dict[str, int]:
    """Households that lose more than one yuan by earning one more; `most` is the largest loss (a maximum, not a sum)."""
    lost = pl.col("dearer")
    row = kinds.filter(lost > CLIFF).select(
        households=pl.len().cast(pl.Int64), fen=lost.sum(), most=lost.max(), to_100=(lost <= 10_000).sum(),
        to_500=((lost > 10_000) & (lost <= 50_000)).sum(), above=(lost > 50_000).sum()).row(0, named=True)
    return {name: int(value or 0) for name, value in row.items()}


def nearest(rows: pl.DataFrame, count: int = NEAREST) -> pl.DataFrame:
    """The households whose measure is closest to the line, on both sides."""
    known = rows.filter(pl.col("problem").is_null() & pl.col("measure").is_not_null() & pl.col("line").is_not_null())
    away = (pl.col("measure") - pl.col("line")).abs()
    return known.with_columns(away=away).sort("away", "household_id").head(count)


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of several places."""
    if not parts:
        return {}
    found: dict[str, Any] = _add(parts)
    return found


def _add(values: list[Any], name: str = "") -> Any:
    first = values[0]
    if isinstance(first, dict):
        keys = list(dict.fromkeys(key for value in values for key in value))
        return {key: _add([value[key] for value in values if key in value], key) for key in keys}
    if isinstance(first, list):
        return [sum(column) for column in zip(*values, strict=True)]
    return max(values) if name == "most" else sum(values)
