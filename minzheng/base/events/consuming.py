"""Delivering events to their consumers, by the worker.

An event is claimed by its status with FOR UPDATE SKIP LOCKED and only when no earlier event of its aggregate is open;
a dead one holds back those behind it until somebody decides. Each consumer runs in a savepoint together with its entry
in `events_consumed`, so a consumer that has succeeded is not run again when another one fails.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.base.scope.ranges import level_of, office_of

BACKOFF = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Event:
    """What a consumer receives. `by` is the service post it acts as."""

    id: int
    name: str
    aggregate: str
    version: int
    jurisdiction: str
    payload: dict[str, Any]
    at: dt.datetime
    by: Service


@dataclass(frozen=True)
class Consumer:
    name: str
    work: Callable[[Event], None]
    level: int | None


_consumers: dict[str, list[Consumer]] = defaultdict(list)


def subscribes(*names: str, level: int | None = None, consumer: str = "") -> Callable[[Callable[[Event], None]],
                                                                                       Callable[[Event], None]]:
    """Register a consumer (in a room's consumers.py). It runs as mz_batch within the event's jurisdiction, or the one
    of `level` above it (3 = county). It must be idempotent and make no HTTP call: defer a job for that."""

    def register(work: Callable[[Event], None]) -> Callable[[Event], None]:
        label = consumer or f"{work.__module__}.{work.__qualname__}"
        for name in names:
            if all(known.name != label for known in _consumers[name]):
                _consumers[name].append(Consumer(label, work, level))
        return work

    return register


def _reach(jurisdiction: str, level: int | None) -> str:
    return jurisdiction if level is None or level_of(jurisdiction) <= level else office_of(jurisdiction, level)


_CLAIM = """
SELECT id, name, aggregate, version, area, payload::text, at, attempts FROM events_outbox o
WHERE status = 'pending' AND next_at <= clock_timestamp() AND NOT EXISTS (
  SELECT 1 FROM events_outbox p WHERE p.aggregate = o.aggregate AND p.version < o.version AND p.status <> 'done')
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def deliver_one() -> bool:
    """Deliver the next event; False when none is due. Runs as mz_worker."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM)
        row = cursor.fetchone()
        if row is None:
            return False
        error = ""
        for consumer in list(_consumers[row[1]]):
            error = _consume(consumer, row) or error
        if not error:
            cursor.execute("UPDATE events_outbox SET status = 'done', done_at = clock_timestamp(), error = ''"
                           " WHERE id = %s", [row[0]])
            return True
        attempts = row[7] + 1
        dead = attempts > len(BACKOFF)
        cursor.execute(
            "UPDATE events_outbox SET status = %s, attempts = %s, error = %s,"
            " next_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            ["dead" if dead else "pending", attempts, error[:500], 0 if dead else BACKOFF[attempts - 1], row[0]])
        return True


def _consume(consumer: Consumer, row: tuple[Any, ...]) -> str:
    """Run one consumer unless it has dealt with the event; returns what went wrong."""
    by = Service(consumer.name, _reach(row[4], consumer.level))
    number, name, aggregate, version, jurisdiction, payload, at = row[:7]
    event = Event(number, name, aggregate, version, jurisdiction, json.loads(payload), at, by)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO events_consumed (event_id, consumer) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                           [event.id, consumer.name])
            if cursor.rowcount:
                with acting(by.scope()):
                    consumer.work(event)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.warning("event_failed", id=event.id, name=event.name, consumer=consumer.name, kind=type(error).__name__)
        return f"{consumer.name}: {type(error).__name__}: {error}"
    return ""


def deliver_all(limit: int = 1000) -> int:
    """Deliver what is due now, at most `limit` events; returns how many were tried."""
    count = 0
    while count < limit and deliver_one():
        count += 1
    return count


def deliver_forever(stop: threading.Event, pause: float = 0.5) -> None:
    """The worker's delivery loop; outlives a restart of the database."""
    while not stop.is_set():
        try:
            if deliver_all() == 0:
                stop.wait(pause)
        except (OperationalError, InterfaceError) as error:
            log.warning("events_database_lost", kind=type(error).__name__)
            connection.close()
            stop.wait(2)
    connection.close()


def health() -> dict[str, float]:
    """pending, oldest_seconds (of the pending), dead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pending, oldest_seconds, dead FROM events_health()")
        pending, oldest, dead = cursor.fetchone()
    return {"pending": pending, "oldest_seconds": max(oldest, 0.0), "dead": dead}
