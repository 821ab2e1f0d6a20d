from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Guarded("jobs_run", officer="SU", batch="SU"),
    Open("procrastinate_jobs", worker="SIUD"),
    Open("procrastinate_events", worker="SIUD"),
    Open("procrastinate_periodic_defers", worker="SIUD"),
    Open("procrastinate_workers", worker="SIUD"),
    Door("jobs_defer(text, text, text, jsonb, bigint, text, text, timestamptz)", officer=True, citizen=True, batch=True,
         worker=True),
    Door("jobs_requeue(bigint, text)", officer=True),
    Door("jobs_health()", web=True, officer=True, worker=True),
]
