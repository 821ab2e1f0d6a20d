"""Writing audit records: in the caller's transaction, or for a refusal on a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections

from minzheng.base import clock
from minzheng.base.audit.canonical import By, canonical
from minzheng.base.crypto import sm3
from minzheng.base.scope.ranges import check_code

_INSERT = (
    "INSERT INTO audit_record (xid, written_at, at, action, account, obj_type, obj_id, area, subject_person, refused,"
    " canonical, digest) VALUES "
)
_VALUES = "(0, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_AT_ONCE = 200  # records that one statement writes


def _row(
    action: str, by: By, obj_type: str, obj_id: str, jurisdiction: str, *, before: dict[str, Any] | None,
    after: dict[str, Any] | None, reason: str, subject_person: int | None, refused: bool,
) -> list[Any]:
    if not action or not obj_type or not obj_id:
        raise ValueError("审计记录缺少动作或对象")
    check_code(jurisdiction)
    at = clock.now()
    data = canonical(action, at, by, obj_type, str(obj_id), jurisdiction, before=before, after=after, reason=reason,
                     subject_person=subject_person, refused=refused)
    return [at, action, by.account_id or None, obj_type, str(obj_id), jurisdiction, subject_person, refused, data,
            sm3(data)]


def record(
    action: str, *, by: By, obj_type: str, obj_id: str | int, jurisdiction: str, before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None, reason: str = "", subject_person: int | None = None,
) -> None:
    """Record an act or a sensitive read in the current transaction; RuntimeError when there is none.

    `before`/`after` hold the changed fields only. `subject_person` is the person whose data it is: that person can see
    the record. `reason` is a Chinese sentence.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("审计记录必须与业务写入在同一事务中")
    row = _row(action, by, obj_type, str(obj_id), jurisdiction, before=before, after=after, reason=reason,
               subject_person=subject_person, refused=False)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + _VALUES, row)


@dataclass(frozen=True)
class Line:
    """One of several records of the same act: what `record` is given of each object."""

    obj_id: str
    jurisdiction: str
    after: dict[str, Any] | None = None
    subject_person: int | None = None


def record_many(action: str, lines: Sequence[Line], *, by: By, obj_type: str, reason: str = "") -> None:
    """Records one act on many objects in the current transaction, a record each."""
    if not connection.in_atomic_block:
        raise RuntimeError("审计记录必须与业务写入在同一事务中")
    rows = [_row(action, by, obj_type, line.obj_id, line.jurisdiction, before=None, after=line.after, reason=reason,
                 subject_person=line.subject_person, refused=False) for line in lines]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            piece = rows[start : start + _AT_ONCE]
            cursor.execute(_INSERT + ", ".join([_VALUES] * len(piece)), [value for row in piece for value in row])


def record_refusal(
    action: str, *, by: By, obj_type: str, obj_id: str | int, jurisdiction: str, reason: str,
    subject_person: int | None = None, detail: dict[str, Any] | None = None,
) -> None:
    """Record a refused attempt on the connection "aside", which the caller's rollback does not touch."""
    row = _row(action, by, obj_type, str(obj_id), jurisdiction, before=None, after=detail, reason=reason,
               subject_person=subject_person, refused=True)
    with connections["aside"].cursor() as cursor:
        cursor.execute(_INSERT + _VALUES, row)


def record_bulk(
    action: str, *, by: By, obj_type: str, obj_id: str | int, jurisdiction: str, total: int, failed: int,
    outcome_root: bytes, reason: str = "",
) -> None:
    """One record for a bulk job: how many rows, and the Merkle root of its outcome file (see base.jobs)."""
    record(action, by=by, obj_type=obj_type, obj_id=obj_id, jurisdiction=jurisdiction, reason=reason,
           after={"total": total, "failed": failed, "outcome_root": outcome_root})
