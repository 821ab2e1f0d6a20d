"""The nightly sweep as a job. It goes on where it stopped; the same night twice finds nothing new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import F, Sum

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.jobs import job
from minzheng.base.scope.ranges import range_of
from minzheng.scenes.assistance.monitoring import collecting, opening, sweeping
from minzheng.scenes.assistance.monitoring.ahead import read_ahead
from minzheng.scenes.assistance.monitoring.models import Outcome, Sweep

OPEN_AT_ONCE = 500
KEEP = dt.timedelta(days=60)  # 示例值: how long outcomes that raised nothing are kept
LOCK = 7710


@job("monitoring.collect", queue="exchange", every="40 0 * * *", title="接收部门监测信号")
def collect(run: Any, night: str = "") -> None:
    """Asks each department for what happened since it was last told of, up to the day before the night. A department that
    does not answer harms no other and is asked on the next time; what is told twice is kept once."""
    with run.transaction():
        day = dt.date.fromisoformat((run.checkpoint or {}).get("night") or night or clock.today().isoformat())
        run.checkpoint = {"night": day.isoformat()}
        rows = {row.pk: row for row in (collecting.begin(partner, day, run.jurisdiction) for partner in collecting.departments())}
    run.total(len(rows))
    after = dict.fromkeys(rows, "")
    while after:
        asked = [q for number, key in after.items() if (q := collecting.question(rows[number], key)) is not None]
        done, after = after, {}
        for result in collecting.ask(asked, by=run.by) if asked else []:
            row = rows[result.question.key]
            with run.transaction():
                following = collecting.do_take(row, result, by=run.by)
                if row.status == "taken" and (following or collecting.question(row, "") is not None):
                    after[row.pk] = following
        with run.transaction():
            for number in done.keys() - after.keys():
                run.row(rows[number].department, rows[number].status == "taken", rows[number].detail)


@job("monitoring.sweep", every="30 1 * * *")
def sweep(run: Any, night: str = "") -> None:
    """All households of the job's place: outcomes range by range, then alerts for new facts, then watches that are over.

    `night` (ISO) is the day whose facts and law count; without it, the day on which the run first began. Refused when a
    later night has been swept already, as after a clock was set back.
    """
    with _only_one():
        found = _begin(run, night)
        _ranges(run, found)
        _alerts(run, found)
        _finish(run, found)


@contextmanager
def _only_one() -> Iterator[None]:
    """Two sweeps at once would do the same work twice: the second is told so and leaves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refused("另一次扫描正在进行,请等它完成。")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCK])


def _begin(run: Any, night: str) -> Sweep:
    """The sweep of the night: a new one, one that was interrupted, or a finished one, which is gone over again."""
    with run.transaction():
        day = dt.date.fromisoformat((run.checkpoint or {}).get("night") or night or clock.today().isoformat())
        if Sweep.objects.filter(place=run.jurisdiction, status="done", night__gt=day).exists():
            raise Refused(f"{day:%Y-%m-%d} 之后的日期已经扫描过。请检查服务器时间。")
        if day > clock.today():
            raise Refused("不能扫描还没有到的日期。")
        low, high = range_of(run.jurisdiction)
        found, _ = Sweep.objects.get_or_create(
            night=day, place=run.jurisdiction,
            defaults={"run": run.id, "schemes": sweeping.scheme_codes(), "began_at": clock.now(),
                      "plan": [list(pair) for pair in sweeping.ranges(low, high)]})
        if found.status == "done" or not found.plan:
            found.ranges.all().delete()
            found.status, found.run, found.schemes = "running", run.id, sweeping.scheme_codes()
            found.plan = [list(pair) for pair in sweeping.ranges(low, high)]
            found.opened = found.joined = 0
            found.began_at, found.ended_at = clock.now(), None
            found.save()
        run.checkpoint = {"night": day.isoformat(), "after": (run.checkpoint or {}).get("after", 0)}
    run.total(len(found.plan))
    return found


def _ranges(run: Any, found: Sweep) -> None:
    with run.transaction():
        done = set(found.ranges.values_list("low", flat=True))
    todo = [(low, high) for low, high in found.plan if low not in done]
    with read_ahead(todo, found.night, run.by) as frames:
        for low, high in todo:
            with run.transaction():
                swept = sweeping.sweep_range(found, low, high, frames=frames(low, high))
                run.row(low, True, f"{swept.households} 户,{swept.matters} 户需要关注")


def _alerts(run: Any, found: Sweep) -> None:
    while True:
        with run.transaction():
            batch = opening.fresh(found.night, run.checkpoint["after"], OPEN_AT_ONCE)
            opened, joined = opening.do_open(batch, by=run.by)
            Sweep.objects.filter(pk=found.pk).update(opened=F("opened") + opened, joined=F("joined") + joined)
            if batch:
                run.checkpoint = {**run.checkpoint, "after": batch[-1].household_id}
        if len(batch) < OPEN_AT_ONCE:
            break
    while True:
        with run.transaction():
            if opening.end_watches(found.night, by=run.by, limit=OPEN_AT_ONCE) < OPEN_AT_ONCE:
                return


def _finish(run: Any, found: Sweep) -> None:
    with run.transaction():
        opening.note_held(found.night)
        sums = found.ranges.aggregate(*(Sum(name) for name in ("households", "persons", "lacking", "matters")))
        row = Sweep.objects.get(pk=found.pk)
        for name in ("households", "persons", "lacking", "matters"):
            setattr(row, name, sums[f"{name}__sum"] or 0)
        row.known = row.matters - row.opened - row.joined
        row.status, row.ended_at = "done", clock.now()
        row.save()
        Outcome.objects.filter(night__lt=found.night - KEEP).delete()
