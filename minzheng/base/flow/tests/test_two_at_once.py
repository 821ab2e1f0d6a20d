"""Real connections side by side: what one commits, the other meets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from minzheng.base import clock, flow
from minzheng.base.errors import Refused, Stale
from minzheng.base.flow.models import Process, ProcessDefinition, Task, TaskEvent
from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.testing import acting_as, make_cast
from minzheng.testing.cast import COUNTY, TOWNSHIP, VILLAGE

from .conftest import colleague

LEFT_BEHIND = (
    "TRUNCATE flow_cosign, flow_task_event, flow_timer, flow_clock, flow_task, flow_process, events_outbox,"
    " events_consumed, identity_post, identity_account CASCADE"
)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The cast, a second clerk, and a way to start a process, all really committed; swept away by an administrator."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        try:
            with transaction.atomic():
                people = make_cast()
                second = colleague("town_clerk", TOWNSHIP, "玉山二号")

            def start(subject: str) -> Process:
                with acting_as(people.clerk):
                    return flow.start(
                        "seat", subject=subject, jurisdiction=VILLAGE, data={"guests": 2}, by=people.clerk
                    )

            yield SimpleNamespace(people=people, second=second, start=start)
        finally:
            connection.close()
            with settings.TARGET.connect_admin(name) as admin:
                admin.execute(LEFT_BEHIND)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; each one's result, or its exception."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def work(index: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            results[index] = act()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def as_officer(who: Any, act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with acting_as(who):
            return act()

    return run


def test_the_definition_was_published_by_migrating(db):
    assert ProcessDefinition.objects.filter(code="seat", version=1).exists()


def test_of_two_who_claim_at_once_one_wins(committed):
    first, second = committed.people.clerk, committed.second
    for n in range(5):
        subject = committed.start(f"race-{n}").subject
        with acting_as(first):
            (task,) = flow.open_tasks(subject)
        results = at_once(
            as_officer(first, lambda task=task: flow.claim(task.pk, by=first)),
            as_officer(second, lambda task=task: flow.claim(task.pk, by=second)),
        )
        assert sorted(type(r).__name__ for r in results) == ["Stale", "Task"]
        winner = next(r for r in results if isinstance(r, Task))
        with acting_as(first):
            assert Task.objects.get(pk=task.pk).assignee == winner.assignee
            assert TaskEvent.objects.filter(task=task, verb="claim").count() == 1


def test_a_double_click_completes_once(committed):
    clerk = committed.people.clerk
    subject = committed.start("double").subject
    with acting_as(clerk):
        task = flow.claim(flow.open_tasks(subject)[0], by=clerk)
    act = as_officer(clerk, lambda: flow.complete(task.pk, by=clerk, outcome="seat", version=task.version))
    results = at_once(act, act)
    assert sorted(type(r).__name__ for r in results) == ["Stale", "Task"]
    with acting_as(clerk):
        assert Task.objects.filter(subject=subject, key="lay_table").count() == 1


def test_two_branches_that_move_at_once_both_count(committed):
    people = committed.people
    subject = committed.start("branches").subject
    with acting_as(people.clerk):
        task = flow.claim(flow.open_tasks(subject)[0], by=people.clerk)
        flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
    with acting_as(people.clerk):
        task = flow.claim(flow.open_tasks(subject)[0], by=people.clerk)
        task = flow.cosign(task, accounts=[people.village.account_id], by=people.clerk)
    with acting_as(people.village):
        task = flow.sign(task, by=people.village)
    results = at_once(
        as_officer(people.clerk, lambda: flow.complete(task.pk, by=people.clerk, outcome="done", version=task.version)),
        as_officer(
            committed.second,
            lambda: flow.signal(subject, "tea_ready", {"leaf_ok": True}, by=committed.second),
        ),
    )
    assert not [r for r in results if isinstance(r, Exception)]
    with acting_as(people.clerk):
        assert [t.key for t in flow.open_tasks(subject)] == ["taste"]


def test_a_message_sent_twice_at_once_is_caught_once(committed):
    people = committed.people
    subject = committed.start("twice").subject
    with acting_as(people.clerk):
        task = flow.claim(flow.open_tasks(subject)[0], by=people.clerk)
        flow.complete(task, by=people.clerk, outcome="wait", version=task.version)
    act = as_officer(people.clerk, lambda: flow.signal(subject, "guest_back", {"guests": 1}, by=people.clerk))
    results = at_once(act, act)
    assert sorted(type(r).__name__ for r in results) == ["Refused", "bool"]
    assert not isinstance(next(r for r in results if isinstance(r, Refused)), Stale)
    with acting_as(people.clerk):
        assert [t.key for t in flow.open_tasks(subject)] == ["seat_check"]


def test_two_sweeps_at_once_report_a_red_task_once(committed):
    committed.start("red")
    by = Service("定时任务", COUNTY)
    later = clock.now() + clock.dt.timedelta(days=60)

    def sweep() -> int:
        with acting(by.scope()):
            return flow.escalate(later)

    results = at_once(sweep, sweep)
    assert sorted(results) == [0, 1]
