"""Running a job: scope, progress, stop and resume, outcome file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F

from minzheng.base import clock
from minzheng.base.audit import record_bulk
from minzheng.base.audit.merkle import merkle_root
from minzheng.base.crypto import sm3
from minzheng.base.identity.officer import Service
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.registry import get_job
from minzheng.base.scope import acting

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """Somebody asked for the run to stop; everything up to the last transaction is kept."""


def outcome_path(run_id: int) -> Path:
    """The run's outcome file: one JSON line a row."""
    return Path(settings.VAR_DIR) / "outcomes" / f"{run_id // 1000:06d}" / f"{run_id}.jsonl"


class Running:
    """What a job's work receives. `by` is its service post; `checkpoint` is None on a first run."""

    def __init__(self, run: JobRun) -> None:
        self.id = run.pk
        self.name = run.name
        self.jurisdiction = run.jurisdiction
        self.by = Service(f"任务 {run.name}", run.jurisdiction)
        self.checkpoint: Any = run.checkpoint
        self._kept = run.outcome_bytes
        self._lines: list[bytes] = []
        self._counts = [0, 0]
        self._stop = False
        self._inside = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction within the job's scope. Progress, checkpoint and outcome lines noted in it are kept exactly
        if it commits. Raises Stopped at its start when somebody asked for that."""
        if self._inside:
            yield
            return
        if self._stop:
            raise Stopped
        self._lines, self._counts = [], [0, 0]
        before, kept = self.checkpoint, self._kept
        self._inside = True
        try:
            with acting(self.by.scope()):
                yield
                self._keep()
        except BaseException:
            self.checkpoint, self._kept = before, kept
            raise
        finally:
            self._inside = False

    def total(self, count: int) -> None:
        """How many rows there are in all."""
        with self.transaction():
            JobRun.objects.filter(pk=self.id).update(total=count)

    def row(self, key: str | int, ok: bool, text: str = "") -> None:
        """Note one row's outcome, inside a transaction. `key` and `text` hold no personal data."""
        self._counts[0 if ok else 1] += 1
        line = json.dumps({"key": key, "ok": ok, "text": text}, ensure_ascii=False, separators=(",", ":"))
        self._lines.append(line.encode() + b"\n")

    def _keep(self) -> None:
        if self._lines:
            path = outcome_path(self.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "r+b" if path.exists() else "w+b") as out:
                out.truncate(self._kept)
                out.seek(self._kept)
                out.write(b"".join(self._lines))
                out.flush()
                os.fsync(out.fileno())
            self._kept += sum(map(len, self._lines))
        done, failed = self._counts
        run = JobRun.objects.filter(pk=self.id)
        run.update(done=F("done") + done, failed=F("failed") + failed, checkpoint=self.checkpoint,
                   outcome_bytes=self._kept)
        self._stop = run.values_list("stop_requested", flat=True).get()

    def root(self) -> bytes:
        """Merkle root of the outcome file's lines; of nothing when there is none."""
        path = outcome_path(self.id)
        lines = path.read_bytes()[: self._kept].splitlines() if self._kept else []
        return merkle_root([sm3(line) for line in lines])


@contextmanager
def _alone(run_id: int) -> Iterator[None]:
    """One execution of a run at a time, even when a worker that was taken for dead comes back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(7700, %s)", [run_id])
        if not cursor.fetchone()[0]:
            raise RuntimeError("这次任务正由另一个进程执行")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(7700, %s)", [run_id])


def execute(name: str, run_id: int, jurisdiction: str, args: dict[str, Any]) -> None:
    """Run one queued job; called by the queue's worker as mz_worker. A stopped or finished run does nothing."""
    with _alone(run_id):
        _execute(name, run_id, jurisdiction, args)


def _execute(name: str, run_id: int, jurisdiction: str, args: dict[str, Any]) -> None:
    found = get_job(name)
    by = Service(f"任务 {name}", jurisdiction)
    with acting(by.scope()):
        run = JobRun.objects.select_for_update().filter(pk=run_id, name=name).first()
        if run is None:
            raise LookupError(f"任务记录 {run_id} 不在 {jurisdiction} 范围内")
        if run.status in ("done", "stopped"):
            return
        run.status, run.started_at = "running", run.started_at or clock.now()
        run.save(update_fields=["status", "started_at"])
    running = Running(run)
    try:
        if found.one_transaction:
            with running.transaction():
                found.work(running, **args)
        else:
            found.work(running, **args)
        _finish(running, "done")
    except Stopped:
        _finish(running, "stopped")
    except Exception as error:
        log.warning("job_failed", job=name, run=run_id, kind=type(error).__name__)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        _finish(running, "failed", f"{type(error).__name__}: {error}"[:500])
        raise


def _finish(running: Running, status: str, note: str = "") -> None:
    with acting(running.by.scope()):
        run = JobRun.objects.get(pk=running.id)
        run.status, run.note, run.finished_at = status, note, clock.now()
        if status == "done":
            run.outcome_root = running.root()
            record_bulk(f"job.{running.name}", by=running.by, obj_type="job_run", obj_id=run.pk,
                        jurisdiction=run.jurisdiction, total=run.done + run.failed, failed=run.failed,
                        outcome_root=bytes(run.outcome_root))
        run.save(update_fields=["status", "note", "finished_at", "outcome_root"])
