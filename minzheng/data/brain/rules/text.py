"""Amounts and dates as people read them."""

from __future__ import annotations

import datetime as dt


def yuan(fen: int) -> str:
    """1,095 元 for whole yuan, else 820.33 元. Exact: no float is involved."""
    sign, fen = ("-" if fen < 0 else ""), abs(int(fen))
    whole, rest = divmod(fen, 100)
    return f"{sign}{whole:,}{f'.{rest:02d}' if rest else ''} 元"


def day(date: dt.date) -> str:
    return f"{date.year} 年 {date.month} 月 {date.day} 日"


def month(date: dt.date) -> str:
    return f"{date.year} 年 {date.month} 月"
