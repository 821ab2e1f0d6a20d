"""What an operator does with dead letters: look, try again, or give up with a reason. Runs as mz_worker; the system
administrator looks at those of the own range and tries them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from minzheng.base.audit import record
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Officer, require_role

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@dataclass(frozen=True)
class DeadLetter:
    id: int
    name: str
    aggregate: str
    version: int
    jurisdiction: str
    attempts: int
    error: str
    waiting: int


def dead_letters(limit: int = 100) -> list[DeadLetter]:
    """The dead events, oldest first; `waiting` is how many later events of the aggregate they hold back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, aggregate, version, area, attempts, error, (SELECT count(*) FROM events_outbox p"
            " WHERE p.aggregate = o.aggregate AND p.version > o.version AND p.status <> 'done')"
            " FROM events_outbox o WHERE status = 'dead' ORDER BY id LIMIT %s", [limit])
        return [DeadLetter(*row) for row in cursor.fetchall()]


def do_retry_dead(event_id: int, *, by: Any) -> None:
    """Put a dead event back in line."""
    _settle(event_id, "pending", "event.retry", by, "重新投递")


def do_give_up(event_id: int, *, by: Any, reason: str) -> None:
    """Mark a dead event as settled by hand, so that those behind it go on."""
    if not reason.strip():
        raise Refused("放弃投递必须写明理由")
    _settle(event_id, "done", "event.give_up", by, reason)


def dead_letters_for(by: Officer, limit: int = 50) -> list[DeadLetter]:
    """The dead events within the acting scope, oldest first."""
    require_role(by, *ADMINISTRATORS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, aggregate, version, area, attempts, error, waiting FROM events_dead(%s)", [limit])
        return [DeadLetter(*row) for row in cursor.fetchall()]


def do_retry_as_administrator(event_id: int, *, by: Officer) -> None:
    """Puts a dead event of the acting scope back in line; those behind it follow."""
    require_role(by, "system_admin")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT events_retry(%s)", [event_id])
        (area,) = cursor.fetchone()
        if area is None:
            raise NotFound("没有这个处理失败的事件:可能已经重新处理,或不在您的辖区。")
        record("event.retry", by=by, obj_type="event", obj_id=event_id, jurisdiction=area, reason="重新投递")


def _settle(event_id: int, status: str, action: str, by: Any, reason: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_outbox SET status = %s, attempts = 0, next_at = clock_timestamp(),"
            " done_at = CASE WHEN %s = 'done' THEN clock_timestamp() END"
            " WHERE id = %s AND status = 'dead' RETURNING area", [status, status, event_id])
        row = cursor.fetchone()
        if row is None:
            raise NotFound("没有这条死信,可能已被处理")
        record(action, by=by, obj_type="event", obj_id=event_id, jurisdiction=row[0], reason=reason)
