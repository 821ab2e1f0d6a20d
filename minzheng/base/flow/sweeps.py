"""What happens by the clock: due timers, red tasks reported upwards, provisional dates made firm.

Each sweep finds its work by an index on a due column and loads only those processes. Run it under a batch scope.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import DatabaseError, transaction
from django.db.models import F

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.base.scope.ranges import office_of

from . import registry
from .limits import reckon
from .models import OPEN, UNFINISHED, Clock, Limited, Process, Task, Timer
from .running import log, stepping

log_ = logging.getLogger(__name__)
BATCH = 200
RETRY = dt.timedelta(minutes=10)
NOTICE_DAYS = 3  # 示例值: how long a notice may lie before the next level hears of it


def fire_due(now: dt.datetime, *, by: Service, limit: int = BATCH) -> int:
    """Let due timers go off; returns how many did. One that fails is put off and its reason kept; the others go on."""
    due = Timer.objects.filter(fired_at=None, cancelled_at=None, due_at__lte=now, process__status="active")
    fired = 0
    for pk, process_id in due.order_by("due_at").values_list("pk", "process_id")[:limit]:
        try:
            with transaction.atomic():
                fired += _fire(pk, process_id, now, by)
        except (Refused, RuntimeError, ValueError, LookupError, DatabaseError) as error:
            log_.error("timer %s failed: %s", pk, type(error).__name__)
            text = error.reason if isinstance(error, Refused) else type(error).__name__
            Timer.objects.filter(pk=pk).update(tries=F("tries") + 1, problem=text, due_at=now + RETRY)
    return fired


def _fire(pk: int, process_id: int, now: dt.datetime, by: Service) -> int:
    process = Process.objects.select_for_update(skip_locked=True).filter(pk=process_id, status="active").first()
    if process is None:  # somebody works on it now, the next sweep comes soon
        return 0
    timer = Timer.objects.filter(pk=pk, fired_at=None, cancelled_at=None).first()
    if timer is None:
        return 0
    timer.fired_at = now
    timer.save(update_fields=["fired_at"])
    with stepping(process, by, now) as run:
        if not run.fire(timer.token):
            raise RuntimeError("the timer's token is gone")
    log(process, None, "timer", by, now, data={"element": timer.element})
    return 1


def escalate(now: dt.datetime, *, limit: int = BATCH) -> int:
    """Report red tasks to the supervising role one level up, once; returns how many tasks were dealt with. A notice
    that turns red itself is reported a level further up."""
    red = Task.objects.select_for_update(skip_locked=True).filter(
        status__in=OPEN, due_at__lt=now, escalated_at=None
    )  # fmt: skip
    with transaction.atomic():
        tasks = list(red.order_by("due_at")[:limit])
        for task in tasks:
            _report(task, now)
    return len(tasks)


def _report(task: Task, now: dt.datetime) -> None:
    root = task.about or task
    level = task.level - 1
    role = registry.supervisor_of(level) if level >= 1 else ""
    Task.objects.filter(pk=task.pk).update(escalated_at=now)
    if not role or Task.objects.filter(about=root, level=level).exists():
        return
    notice = Task(
        process_id=root.process_id, subject=root.subject, jurisdiction=root.jurisdiction, level=level,
        office=office_of(root.jurisdiction, level), role=role, scene=root.scene, kind="notice", about=root,
        key=root.key, title=f"督办:{root.title}超期"[:64], started_at=now, limit_amount=NOTICE_DAYS,
        limit_unit="workday",
    )  # fmt: skip
    reckon(notice)
    notice.save()


def recompute_provisional(year: int, *, limit: int = 10_000) -> int:
    """After the official calendar of `year` has been loaded: reckon every unfinished provisional date anew. Returns how
    many dates changed or became firm; call again until it returns 0."""
    count = 0
    doubtful = {"provisional": True, "due_at__year__gte": year}
    with transaction.atomic():
        rows: list[Limited] = [
            *Task.objects.filter(status__in=UNFINISHED, **doubtful).select_for_update().order_by("due_at")[:limit],
            *Clock.objects.filter(stopped_at=None, **doubtful).select_for_update().order_by("due_at")[:limit],
            *Timer.objects.filter(fired_at=None, cancelled_at=None, **doubtful)
            .select_for_update()
            .order_by("due_at")[:limit],
        ]
        for row in rows:
            before = row.due_at
            reckon(row)
            if row.provisional and row.due_at == before:
                continue
            row.save(update_fields=["due_at", "warn_at", "provisional"])
            count += 1
    return count
