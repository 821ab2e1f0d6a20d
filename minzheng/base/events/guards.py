from __future__ import annotations

from minzheng.base.scope.guarding import Door, Open

TABLES = [
    Open("events_outbox", worker="SU"),
    Open("events_consumed", worker="SI"),
    Door("events_emit(text, text, text, jsonb, timestamptz)", officer=True, citizen=True, batch=True, worker=True),
    Door("events_dead(integer)", officer=True),
    Door("events_retry(bigint)", officer=True),
    Door("events_health()", web=True, officer=True, worker=True),
]
