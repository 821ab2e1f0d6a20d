from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from minzheng.base import audit, jobs
from minzheng.base.audit.merkle import merkle_root
from minzheng.base.crypto import sm3
from minzheng.base.errors import NotFound, Refused
from minzheng.base.jobs import registry, steering
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.running import Running, execute, outcome_path
from minzheng.base.scope import require
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, run_jobs


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A job that deals with five rows in five transactions."""
    monkeypatch.setattr(registry, "_jobs", {})
    state: dict[str, Any] = {"seen": [], "fail_at": None, "stop_at": None}

    def work(run: Running, size: int) -> None:
        run.total(size)
        for number in range(run.checkpoint or 0, size):
            with run.transaction():
                if number == state["fail_at"]:
                    state["fail_at"] = None
                    run.row(number, True)
                    raise ZeroDivisionError
                if number == state["stop_at"]:
                    JobRun.objects.filter(pk=run.id).update(stop_requested=True)
                state["seen"].append((number, require().low))
                run.row(number, number != 3, "" if number != 3 else "账户不符")
                run.checkpoint = number + 1

    registry._jobs["club.count"] = registry.Job("club.count", work, "default", False)
    yield state


def _defer(people: Cast, **more: Any) -> int:
    with acting_as(people.county):
        return jobs.defer("club.count", jurisdiction=people.county.jurisdiction, by=people.county, size=5, **more)


def _run(number: int) -> JobRun:
    with as_owner():
        return JobRun.objects.get(pk=number)


def test_a_job_runs_in_its_scope_and_leaves_progress_outcome_and_record(people: Cast, counting: dict[str, Any]) -> None:
    number = _defer(people)
    assert run_jobs() == 1
    run = _run(number)
    assert (run.status, run.total, run.done, run.failed, run.account) == ("done", 5, 4, 1, people.county.account_id)
    assert counting["seen"] == [(n, "320583000000") for n in range(5)]
    lines = outcome_path(number).read_bytes().splitlines()
    assert [json.loads(line)["ok"] for line in lines] == [True, True, True, False, True]
    assert bytes(run.outcome_root) == merkle_root([sm3(line) for line in lines])
    with acting_as(people.county):
        (entry,) = audit.trail_of("job_run", number)
        assert entry.after == {"total": 5, "failed": 1, "outcome_root": bytes(run.outcome_root).hex()}


def test_a_failed_run_goes_on_where_it_was_and_no_row_is_done_twice(people: Cast, counting: dict[str, Any]) -> None:
    counting["fail_at"] = 2
    number = _defer(people)
    with as_worker(), pytest.raises(ZeroDivisionError):
        execute("club.count", number, people.county.jurisdiction, {"size": 5})
    assert (_run(number).status, _run(number).done) == ("failed", 2)
    # a torn write beyond the kept length is cut off
    with open(outcome_path(number), "ab") as out:
        out.write(b'{"torn"')
    run_jobs()
    run = _run(number)
    assert (run.status, run.done, run.failed) == ("done", 4, 1)
    assert [n for n, _ in counting["seen"]] == [0, 1, 2, 3, 4]
    assert [json.loads(line)["key"] for line in outcome_path(number).read_bytes().splitlines()] == [0, 1, 2, 3, 4]


def test_a_run_can_be_stopped_and_resumed(people: Cast, counting: dict[str, Any]) -> None:
    counting["stop_at"] = 1
    number = _defer(people)
    run_jobs()
    assert (_run(number).status, _run(number).done) == ("stopped", 2)
    counting["stop_at"] = None
    with acting_as(people.county):
        with pytest.raises(Refused):
            steering.do_stop(number, by=people.county)
        steering.do_resume(number, by=people.county)
        assert steering.health()["waiting"] == 1
        with pytest.raises(Refused):
            steering.do_resume(number, by=people.county)
    run_jobs()
    assert [n for n, _ in counting["seen"]] == [0, 1, 2, 3, 4] and _run(number).status == "done"


def test_a_waiting_run_that_is_stopped_does_not_start(people: Cast, counting: dict[str, Any]) -> None:
    number = _defer(people)
    with acting_as(people.county):
        steering.do_stop(number, by=people.county)
    run_jobs()
    assert counting["seen"] == [] and _run(number).status == "stopped"


@pytest.mark.parametrize("who", ["neighbour", "township"])
def test_others_neither_see_nor_steer_a_run(people: Cast, counting: dict[str, Any], who: str) -> None:
    number = _defer(people)
    with acting_as(getattr(people, who)) as by:
        for verb in (lambda: steering.get_run_for(number), lambda: steering.do_stop(number, by=by)):
            with pytest.raises(NotFound):
                verb()
    assert _run(number).status == "queued" and not _run(number).stop_requested


def test_a_job_cannot_be_deferred_beyond_the_own_scope(people: Cast, counting: dict[str, Any]) -> None:
    for code in (people.province.jurisdiction, people.neighbour.jurisdiction):
        with acting_as(people.county), pytest.raises(DatabaseError, match="beyond the scope"), transaction.atomic():
            jobs.defer("club.count", jurisdiction=code, size=5)
    with as_owner():
        assert JobRun.objects.count() == 0
    assert run_jobs() == 0


def test_the_same_key_waits_once_only(people: Cast, counting: dict[str, Any]) -> None:
    _defer(people, key="monthly")
    with pytest.raises(Refused, match="已在排队"):
        _defer(people, key="monthly")
    assert run_jobs() == 1


def test_an_unknown_job_is_refused(people: Cast) -> None:
    with acting_as(people.county), pytest.raises(LookupError):
        jobs.defer("no.such", jurisdiction=people.county.jurisdiction)


@pytest.mark.parametrize("who", ["county", "citizen", "service"])
def test_the_queues_tables_are_the_workers(people: Cast, who: str) -> None:
    with acting_as(getattr(people, who)), connection.cursor() as cursor:
        for statement in ("SELECT 1 FROM procrastinate_jobs", "INSERT INTO jobs_run (name) VALUES ('x')",
                          "SELECT procrastinate_cancel_job_v1(1, true, true)",
                          "SELECT jobs_push(1, 'x', 'x', 'x', 'x', null)"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
