"""The law of a run: one frozen book, which can be made again exactly, and its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from minzheng.base.scope.ranges import range_of
from minzheng.data.brain.desk.models import Run
from minzheng.data.brain.rules import parameters, zones
from minzheng.data.brain.rules.catalogue import Dated
from minzheng.data.brain.rules.parameters import Book
from minzheng.data.brain.rules.scheme import Scheme, scheme


def zones_of(place: str) -> list[str]:
    """Zones whose values can matter in a place: those inside it and all above."""
    low, high = range_of(place)
    inside = [zone.key for zone in zones.tree().values() if zone.key != zones.NATION and low <= zone.jurisdiction < high]
    return sorted({*inside, *zones.lineage(zones.zone_of(place))})


def digest(rules: Scheme, place: str, book: Book) -> str:
    """Of every value that the scheme could read in the place, on whatever day."""
    lines = [f"{d.id} {d.zone} {d.value} {d.since} {d.until}" for name in sorted(rules.parameters)
             for zone in zones_of(place) for d in book.series(name, zone)]
    return hashlib.sha256("\n".join([rules.version, *lines]).encode()).hexdigest()


def laid(case: dict[str, Any], book: Book) -> Book:
    """The book with a draft's values over it."""
    since, until = dt.date.fromisoformat(case["since"]), case["until"]
    last = dt.date.fromisoformat(until) if until else None
    return book.over(Dated(name, case["zone"], value, since, last, case["title"], "", False, True, "方案")
                     for name, value in case["values"].items())


def books(run: Run) -> tuple[Book, list[Book]]:
    """What the run compares. The same at every call, since versions keep when they were approved and for which days."""
    law = parameters.as_known(run.law_at)
    if run.kind == "recompute":
        assert run.known_on is not None
        return parameters.as_known_on(run.known_on), [law]
    return law, [laid(case, law) for case in run.cases]


def outdated(run: Run) -> bool:
    """Whether the law that the run read has changed since: its result then stands on an earlier law."""
    return digest(scheme(run.scheme), run.jurisdiction, parameters.current()) != run.law_digest
