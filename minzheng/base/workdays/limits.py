"""Due moments of time limits: working days, calendar days or hours, with pauses left out."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from minzheng.base.errors import Refused

from .calendar import look_up, refuse_unknown

CHINA = ZoneInfo("Asia/Shanghai")
UNITS = {"workday": "个工作日", "day": "天", "hour": "小时"}
LONGEST = 3660  # days; a longer limit is a typing error


class Due(NamedTuple):
    """When a limit ends, and whether that rests on a year without an official calendar."""

    at: datetime
    provisional: bool


class Pause(NamedTuple):
    """A span in which the clock stood still; `end` None = still standing."""

    start: datetime
    end: datetime | None


def end_of(day: date) -> datetime:
    """24:00 of a day in China, as its last second."""
    return datetime.combine(day, time(23, 59, 59), CHINA)


def due_at(start: datetime, n: int, unit: str, *, allow_provisional: bool = False, roll: bool = False) -> Due:
    """When `n` of `unit` after `start` end. `roll` moves a last day that is off to the next working day (民法典 §203).

    Raises Refused when a year has no official calendar, unless `allow_provisional`.
    """
    return due_with_pauses(start, n, unit, (), allow_provisional=allow_provisional, roll=roll)


def due_with_pauses(
    start: datetime,
    n: int,
    unit: str,
    pauses: Sequence[Pause],
    *,
    allow_provisional: bool = False,
    roll: bool = False,
) -> Due:
    """As due_at, leaving pauses out. A day counts when the clock runs at its end: a pause from Tuesday to Thursday
    takes out Tuesday and Wednesday; one within a day takes out nothing. An open pause takes out nothing yet.
    """
    if unit not in UNITS or n < 0 or n > LONGEST:
        raise Refused(f"时限设置有误:{n}{UNITS.get(unit, unit)}。请联系管理员核对参数。")
    if start.tzinfo is None:
        raise TypeError("a time with its zone is needed")
    closed = sorted((p.start, p.end) for p in pauses if p.end is not None and p.end > start)
    if unit == "hour":
        due = start + timedelta(hours=n)
        moment = start
        for begin, end in closed:
            begin = max(begin, moment)
            if begin >= due or end <= begin:
                continue
            due += end - begin
            moment = end
        return Due(due, False)

    guess = False

    def working(day: date) -> bool:
        nonlocal guess
        yes, provisional = look_up(day)
        if provisional and not allow_provisional:
            raise refuse_unknown(day.year)
        guess = guess or provisional
        return yes

    def standing(day: date) -> bool:
        midnight = datetime.combine(day + timedelta(days=1), time(0), CHINA)
        return any(begin < midnight <= end for begin, end in closed)

    day = start.astimezone(CHINA).date()
    while n == 0 and unit == "workday" and not working(day):
        day += timedelta(days=1)
    left = n
    while left:
        day += timedelta(days=1)
        counts = unit == "day" or working(day)
        if counts and not standing(day):
            left -= 1
    while roll and not working(day):
        day += timedelta(days=1)
    return Due(end_of(day), guess)
