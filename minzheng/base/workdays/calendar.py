"""Which days are working days, and how surely we know it.

Order of trust: an official notice in `calendars/<year>.yaml`, then the notices carried by chinesecalendar.
A year known to neither has only the fixed dates of 《全国年节及纪念日放假办法》(国务院令第795号) and weekends;
what rests on those is provisional.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from chinese_calendar import constants

from minzheng.base.errors import Refused

FOLDER = Path(__file__).parent / "calendars"
PROVISIONAL_MARK = "暂按周末推算,待国务院办公厅通知"
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


@dataclass(frozen=True)
class Calendar:
    """One official notice: the days it takes off and the days it makes up."""

    year: int
    source: str
    holidays: frozenset[date]
    workdays: frozenset[date]


def _days(entries: list[Any], name: str) -> frozenset[date]:
    days: set[date] = set()
    for entry in entries:
        first, last = (entry[0], entry[1]) if isinstance(entry, list) and len(entry) == 2 else (entry, entry)
        if type(first) is not date or type(last) is not date or last < first:
            raise ValueError(f"节假日安排 {name} 的日期写法不对:{entry!r}")
        days.update(first + timedelta(n) for n in range((last - first).days + 1))
    return frozenset(days)


def read(path: Path) -> Calendar:
    """Read one calendar file; anything unclear in it is an error."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or set(raw) != {"year", "source", "holidays", "workdays"}:
        raise ValueError(f"节假日安排 {path.name} 必须且只能有 year、source、holidays、workdays 四项。")
    year, source = raw["year"], raw["source"]
    if str(year) != path.stem or not isinstance(source, str) or not source.strip():
        raise ValueError(f"节假日安排 {path.name} 的年份与文件名不一致,或没有写明来源。")
    holidays, workdays = _days(raw["holidays"], path.name), _days(raw["workdays"], path.name)
    if not holidays or holidays & workdays:
        raise ValueError(f"节假日安排 {path.name} 没有放假日,或同一天既放假又上班。")
    if any(d.year != year and (d.year, d.month) != (year - 1, 12) for d in holidays | workdays):
        raise ValueError(f"节假日安排 {path.name} 写了别的年份的日期。")
    if any(d.weekday() < 5 for d in workdays):
        raise ValueError(f"节假日安排 {path.name} 的调休上班日应当在周末。")
    return Calendar(year, source.strip(), holidays, workdays)


@lru_cache
def loaded() -> dict[int, Calendar]:
    """The official notices in the folder, by year. Clear this cache after adding a file."""
    return {c.year: c for c in (read(p) for p in sorted(FOLDER.glob("*.yaml")))}


@lru_cache
def _packaged_years() -> frozenset[int]:
    return frozenset(d.year for d in constants.holidays)


def known_year(year: int) -> bool:
    """True when an official notice for the year is at hand."""
    return year in loaded() or year in _packaged_years()


def source_of(year: int) -> str:
    """Where the year's working days come from, for display."""
    if year in loaded():
        return loaded()[year].source
    return "国务院办公厅节假日安排通知(chinesecalendar)" if known_year(year) else PROVISIONAL_MARK


def look_up(day: date) -> tuple[bool, bool]:
    """(is a working day, is provisional)."""
    for year in (day.year, day.year + 1):
        notice = loaded().get(year)
        if notice and day in notice.workdays:
            return True, False
        if notice and day in notice.holidays:
            return False, False
    weekday = day.weekday() < 5
    if day.year in loaded():
        return weekday, False
    if day.year in _packaged_years():
        return day in constants.workdays or (weekday and day not in constants.holidays), False
    return weekday and (day.month, day.day) not in FIXED_HOLIDAYS, True


def refuse_unknown(year: int) -> Refused:
    return Refused(f"尚未装入{year}年的节假日安排,无法计算工作日。请数据管理员按国务院办公厅通知装入后再办。")
