"""Closing a month, correcting it, and the form at any level: always the sum of the same rows, so children add up to their parent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from minzheng.base import audit, clock
from minzheng.base.crypto import sm3
from minzheng.base.errors import NotAllowed, Refused, Stale
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.scope.ranges import SIGNIFICANT, level_of, range_of
from minzheng.office.benefits.months import add_months, check_month, first_of
from minzheng.scenes.assistance.recognitions.models import KINDS
from minzheng.scenes.assistance.statistics.models import Closing, Line
from minzheng.scenes.assistance.statistics.sql import ROWS

READERS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader", "county_finance",
           "data_officer", "city_officer", "province_officer")
CORRECTORS = ("county_leader", "data_officer")
COLUMNS = ("jurisdiction", "kind", "recognition", "case_code", "head", "standing", "began", "ended", "persons", "elderly", "minors",
           "disabled", "ill", "fen")


@dataclass
class Figure:
    """One cell group of the form. Stocks are those of the period's last month, flows of all its months; money in fen."""

    households: int = 0
    persons: int = 0
    elderly: int = 0
    minors: int = 0
    disabled: int = 0
    ill: int = 0
    began: int = 0
    ended: int = 0
    fen: int = 0

    def add(self, other: Figure) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


MEASURES = {"households": "户数", "persons": "人数", "elderly": "老年人", "minors": "未成年人", "disabled": "残疾人", "ill": "重病患者",
            "began": "新增户", "ended": "退出户", "fen": "金额"}
# What the rows behind a number have in common.
OF_MEASURE: dict[str, dict[str, Any]] = {
    "households": {"standing": True}, "persons": {"standing": True}, "elderly": {"standing": True, "elderly__gt": 0},
    "minors": {"standing": True, "minors__gt": 0}, "disabled": {"standing": True, "disabled__gt": 0}, "ill": {"standing": True, "ill__gt": 0},
    "began": {"began": True}, "ended": {"ended": True}, "fen": {"fen__gt": 0},
}


def months_of(last: dt.date, quarter: bool) -> list[dt.date]:
    """The month, or the three months of its quarter up to and including it."""
    if not quarter:
        return [last]
    first = last.replace(month=(last.month - 1) // 3 * 3 + 1)
    return [add_months(first, n) for n in range(3) if add_months(first, n) <= last]


def do_close(county: str, month: dt.date, *, by: Officer | Service, reason: str = "") -> Closing:
    """Freezes a month of a county; closing a closed month without a reason changes nothing. With one, a new version supersedes."""
    check_month(month)
    if level_of(county) != 3:
        raise Refused("按县(市、区)定稿。", field="place")
    if month >= first_of(clock.today()):
        raise Refused("这个月还没有结束,不能定稿。", field="month")
    with transaction.atomic():
        known = Closing.objects.select_for_update().filter(county=county, month=month, superseded_at=None).first()
        if known is not None and not reason:
            return known
        rows = rows_of(county, month)
        if known is not None:
            known.superseded_at = clock.now()
            known.save(update_fields=["superseded_at"])
        text = "\n".join("|".join(map(str, row)) for row in rows)
        try:
            with transaction.atomic():
                made = Closing.objects.create(
                    county=county, month=month, version=known.version + 1 if known else 1, reason=reason if known else "", rows=len(rows),
                    digest=sm3(text.encode()).hex(), by_account=by.account_id, by_name=by.name, at=clock.now())
        except IntegrityError as error:
            raise Stale("这个月刚刚由别人定稿,请刷新页面。") from error
        Line.objects.bulk_create([Line(closing=made, month=month, **dict(zip(COLUMNS, row, strict=True))) for row in rows], batch_size=2000)
        audit.record("statistics.corrected" if known else "statistics.closed", by=by, obj_type="statistics", reason=reason,
                     obj_id=f"{county}:{month:%Y-%m}", jurisdiction=county, before={"digest": known.digest} if known else None,
                     after={"version": made.version, "rows": made.rows, "digest": made.digest})
    return made


def do_correct(county: str, month: dt.date, *, reason: str, by: Officer) -> Closing:
    """A closed month is made again from the data as they are known now."""
    if by.role not in CORRECTORS or by.jurisdiction != county:
        raise NotAllowed("已定稿的统计由本县负责人或数据管理岗位更正。")
    if len(reason.strip()) < 4:
        raise Refused("更正须写明原因(至少四个字)。", field="reason")
    if not Closing.objects.filter(county=county, month=month).exists():
        raise Refused("这个月还没有定稿,不用更正。", field="month")
    return do_close(county, month, by=by, reason=reason.strip())


def rows_of(place: str, month: dt.date) -> list[tuple[Any, ...]]:
    """What the month would be frozen as now, in order. Within the acting scope."""
    low, high = range_of(place)
    after = add_months(month, 1)
    with connection.cursor() as cursor:
        cursor.execute(ROWS + " ORDER BY r.id", {"low": low, "high": high, "first": month, "next": after, "last": after - dt.timedelta(days=1)})
        return list(cursor.fetchall())


_SUMS = """
SELECT rpad(left(jurisdiction, %(digits)s), 12, '0'), kind, month,
  count(*) FILTER (WHERE standing), sum(persons) FILTER (WHERE standing), sum(elderly) FILTER (WHERE standing),
  sum(minors) FILTER (WHERE standing), sum(disabled) FILTER (WHERE standing), sum(ill) FILTER (WHERE standing),
  count(*) FILTER (WHERE began), count(*) FILTER (WHERE ended), sum(fen) FROM (
"""
_FROZEN = """
SELECT l.* FROM statistics_line l JOIN statistics_closing c ON c.id = l.closing_id AND c.superseded_at IS NULL
WHERE l.month = ANY(%(months)s) AND l.jurisdiction >= %(low)s AND l.jurisdiction < %(high)s
"""


def form(place: str, level: int, months: Sequence[dt.date], *, live: bool = False) -> dict[str, dict[str, Figure]]:
    """place (one of `level`) → kind → figures, of closed months; `live` computes the last month as it stands now."""
    low, high = range_of(place)
    last, after = months[-1], add_months(months[-1], 1)
    inner = f"SELECT rows.*, %(first)s::date AS month FROM ({ROWS}) rows" if live else _FROZEN  # noqa: S608
    found: dict[str, dict[str, Figure]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS + inner + ") found GROUP BY 1, 2, 3", {
            "digits": SIGNIFICANT[level], "low": low, "high": high, "months": list(months), "first": last, "next": after,
            "last": after - dt.timedelta(days=1)})
        for code, kind, month, *numbers in cursor.fetchall():
            figure = Figure(*(int(number or 0) for number in numbers))
            if month != last:  # only flows of the months before the last one count
                figure = Figure(began=figure.began, ended=figure.ended, fen=figure.fen)
            found.setdefault(code, {}).setdefault(kind, Figure()).add(figure)
    return found


def total_of(rows: dict[str, Figure]) -> Figure:
    found = Figure()
    for row in rows.values():
        found.add(row)
    return found


def closings(place: str, month: dt.date) -> list[Closing]:
    """The standing closings of the month within the place, or of the county that the place lies in."""
    county = place if level_of(place) <= 3 else place[:6] + "000000"
    low, high = range_of(county)
    return list(Closing.objects.filter(month=month, superseded_at=None, county__gte=low, county__lt=high).order_by("county"))


def lines_behind(place: str, month: dt.date, kind: str, measure: str) -> QuerySet[Line]:
    """The rows of a number of a closed month. Refused for an unknown kind or measure."""
    if kind and kind not in KINDS:
        raise Refused("没有这种类别,请从表中点开。", field="kind")
    if measure not in MEASURES:
        raise Refused("没有这种数字,请从表中点开。", field="measure")
    low, high = range_of(place)
    rows = Line.objects.filter(month=month, jurisdiction__gte=low, jurisdiction__lt=high, closing__superseded_at=None, **OF_MEASURE[measure])
    return rows.filter(kind=kind) if kind else rows
