"""Named clocks of a subject, such as the whole case's. Every verb is idempotent."""

from __future__ import annotations

import datetime as dt

from minzheng.base import clock as house_clock
from minzheng.base.errors import NotFound, Refused

from .limits import pause, reckon, resume
from .models import Clock

TIMES = ["due_at", "warn_at", "provisional", "pauses", "paused_at", "paused_by", "pause_reason"]


def start_clock(
    subject: str,
    name: str,
    amount: int,
    unit: str,
    *,
    jurisdiction: str,
    now: dt.datetime | None = None,
    parameter: str = "",
) -> Clock:
    """Start a clock. If it already runs, set its limit instead, counted from its first start."""
    found = Clock.objects.select_for_update().filter(subject=subject, name=name).first()
    row = found or Clock(
        subject=subject, name=name, jurisdiction=jurisdiction, started_at=now or house_clock.now(), pauses=[]
    )
    row.limit_amount, row.limit_unit, row.limit_parameter = amount, unit, parameter
    reckon(row)
    row.save()
    return row


def limit_clock(subject: str, name: str, amount: int, unit: str, *, parameter: str = "") -> Clock:
    """Give a running clock another limit (e.g. the extension to 45 working days). NotFound when it does not run;
    Refused when it has that limit already: an extension is granted once."""
    row = Clock.objects.select_for_update().filter(subject=subject, name=name, stopped_at=None).first()
    if row is None:
        raise NotFound("这个办件没有在计的时限。")
    if (row.limit_amount, row.limit_unit, row.limit_parameter) == (amount, unit, parameter):
        raise Refused("这个办件的时限已经延长过,不能再次延长。")
    row.limit_amount, row.limit_unit, row.limit_parameter = amount, unit, parameter
    reckon(row)
    row.save()
    return row


def clock_of(subject: str, name: str) -> Clock | None:
    return Clock.objects.filter(subject=subject, name=name).first()


def running_clock(subject: str) -> Clock | None:
    """The clock that was started last and still runs: the one that presses, where no clock is the whole case's."""
    return Clock.objects.filter(subject=subject, stopped_at=None).order_by("-started_at", "-id").first()


def pause_clocks(
    subject: str, *, reason: str, names: tuple[str, ...] = (), by_element: str = "", now: dt.datetime | None = None
) -> int:
    """Stop counting, e.g. while the applicant supplements. Clocks already standing are left alone."""
    moment, count = now or house_clock.now(), 0
    for row in _running(subject, names):
        if pause(row, moment):
            row.paused_by, row.pause_reason = by_element, reason
            row.save(update_fields=TIMES)
            count += 1
    return count


def resume_clocks(
    subject: str, *, names: tuple[str, ...] = (), by_element: str | None = None, now: dt.datetime | None = None
) -> int:
    """Count again; with `by_element`, only what that element paused."""
    moment, count = now or house_clock.now(), 0
    for row in _running(subject, names):
        if (by_element is None or row.paused_by == by_element) and resume(row, moment):
            row.paused_by, row.pause_reason = "", ""
            row.save(update_fields=TIMES)
            count += 1
    return count


def stop_clocks(subject: str, *, names: tuple[str, ...] = (), now: dt.datetime | None = None) -> int:
    """End the clocks for good."""
    moment, count = now or house_clock.now(), 0
    for row in _running(subject, names):
        resume(row, moment)
        row.stopped_at = moment
        row.save(update_fields=[*TIMES, "stopped_at"])
        count += 1
    return count


def _running(subject: str, names: tuple[str, ...]) -> list[Clock]:
    rows = Clock.objects.select_for_update().filter(subject=subject, stopped_at=None)
    return list(rows.filter(name__in=names) if names else rows)
