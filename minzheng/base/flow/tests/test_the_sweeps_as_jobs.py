from contextlib import contextmanager
from datetime import timedelta

import pytest

from minzheng.base import clock, flow
from minzheng.base.flow import registry, tasks
from minzheng.base.flow.models import Task
from minzheng.testing import acting_as


@pytest.fixture
def run(batch):
    """What the job runner hands to a job's work, as far as the sweeps use it."""

    class Run:
        by = batch.by
        transactions = 0

        @contextmanager
        def transaction(self):
            self.transactions += 1
            with batch:
                yield

    return Run()


def test_the_timer_job_fires_all_that_is_due_in_small_transactions(tea, people, run, monkeypatch):
    subjects = [tea.to_taste() for _ in range(3)]
    for subject in subjects:
        tea.do(subject, "taste", "good", people.reviewer)
    monkeypatch.setattr(tasks, "SMALL", 2)
    moment = clock.now() + timedelta(days=9)
    monkeypatch.setattr(clock, "now", lambda: moment)
    tasks.timers(run)
    assert run.transactions == 2
    assert all(tea.keys(subject) == ["open_table"] for subject in subjects)


def test_the_escalation_job_ends_when_nothing_is_left(tea, people, run, monkeypatch):
    monkeypatch.setattr(registry, "_supervisors", {3: "county_leader"})
    for _ in range(3):
        tea.start()
    monkeypatch.setattr(tasks, "SMALL", 2)
    moment = clock.now() + timedelta(days=20)
    monkeypatch.setattr(clock, "now", lambda: moment)
    tasks.report_red_tasks(run)
    with acting_as(people.leader):
        assert Task.objects.filter(kind="notice").count() == 3
        assert len(flow.worklist(people.leader, "claimable").items) == 3


def test_the_recomputing_job_ends(tea, run):
    tea.start()
    tasks.recompute(run, year=2027)
    assert run.transactions == 1
