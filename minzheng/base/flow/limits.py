"""Due and warning moments of tasks, clocks and timers, with their pauses."""

from __future__ import annotations

import datetime as dt
from math import ceil

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.workdays import between, due_with_pauses, last_workday_before

from .models import Limited

YELLOW_SHARE = 5  # the last fifth of a limit is yellow
LONGEST_YELLOW = 5


def reckon(row: Limited) -> None:
    """Set due_at, warn_at and provisional from the row's start, limit and closed pauses."""
    due = due_with_pauses(
        row.started_at, row.limit_amount, row.limit_unit, row.spans(), allow_provisional=row.limit_unit == "workday"
    )
    row.due_at, row.provisional = due
    share = min(ceil(row.limit_amount / YELLOW_SHARE), LONGEST_YELLOW)
    if row.limit_unit == "workday":
        last = due.at.astimezone(clock.SHANGHAI).date()
        warn = last_workday_before(last, share, allow_provisional=True)
        warn_at = dt.datetime.combine(warn, dt.time(0), clock.SHANGHAI)
    elif row.limit_unit == "day":
        warn_at = due.at - dt.timedelta(days=share)
    else:
        warn_at = due.at - dt.timedelta(hours=ceil(row.limit_amount / YELLOW_SHARE))
    row.warn_at = max(warn_at, row.started_at)


def worked(row: Limited, now: dt.datetime) -> int | None:
    """Whole working days from the start to `now`, without the standstills; None when a year has no calendar yet."""
    try:
        days = between(_day(row.started_at), _day(now))
        still = sum(between(_day(span.start), _day(span.end)) for span in row.spans() if span.end is not None)
    except Refused:
        return None
    return max(days - still, 0)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.SHANGHAI).date()


def pause(row: Limited, now: dt.datetime) -> bool:
    """Stand still from now; False when it already stands."""
    if row.paused_at is not None:
        return False
    row.paused_at = now
    return True


def resume(row: Limited, now: dt.datetime) -> bool:
    """Run again, with the standstill left out of the limit; False when it runs."""
    if row.paused_at is None:
        return False
    row.pauses = [*row.pauses, [row.paused_at.isoformat(), max(now, row.paused_at).isoformat()]]
    row.paused_at = None
    reckon(row)
    return True
