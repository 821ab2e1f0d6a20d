"""Real worker processes on a real server: one is killed in the middle of a job, the next one finishes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from minzheng.testing.installation import installation

pytestmark = pytest.mark.full

DECLARE = """
import time
from minzheng.base.jobs import job
@job("club.slow")
def slow(run, size):
    run.total(size)
    for number in range(run.checkpoint or 0, size):
        with run.transaction():
            run.row(number, True)
            run.checkpoint = number + 1
        time.sleep(0.2)
"""
WORK = DECLARE + """
from minzheng.base.events import subscribes
@subscribes("club.renamed")
def heard(event):
    pass
from minzheng.base.jobs import worker
worker.STALLED_AFTER, worker.HEARTBEAT, worker.WATCH = 3.0, 0.5, 1.0
worker.work_forever(2)
"""
DEFER = DECLARE + """
from minzheng.base.jobs import defer
from minzheng.base.events import emit
from minzheng.base.scope import Scope, acting
with acting(Scope.of_jurisdiction("officer", "320583000000")):
    emit("club.renamed", aggregate="club:1", jurisdiction="320583000000")
    print(defer("club.slow", jurisdiction="320583000000", size=25))
"""


def _until(holds: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_killed_worker_loses_no_row_and_repeats_none(tmp_path: Path) -> None:
    with installation(tmp_path / "var") as house, house.server.connect("minzheng") as admin:
        number = int(house.script(DEFER, "web"))

        def run() -> tuple[str, int]:
            row = admin.execute("SELECT status, done FROM jobs_run WHERE id = %s", [number]).fetchone()
            assert row is not None
            return row[0], row[1]

        first = house.background(WORK, "worker")
        try:
            _until(lambda: run()[1] >= 5)
        finally:
            first.kill()
            first.wait()
        assert run()[0] == "running"
        second = house.background(WORK, "worker")
        try:
            _until(lambda: run()[0] == "done")
            _until(lambda: admin.execute("SELECT count(*) FROM events_outbox WHERE status <> 'done'").fetchone() == (0,))
        finally:
            second.terminate()
        assert second.wait(timeout=40) == 0, "it stops cleanly on SIGTERM"
        assert run() == ("done", 25)
        outcome = house.var / "outcomes" / "000000" / f"{number}.jsonl"
        assert [json.loads(line)["key"] for line in outcome.read_bytes().splitlines()] == list(range(25))
