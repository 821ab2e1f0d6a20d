"""The run as a job: county by county, each in its own transaction, stopped and resumed between counties."""

from __future__ import annotations

from typing import Any

import polars as pl

from minzheng.base import clock
from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.base.scope.ranges import range_of
from minzheng.data.brain.desk import computing, funding, hiding, ladder, law, places
from minzheng.data.brain.desk.models import Near, Part, Run
from minzheng.data.brain.desk.ports import Simulated, read_facts, simulated
from minzheng.data.brain.rules.parameters import Book

JOB = "policydesk.run"


@job(JOB)
def compute(run: Running, code: str) -> None:
    """Computes each county that has no part yet, then adds up. A law that differs from the one of the start (an approval
    that was still being written then) makes it begin anew: results of two laws are never mixed."""
    with run.transaction():
        row = Run.objects.get(code=code)
        base, cases = law.books(row)
        read = law.digest(simulated(row.scheme).rules, row.jurisdiction, cases[0] if row.kind == "recompute" else base)
        if read != row.law_digest:
            Part.objects.filter(run_code=code).delete()
            Near.objects.filter(run_code=code).delete()
            Run.objects.filter(pk=row.pk).update(law_digest=read)
        counties = places.counties(row.jurisdiction)
        done = set(Part.objects.filter(run_code=code).values_list("jurisdiction", flat=True))
    if not done:
        run.total(len(counties))
    for county in counties:
        if county not in done:
            with run.transaction():
                one_county(row, county, base, cases)
                run.row(county, ok=True)
    with run.transaction():
        finish(row, base, cases)


def one_county(row: Run, county: str, base: Book, cases: list[Book]) -> None:
    what = simulated(row.scheme)
    frames = read_facts(*range_of(county), row.facts_on)
    found = computing.compare(what, frames, row.on, row.month, base, cases) if frames[0].height else []
    Part.objects.create(
        run_code=row.code, jurisdiction=county, households=frames[0].height, persons=frames[1].height,
        cases=[_figures(what, rows, row, county) for rows in found])
    Near.objects.bulk_create(
        Near(run_code=row.code, jurisdiction=county, case=number, household_id=near["household_id"], size=near["size"],
             measure_fen=near["measure"], line_fen=near["line"], before_fen=near["before"], after_fen=near["after"])
        for number, rows in enumerate(found) for near in computing.nearest(rows).iter_rows(named=True))


def _figures(what: Simulated, rows: pl.DataFrame, row: Run, county: str) -> dict[str, Any]:
    found = computing.sums(what, rows)
    return {**found, "sources": funding.by_source(what.scheme, county, row.month, found["fen_before"], found["fen_after"])}


def finish(row: Run, base: Book, cases: list[Book]) -> None:
    """The result without small cells, and what one more yuan does to typical households."""
    parts = list(Part.objects.filter(run_code=row.code).order_by("jurisdiction"))
    Run.objects.filter(pk=row.pk).update(
        result=[shown(parts, number) for number in range(len(row.cases))], finished_at=clock.now(),
        households=sum(part.households for part in parts), persons=sum(part.persons for part in parts),
        ladders=ladder.ladders(simulated(row.scheme), row.jurisdiction, row.on, row.month, [base, *cases]))


def shown(parts: list[Part], number: int) -> dict[str, Any] | None:
    """One case added up over the counties, without small cells: what anybody within the place may see."""
    known = {part.jurisdiction: part.cases[number] for part in parts if part.cases}
    if not known:
        return None
    total = computing.merged(list(known.values()))
    numbers = {code: {name: case[name] for name in (*computing.COUNTS, *computing.SUMS)} for code, case in known.items()}
    return hiding.hide_sums(total, numbers)
