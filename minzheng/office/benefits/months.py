"""Benefit months: a month is the date of its first day."""

from __future__ import annotations

import datetime as dt

from minzheng.base.errors import Refused


def first_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def add_months(month: dt.date, count: int) -> dt.date:
    """The first day of the month `count` months later (or earlier)."""
    index = month.year * 12 + month.month - 1 + count
    return dt.date(index // 12, index % 12 + 1, 1)


def check_month(month: dt.date) -> dt.date:
    """The month itself; Refused unless it is a first day."""
    if month.day != 1:
        raise Refused("月份应写成当月 1 日,请重新选择月份。", field="month")
    return month
