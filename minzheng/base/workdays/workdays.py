"""Sums on working days. A year without an official notice raises: a wrong date harms people."""

from datetime import date, datetime, timedelta

from minzheng.base.errors import Refused

from .calendar import look_up, refuse_unknown

ONE = timedelta(days=1)


def plain_date(day: date) -> date:
    """Refuses a datetime: its day depends on a time zone."""
    if isinstance(day, datetime):
        raise TypeError("a date is needed, not a datetime")
    return day


def is_workday(day: date) -> bool:
    """True for Monday to Friday without holidays, and for make-up days."""
    working, provisional = look_up(plain_date(day))
    if provisional:
        raise refuse_unknown(day.year)
    return working


def add(day: date, n: int) -> date:
    """The n-th working day after `day` (which itself is not counted); n = 0 gives `day` or the next working day."""
    if n < 0:
        raise Refused("工作日数不能为负数,请核对时限设置。")
    plain_date(day)
    if n == 0:
        while not is_workday(day):
            day += ONE
        return day
    while n:
        day += ONE
        n -= is_workday(day)
    return day


def between(a: date, b: date) -> int:
    """Working days after `a` up to and including `b`; negative when b is earlier."""
    plain_date(a), plain_date(b)
    if b < a:
        return -between(b, a)
    return sum(is_workday(a + timedelta(n)) for n in range(1, (b - a).days + 1))


def last_workday_before(day: date, n: int = 1, *, allow_provisional: bool = False) -> date:
    """The n-th working day before `day`."""
    while n:
        day -= ONE
        working, provisional = look_up(day)
        if provisional and not allow_provisional:
            raise refuse_unknown(day.year)
        n -= working
    return day
