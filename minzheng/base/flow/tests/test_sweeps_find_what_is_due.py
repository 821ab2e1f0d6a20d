from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.base import clock, flow
from minzheng.base.flow import registry, running
from minzheng.base.flow.bpmn.engine import Run
from minzheng.base.flow.models import Process, Task, Timer
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import COUNTY


def steeping(tea, people) -> str:
    subject = tea.to_taste()
    tea.do(subject, "taste", "good", people.reviewer)
    return subject


def test_a_timer_goes_off_once_and_not_before_its_time(tea, people, batch):
    subject = steeping(tea, people)
    with acting_as(people.clerk):
        timer = Timer.objects.get(process__subject=subject)
    assert timer.due_at.astimezone(clock.SHANGHAI).date() == clock.today() + timedelta(days=2)
    with batch:
        assert flow.fire_due(timer.due_at - timedelta(seconds=1), by=batch.by) == 0
        assert flow.fire_due(timer.due_at, by=batch.by) == 1
        assert flow.fire_due(timer.due_at, by=batch.by) == 0
    assert tea.keys(subject) == ["open_table"]


def test_a_sweep_of_a_county_fires_only_its_own(tea, people, batch):
    from minzheng.base.scope import Scope, acting

    steeping(tea, people)
    later = clock.now() + timedelta(days=9)
    with acting(Scope.of_jurisdiction("batch", "320581000000")):
        assert flow.fire_due(later, by=batch.by) == 0
    with acting(Scope.of_jurisdiction("batch", COUNTY)):
        assert flow.fire_due(later, by=batch.by) == 1


def test_timers_of_a_suspended_case_wait(tea, people, batch):
    subject = steeping(tea, people)
    with acting_as(people.clerk):
        flow.suspend(subject, by=people.clerk, reason="停水")
    later = clock.now() + timedelta(days=9)
    with batch:
        assert flow.fire_due(later, by=batch.by) == 0
    with acting_as(people.clerk):
        flow.resume(subject, by=people.clerk, reason="来水")
    with batch:
        assert flow.fire_due(later, by=batch.by) == 1


def test_one_timer_that_fails_is_put_off_and_the_others_go_on(tea, people, batch, monkeypatch):
    bad, good = steeping(tea, people), steeping(tea, people)
    later = clock.now() + timedelta(days=9)
    fire = Run.fire

    def broken(run, token):
        with connection.cursor() as cursor:
            cursor.execute("select process_id from flow_timer where token = %s", [token])
            (pk,) = cursor.fetchone()
        if Process.objects.get(pk=pk).subject == bad:
            raise RuntimeError("boom")
        return fire(run, token)

    monkeypatch.setattr(Run, "fire", broken)
    with batch:
        assert flow.fire_due(later, by=batch.by) == 1
        held = Timer.objects.get(process__subject=bad)
        assert (held.tries, held.problem, held.fired_at) == (1, "RuntimeError", None)
        assert held.due_at > later
    assert tea.keys(good) == ["open_table"] and tea.keys(bad) == []


def test_ten_thousand_processes_are_not_loaded_to_find_one_due(tea, people, batch, monkeypatch):
    subject = steeping(tea, people)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "insert into flow_process (subject, jurisdiction, definition_id, scene, status, state, version, started_at)"
            " select 'bulk-' || n, '320583100001', definition_id, '', 'active', state, 1, started_at"
            " from flow_process, generate_series(1, 10000) n where subject = %s",
            [subject],
        )
        cursor.execute(
            "insert into flow_timer (process_id, jurisdiction, token, element, started_at, limit_amount, limit_unit,"
            " limit_parameter, due_at, warn_at, provisional, pauses, tries, problem)"
            " select id, jurisdiction, gen_random_uuid(), 'steep', started_at, 2, 'day', '',"
            " now() + interval '90 days', now(), false, '[]', 0, '' from flow_process where subject like 'bulk-%%'"
        )
        cursor.execute("analyze flow_timer")
    loads = []
    load = running.Run.load.__func__
    monkeypatch.setattr(running.Run, "load", classmethod(lambda cls, *a: loads.append(1) or load(cls, *a)))
    with batch, CaptureQueriesContext(connection) as queries:
        assert flow.fire_due(clock.now() + timedelta(days=9), by=batch.by) == 1
        assert loads == [1]
        assert len(queries) < 30
    with batch, connection.cursor() as cursor:
        cursor.execute(
            "explain select id from flow_timer where fired_at is null and cancelled_at is null"
            " and due_at <= now() order by due_at limit 200"
        )
        assert "flow_timer_due" in "\n".join(row[0] for row in cursor.fetchall())


@pytest.fixture
def supervisors(monkeypatch):
    monkeypatch.setattr(registry, "_supervisors", {3: "county_leader", 2: "city_officer", 1: "province_officer"})


def test_a_red_task_is_reported_up_the_levels_once_each(tea, people, batch, supervisors):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with batch:
        assert flow.escalate(task.due_at) == 0
        assert flow.escalate(task.due_at + timedelta(seconds=1)) == 1
        assert flow.escalate(task.due_at + timedelta(seconds=1)) == 0
    with acting_as(people.leader):
        (notice,) = flow.worklist(people.leader, "claimable").items
        assert (notice.kind, notice.about_id, notice.office) == ("notice", task.pk, COUNTY)
        assert notice.title == "督办:看座超期"
    for who, expected in ((people.city, 1), (people.province, 1)):
        with batch:
            latest = Task.objects.filter(kind="notice").order_by("-id").first()
            assert flow.escalate(latest.due_at + timedelta(seconds=1)) == 1
        with acting_as(who):
            assert len(flow.worklist(who, "claimable").items) == expected
    with batch:
        latest = Task.objects.filter(kind="notice").order_by("-id").first()
        flow.escalate(latest.due_at + timedelta(days=1))
        assert Task.objects.filter(kind="notice", about=task.pk).count() == 3


def test_a_notice_is_noted_without_moving_the_process(tea, people, batch, supervisors):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with batch:
        flow.escalate(task.due_at + timedelta(seconds=1))
    with acting_as(people.leader):
        (notice,) = flow.worklist(people.leader, "claimable").items
        notice = flow.claim(notice, by=people.leader)
        flow.complete(notice, by=people.leader, outcome="noted", version=notice.version, comment="已督促")
        assert flow.worklist(people.leader, "office").items == []
    assert tea.keys(subject) == ["seat_check"]


def test_without_a_supervising_role_nothing_is_reported(tea, people, batch, monkeypatch):
    monkeypatch.setattr(registry, "_supervisors", {})
    task = tea.task(tea.start().subject, "seat_check")
    with batch:
        assert flow.escalate(task.due_at + timedelta(seconds=1)) == 1
        assert not Task.objects.filter(kind="notice").exists()
