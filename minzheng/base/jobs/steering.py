"""Looking at runs, stopping and resuming them, by an officer within scope."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from minzheng.base.audit import record
from minzheng.base.errors import NotFound, Refused
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.registry import get_job


def get_run_for(run_id: int) -> JobRun:
    """The run within the acting scope; NotFound otherwise."""
    run = JobRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound("没有这个任务,或不在您的管辖范围内")
    return run


def do_stop(run_id: int, *, by: Any) -> None:
    """Ask a run to stop at its next transaction; a waiting one stops at once."""
    with transaction.atomic():
        run = get_run_for(run_id)
        waiting = JobRun.objects.filter(pk=run_id, status="queued").update(stop_requested=True, status="stopped")
        if not waiting and not JobRun.objects.filter(pk=run_id, status="running").update(stop_requested=True):
            raise Refused("任务已经结束,无需停止")
        record("job.stop", by=by, obj_type="job_run", obj_id=run_id, jurisdiction=run.jurisdiction)


def do_resume(run_id: int, *, by: Any) -> None:
    """Queue a stopped or failed run again; it goes on from its checkpoint."""
    with transaction.atomic():
        run = get_run_for(run_id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT jobs_requeue(%s, %s)", [run_id, get_job(run.name).queue])
            if not cursor.fetchone()[0]:
                raise Refused("只有已停止或出错的任务可以继续")
        record("job.resume", by=by, obj_type="job_run", obj_id=run_id, jurisdiction=run.jurisdiction)


def health() -> dict[str, float]:
    """waiting, oldest_seconds, running, failed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT waiting, oldest_seconds, running, failed FROM jobs_health()")
        waiting, oldest, running, failed = cursor.fetchone()
    return {"waiting": waiting, "oldest_seconds": max(oldest, 0.0), "running": running, "failed": failed}
