"""What departments report in bulk: means (latest known values of a person) and signals (what happened)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from minzheng.base import audit, clock
from minzheng.base.crypto import sm3
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, Service
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS
from minzheng.scenes.assistance.assess import SELF_DECLARED
from minzheng.scenes.assistance.monitoring.models import ASSETS, MARKS, MEMBER_AMOUNTS, SIGNALS, MeansSource

DEDUCTED = ("work_cost_fen", "exempt_fen", "rigid_fen", "living_year_fen", "medical_year_fen", "education_year_fen", "rehab_year_fen",
            "other_rigid_year_fen", "vehicles_exempt", "houses_exempt")
WIDE = (*MEMBER_AMOUNTS, *ASSETS, *MARKS)
MOST = 50_000  # rows at a time
Said = tuple[int, str, int, dt.date]  # person, word of the vocabulary, value, day on which it was true
Told = tuple[int, str, str, dt.date, int]  # person, kind, the department's key, day, amount

_SOURCES = """
INSERT INTO assistance_monitoring_meanssource (person_id, jurisdiction, attribute, value, department, as_of, recorded_at)
SELECT s.person, p.jurisdiction, s.word, s.value, %s, s.day, %s
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[]) AS s (person, word, value, day)
JOIN registry_person p ON p.id = s.person
ON CONFLICT (person_id, attribute, department, as_of) DO NOTHING RETURNING person_id, attribute
"""
_SIGNALS = """
INSERT INTO assistance_monitoring_signal (person_id, jurisdiction, kind, key, happened_on, amount, department, recorded_at)
SELECT s.person, p.jurisdiction, s.kind, s.key, s.day, s.amount, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::bigint[]) AS s (person, kind, key, day, amount)
JOIN registry_person p ON p.id = s.person
ON CONFLICT (kind, department, key) DO NOTHING
"""


def _picked(word: str) -> str:
    """The value of one word that stands: the newest of a department or visit; on one day the larger. A declaration fills
    in what nobody else has said; a newer one counts when it is the larger income or property, never as a deduction."""
    other = f"attribute = '{word}' AND department <> '{SELF_DECLARED}'"
    own = f"attribute = '{word}' AND department = '{SELF_DECLARED}'"
    newest = "(array_agg(value ORDER BY as_of DESC, value DESC) FILTER (WHERE {}))[1]"
    if word in DEDUCTED:
        return f"coalesce({newest.format(other)}, {newest.format(own)})"
    return (f"CASE WHEN max(as_of) FILTER (WHERE {own}) > max(as_of) FILTER (WHERE {other})"
            f" THEN greatest({newest.format(own)}, {newest.format(other)})"
            f" ELSE coalesce({newest.format(other)}, {newest.format(own)}) END")


def standing(rows: Iterable[MeansSource]) -> MeansSource | None:
    """Of one word's sources the one that stands, as `_picked` says it to the database."""
    ranked = sorted(rows, key=lambda row: (row.as_of, row.value))
    own = [row for row in ranked if row.department == SELF_DECLARED][-1:]
    other = [row for row in ranked if row.department != SELF_DECLARED][-1:]
    if not own or not other:
        return next(iter(own + other), None)
    larger = own[0].as_of > other[0].as_of and own[0].value > other[0].value and own[0].attribute not in DEDUCTED
    return own[0] if larger else other[0]


def _latest() -> str:
    """Means follow the sources of each word."""
    picked = ", ".join(f"{_picked(word)} AS {word}" for word in WIDE)
    columns = ", ".join(WIDE)
    updates = ", ".join(f"{word} = excluded.{word}" for word in WIDE)
    return (f"INSERT INTO assistance_monitoring_means (person_id, jurisdiction, {columns}, as_of, updated_at)"  # noqa: S608
            f" SELECT person_id, min(jurisdiction), {picked.replace('%', '%%')}, max(as_of), %s"
            " FROM assistance_monitoring_meanssource WHERE person_id = ANY (%s) GROUP BY person_id"
            f" ON CONFLICT (person_id) DO UPDATE SET {updates}, as_of = excluded.as_of, updated_at = excluded.updated_at")


def do_take_means(rows: Sequence[Said], *, department: str, by: Officer | Service) -> int:
    """Keeps what a department said and brings Means up to date. A repeated value of one day is taken once; persons beyond
    the scope are passed over. Returns how many values were new. Refused for an unknown word or a day to come."""
    _check(len(rows), department)
    today = clock.today()
    for _, word, value, day in rows:
        if word not in WIDE and word not in MEMBER_TERMS and word not in HOUSEHOLD_TERMS:
            raise Refused(f"监测数据中没有“{word}”这一项,请核对报送格式。")
        if day > today:
            raise Refused("数据时间晚于今天,请核对报送文件。")
        if type(value) is not int:
            raise Refused("监测数据须为整数(金额以分为单位),请核对报送文件。")
    people, words, values, days = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, [department, clock.now(), people, words, values, days])
        fresh = cursor.fetchall()
        touched = sorted({person for person, _ in fresh})
        if touched:
            cursor.execute(_latest(), [clock.now(), touched])
    _told(by, department, len(rows), len(fresh), rows)
    return len(fresh)


def do_take_signals(rows: Sequence[Told], *, department: str, by: Officer | Service) -> int:
    """Keeps what happened, once a department's key. Returns how many were new."""
    _check(len(rows), department)
    for _, kind, key, day, _ in rows:
        if kind not in SIGNALS:
            raise Refused(f"没有“{kind}”这种监测信号,请核对报送格式。")
        if not key or day > clock.today():
            raise Refused("监测信号缺少部门编号,或日期晚于今天,请核对报送文件。")
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []]
    with connection.cursor() as cursor:
        cursor.execute(_SIGNALS, [department, clock.now(), *columns])
        count = cursor.rowcount
    _told(by, department, len(rows), count, rows)
    return count


def _check(count: int, department: str) -> None:
    if count > MOST:
        raise Refused(f"一次最多接收 {MOST} 条,请分批报送。")
    if not department.strip():
        raise Refused("请写明报送部门。")


def _told(by: Officer | Service, department: str, total: int, fresh: int, rows: Iterable[Any]) -> None:
    """One record a batch, with the digest of what came."""
    audit.record("monitoring.taken", by=by, obj_type="monitoring.batch", obj_id=department, jurisdiction=by.jurisdiction,
                 after={"total": total, "new": fresh, "digest": sm3(repr(list(rows)).encode()).hex()})
