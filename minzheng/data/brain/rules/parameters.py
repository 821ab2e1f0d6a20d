"""The value of a parameter in a zone on a day, with where it came from.

Shipped YAML is the base; versions put in force on screen lie over it. A zone uses its own series from that series'
first day and its parent's before; a day that no value or more than one covers is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from minzheng.base import clock
from minzheng.data.brain.rules import catalogue, zones
from minzheng.data.brain.rules.catalogue import Dated, Definition
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.text import yuan

Series = dict[tuple[str, str], list[Dated]]


@dataclass(frozen=True)
class Applied:
    """A value as applied: what the explanation shows and the record keeps."""

    id: str
    name: str
    unit: str
    asked_zone: str
    zone: str
    value: int
    since: dt.date
    until: dt.date | None
    clause: str
    version: str
    sample: bool
    note: str = ""

    @property
    def text(self) -> str:
        return show(self.value, self.unit)


class Book:
    """All values as of one moment. Immutable; a change on screen makes a new one."""

    def __init__(self, base: Series, over: Series, stamp: tuple[int, int]) -> None:
        self.stamp = stamp
        self._series = {key: _overlay(base.get(key, []), over.get(key, [])) for key in base.keys() | over.keys()}

    def lookup(self, parameter: str, zone: str, on: dt.date) -> Applied:
        """Raises RuleCannotEvaluate for an unknown parameter or zone, a day without value, or two values a day."""
        definition = catalogue.definition(parameter)
        if definition is None:
            raise RuleCannotEvaluate(f"没有名为“{parameter}”的规则参数,请联系参数管理员。")
        for key in zones.lineage(zone):
            series = self._series.get((parameter, key), [])
            if not any(row.since <= on for row in series):
                continue
            found = [row for row in series if row.covers(on)]
            if len(found) == 1:
                return _applied(definition, zone, found[0])
            trouble = "没有取值" if not found else f"有 {len(found)} 个取值"
            raise RuleCannotEvaluate(
                f"{zones.zone(key).name}的“{definition.name}”在 {on.isoformat()} {trouble},"
                "请先在规则参数页补齐或更正后再测算。")
        raise RuleCannotEvaluate(
            f"{zones.zone(zone).name}及其上级在 {on.isoformat()} 都没有“{definition.name}”的取值,"
            "请先在规则参数页补录。")

    def series(self, parameter: str, zone: str) -> list[Dated]:
        """The zone's own values in order of date, shipped ones cut where a version in force covers them."""
        return self._series.get((parameter, zone), [])

    def over(self, values: Iterable[Dated]) -> Book:
        """A new book in which these values, one after the other, take the place of what they cover."""
        laid = Book({}, {}, self.stamp)
        laid._series = dict(self._series)
        for value in values:
            key = (value.id, value.zone)
            laid._series[key] = _overlay(laid._series.get(key, []), [value])
        return laid

    def zones_of(self, parameter: str) -> list[str]:
        return sorted(zone for id_, zone in self._series if id_ == parameter)


def _applied(definition: Definition, asked: str, row: Dated) -> Applied:
    return Applied(definition.id, definition.name, definition.unit, asked, row.zone, row.value, row.since, row.until,
                   row.clause, row.version, row.sample, row.note)


def _overlay(base: list[Dated], over: list[Dated]) -> list[Dated]:
    """Base values with the days that the upper layer covers cut out, plus the upper layer."""
    pieces = list(base)
    for upper in over:
        pieces = [piece for row in pieces for piece in _without(row, upper)]
    return sorted([*pieces, *over], key=lambda row: row.since)


def _without(row: Dated, upper: Dated) -> list[Dated]:
    day = dt.timedelta(days=1)
    if (row.until is not None and row.until < upper.since) or (upper.until is not None and upper.until < row.since):
        return [row]
    kept = []
    if row.since < upper.since:
        kept.append(_cut(row, row.since, upper.since - day))
    if upper.until is not None and (row.until is None or row.until > upper.until):
        kept.append(_cut(row, upper.until + day, row.until))
    return kept


def _cut(row: Dated, since: dt.date, until: dt.date | None) -> Dated:
    return Dated(row.id, row.zone, row.value, since, until, row.document, row.article, row.verified, row.sample,
                 row.version, row.note)


class Overlay:
    """Where versions in force come from; the application plugs the database in, the pure part has none."""

    stamp: Callable[[], int] = staticmethod(lambda: 0)
    read: Callable[[], Series] = staticmethod(dict)
    known: Callable[[dt.datetime], list[Dated]] = staticmethod(lambda moment: [])


_book: Book | None = None
_frozen: ContextVar[Book | None] = ContextVar("frozen_book", default=None)


@contextmanager
def using(book: Book) -> Iterator[Book]:
    """Everything evaluated inside reads this one book, whatever is put in force meanwhile."""
    token = _frozen.set(book)
    try:
        yield book
    finally:
        _frozen.reset(token)


def as_known(moment: dt.datetime) -> Book:
    """The book as it was known at an instant: versions approved up to then, with the days they were approved for.

    A later retroactive version is not in it. Shipped values count as known always.
    """
    return Book(catalogue.shipped(), {}, (catalogue.turn(), -1)).over(Overlay.known(moment))


def as_known_on(day: dt.date) -> Book:
    """`as_known` at the end of a day in China."""
    return as_known(dt.datetime.combine(day, dt.time.max, clock.SHANGHAI))


def current() -> Book:
    """The book as of now, or the one in `using`. One cheap query tells whether a version was put in force elsewhere."""
    global _book
    if (frozen := _frozen.get()) is not None:
        return frozen
    stamp = (catalogue.turn(), Overlay.stamp())
    if _book is None or _book.stamp != stamp:
        _book = Book(catalogue.shipped(), Overlay.read(), stamp)
    return _book


def lookup(parameter: str, zone: str, on: dt.date) -> Applied:
    """The value with its source. `zone` is a key such as `z320500` (see zones.zone_of)."""
    return current().lookup(parameter, zone, on)


def value(parameter: str, zone: str, on: dt.date) -> int:
    """The bare number, in the unit of its definition (fen, percent, working days …)."""
    return lookup(parameter, zone, on).value


def show(number: int, unit: str) -> str:
    """For people: 1,100 元/人/月, 150%, 7 天."""
    if unit in {"fen", "fen_per_person_month"}:
        return yuan(number) + catalogue.UNITS[unit].removeprefix("元")
    if unit == "flag":
        return "是" if number else "否"
    if unit == "percent":
        return f"{number}%"
    return f"{number} {catalogue.UNITS[unit]}"
