"""Writing events into the outbox."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from minzheng.base import clock
from minzheng.base.scope.ranges import check_code

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
# With a date of birth inside, so that the digits of a digest are not taken for a person.
_ID_NUMBER = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])")


def emit(name: str, *, aggregate: str, jurisdiction: str, payload: dict[str, Any] | None = None) -> int:
    """Write an event in the current transaction; returns its id.

    `aggregate` ("case:17") is what order is kept for. The payload carries ids and codes, never personal data: an ID
    number in it is a ValueError. RuntimeError outside a transaction.
    """
    text = _checked(name, aggregate, jurisdiction, payload)
    if not connection.in_atomic_block:
        raise RuntimeError("事件必须与业务写入在同一事务中")
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_emit(%s, %s, %s, %s::jsonb, %s)",
                       [name, aggregate, jurisdiction, text, clock.now()])
        return int(cursor.fetchone()[0])


def emit_many(name: str, rows: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """One event each of (aggregate, jurisdiction, payload), in one statement. As `emit` otherwise."""
    texts = [_checked(name, aggregate, jurisdiction, payload) for aggregate, jurisdiction, payload in rows]
    if not connection.in_atomic_block:
        raise RuntimeError("事件必须与业务写入在同一事务中")
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_emit(%s, e.subject, e.code, e.content::jsonb, %s)"
                       " FROM unnest(%s::text[], %s::text[], %s::text[]) AS e (subject, code, content)",
                       [name, clock.now(), [row[0] for row in rows], [row[1] for row in rows], texts])


def _checked(name: str, aggregate: str, jurisdiction: str, payload: dict[str, Any] | None) -> str:
    """The payload as text; ValueError for what may not be an event."""
    if not _NAME.fullmatch(name) or not aggregate:
        raise ValueError(f"不合规的事件名或聚合:{name!r}、{aggregate!r}")
    check_code(jurisdiction)
    text = json.dumps(payload or {}, ensure_ascii=False)
    if _ID_NUMBER.search(text):
        raise ValueError("事件内容不得含身份证号,只传内部编号")
    return text
