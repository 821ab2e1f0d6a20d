"""Workload and timeliness (工作量与时效): what offices received, finished and have open, and how many working days it took.

Each statement is one pass over a covering index by time; medians are read off the
histogram of whole working days, which is exact. Nobody is named here: the smallest unit is a post of an office.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from minzheng.base import clock as house_clock
from minzheng.base.scope.ranges import SIGNIFICANT, range_of

_WHERE = """kind = 'task' AND office >= %(low)s AND office < %(high)s
  AND (%(matter)s = '' OR matter = %(matter)s) AND (%(all)s OR scene = ANY(%(scenes)s))"""
_PLACE = "rpad(left(office, %(digits)s), 12, '0')"
RECEIVED = f"""
SELECT {_PLACE}, role, matter, '', NULL::int, false, count(*) FROM flow_task
WHERE {_WHERE} AND started_at >= %(since)s AND started_at < %(until)s GROUP BY 1, 2, 3
"""  # noqa: S608 (constants only)
DONE = f"""
SELECT {_PLACE}, role, matter, key, worked_days, completed_at > due_at, count(*) FROM flow_task
WHERE {_WHERE} AND status = 'done' AND completed_at >= %(since)s AND completed_at < %(until)s GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608
OPEN = f"""
SELECT {_PLACE}, role, matter, key, NULL::int, due_at < %(now)s, count(*) FROM flow_task
WHERE {_WHERE} AND status IN ('ready', 'claimed') GROUP BY 1, 2, 3, 4, 6
"""  # noqa: S608


@dataclass
class Work:
    """Counts of tasks; `days` is the histogram of whole working days that finished ones took."""

    received: int = 0
    done: int = 0
    late: int = 0
    open: int = 0
    overdue: int = 0
    days: Counter[int] = field(default_factory=Counter)

    @property
    def in_time(self) -> int:
        """Percent of the finished ones that kept their limit, rounded down."""
        return (self.done - self.late) * 100 // self.done if self.done else 0

    @property
    def median(self) -> int | None:
        return quantile(self.days, 50)

    @property
    def p90(self) -> int | None:
        return quantile(self.days, 90)

    @property
    def empty(self) -> bool:
        return not (self.received or self.done or self.open)


def quantile(days: Counter[int], percent: int) -> int | None:
    """The smallest number of days within which so many percent were finished; None when there is nothing."""
    total = days.total()
    need = -(-total * percent // 100)
    for day in sorted(days):
        need -= days[day]
        if need <= 0:
            return day
    return None


@dataclass(frozen=True)
class Figures:
    """By place one level below the asked one (itself: 本级), by post within 本级, and by step; `total` is all of it."""

    places: dict[str, Work]
    posts: dict[str, Work]
    steps: dict[tuple[str, str], Work]
    total: Work


def workload(place: str, level: int, since: dt.date, until: dt.date, *, scenes: Sequence[str], matter: str = "") -> Figures:
    """Tasks of the offices within `place` from `since` to before `until`, summed at `level`; what is open is open now."""
    low, high = range_of(place)
    values: dict[str, Any] = {"digits": SIGNIFICANT[level], "low": low, "high": high, "matter": matter, "all": "*" in scenes,
              "scenes": ["", *scenes], "since": _begin(since), "until": _begin(until), "now": house_clock.now()}
    found = Figures({}, {}, {}, Work())
    with connection.cursor() as cursor:  # for this transaction: groups are summed in memory rather than sorted on disk
        cursor.execute("SET LOCAL work_mem = '32MB'")
    for sql, count in ((RECEIVED, _received), (DONE, _done), (OPEN, _open)):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            for code, role, process, key, days, late, number in cursor.fetchall():
                for work in _touched(found, place, code, role, process, key):
                    count(work, days, late, number)
    return found


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), house_clock.SHANGHAI)


def _touched(found: Figures, place: str, code: str, role: str, process: str, key: str) -> Iterable[Work]:
    yield found.total
    yield found.places.setdefault(code, Work())
    if code == place:
        yield found.posts.setdefault(role, Work())
    if key:
        yield found.steps.setdefault((process, key), Work())


def _received(work: Work, days: int | None, late: bool, number: int) -> None:
    work.received += number


def _done(work: Work, days: int | None, late: bool, number: int) -> None:
    work.done += number
    work.late += number if late else 0
    if days is not None:
        work.days[days] += number


def _open(work: Work, days: int | None, late: bool, number: int) -> None:
    work.open += number
    work.overdue += number if late else 0


MONTHS = f"""
SELECT date_trunc('month', {{column}} AT TIME ZONE 'Asia/Shanghai')::date, count(*) FROM flow_task
WHERE {_WHERE} {{more}} AND {{column}} >= %(since)s AND {{column}} < %(until)s GROUP BY 1
"""  # noqa: S608


def by_month(place: str, since: dt.date, until: dt.date, *, scenes: Sequence[str], matter: str = "") -> dict[dt.date, Work]:
    """Received and finished, month by month."""
    low, high = range_of(place)
    values: dict[str, Any] = {"low": low, "high": high, "matter": matter, "all": "*" in scenes, "scenes": ["", *scenes],
              "since": _begin(since), "until": _begin(until)}
    found: dict[dt.date, Work] = {}
    queries: list[tuple[str, str, Callable[..., None]]] = [
        ("started_at", "", _received), ("completed_at", "AND status = 'done'", _done)]
    for column, more, count in queries:
        with connection.cursor() as cursor:
            cursor.execute(MONTHS.format(column=column, more=more), values)
            for month, number in cursor.fetchall():
                count(found.setdefault(month, Work()), None, False, number)
    return found
