"""Money by who bears it. Shares come from the layer that keeps budgets; a place without shares is said to have none."""

from __future__ import annotations

import datetime as dt

from minzheng.data.brain.desk.ports import shares_of

UNSET = "未登记分担比例"
MARK = "|"
NOBODY = [(UNSET, 10_000)]


def by_source(scheme: str, county: str, month: dt.date, before_fen: int, after_fen: int) -> dict[str, list[int]]:
    """[before, after] in fen by source; the sources add up to the whole. The split of a month's sum may differ from the
    sum of split lines by some fen."""
    shares = shares_of(scheme, county, month) or NOBODY
    before, after = split(before_fen, shares), split(after_fen, shares)
    return {f"{at}{MARK}{title}": [before[title], after[title]] for at, (title, _) in enumerate(shares)}


def in_order(sources: dict[str, list[int]]) -> list[tuple[str, int, int]]:
    """(title, before, after); keys carry their place, since the database keeps objects in an order of its own."""
    return [(key.split(MARK, 1)[1], before, after) for key, (before, after) in sorted(sources.items())]


def split(fen: int, shares: list[tuple[str, int]]) -> dict[str, int]:
    parts = {title: fen * points // 10_000 for title, points in shares}
    last = [title for title, points in shares if points][-1]
    parts[last] += fen - sum(parts.values())
    return parts
