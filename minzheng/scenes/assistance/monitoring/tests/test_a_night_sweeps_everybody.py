"""The sweep finds who matters, opens one explained task for the right officer, and does not repeat itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from minzheng.base import flow
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Service
from minzheng.base.jobs import defer
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.running import execute
from minzheng.data.brain import rules
from minzheng.scenes.assistance.monitoring import closing, opening, sweeping, tasks
from minzheng.scenes.assistance.monitoring.models import Alert, AlertEvent, Ground, Outcome, Reason, Sweep
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, know, tell
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, run_jobs
from minzheng.testing.cast import OTHER_VILLAGE, PROVINCE
from minzheng.testing.unchanged import state

Run = Callable[..., Sweep]
NEXT = NIGHT + dt.timedelta(days=1)


def alerts(people: Cast) -> list[Alert]:
    with acting_as(people.county):
        return list(Alert.objects.order_by("id"))


def close(people: Cast, alert: Alert, outcome: str, **more: object) -> Alert:
    with acting_as(people.village):
        now = Alert.objects.get(pk=alert.pk)
        values = {"text": "已上门核实,亲戚给了一次性帮助", "visited_on": NIGHT, **more}
        return closing.do_close(now.number, outcome=outcome, version=now.version, by=people.village, **values)


def test_a_family_below_the_line_gets_one_task_with_its_reasons(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    done = sweep()
    assert (done.households, done.matters, done.opened, done.lacking) == (1, 1, 1, 0)
    (alert,) = alerts(people)
    with acting_as(people.village):
        (task,) = flow.open_tasks(alert.number)
        reason = Reason.objects.get(alert=alert)
    assert (task.role, task.office, task.limit_parameter) == ("village_worker", zhang.household.jurisdiction,
                                                              "monitor.limit.orange")
    assert "600.00 元" in reason.text and "1,100.00" in reason.text and reason.sample


def test_a_family_above_the_line_is_left_alone(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=900_000)
    assert sweep().matters == 0 and alerts(people) == []


def test_what_is_unknown_is_not_read_as_nothing(people: Cast, zhang: Family, sweep: Run) -> None:
    done = sweep()
    assert (done.lacking, done.matters) == (1, 0) and alerts(people) == []


def test_hospital_bills_count_together_and_are_urgent(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=500_000)
    tell(zhang.people[1].pk, "hospital", "a", amount=1_800_000, department="医保")
    assert sweep().matters == 0
    tell(zhang.people[2].pk, "hospital", "b", amount=1_300_000, department="医保")
    sweep()
    (alert,) = alerts(people)
    with acting_as(people.village):
        assert alert.grade == 1 and "31,000.00 元" in Reason.objects.get(alert=alert).text


def test_a_signal_of_a_rich_family_raises_nothing(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=3_000_000)
    tell(zhang.head.pk, "unemployed")
    assert sweep().matters == 0


def test_old_signals_and_those_to_come_are_passed_over(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=500_000)
    tell(zhang.head.pk, "unemployed", "old", day=dt.date(2026, 8, 1))
    assert sweep().matters == 0
    with pytest.raises(Refused):
        tell(zhang.head.pk, "unemployed", "later", day=NEXT)


def test_the_same_night_twice_changes_nothing(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    again = sweep()
    assert (again.matters, again.opened, again.joined, again.known) == (1, 0, 0, 1)
    assert len(alerts(people)) == 1
    with acting_as(people.village):
        assert Ground.objects.count() == Reason.objects.count() == Outcome.objects.count() == 1


def test_a_dismissed_alert_comes_back_only_with_new_facts(people: Cast, zhang: Family, sweep: Run,
                                                          fixed_day: Callable[[dt.date], None]) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    close(people, alerts(people)[0], "dismissed", visited_on=None)
    fixed_day(NEXT)
    assert sweep(NEXT).opened == 0 and len(alerts(people)) == 1
    know(zhang, wage_fen=120_000, day=NEXT)
    assert sweep(NEXT).opened == 1
    assert [a.state for a in alerts(people)] == ["dismissed", "open"]


def test_bills_that_grow_old_are_no_new_fact(people: Cast, zhang: Family, sweep: Run,
                                             fixed_day: Callable[[dt.date], None]) -> None:
    know(zhang, wage_fen=500_000)
    tell(zhang.head.pk, "hospital", "a", amount=3_200_000, day=dt.date(2026, 1, 5))
    tell(zhang.head.pk, "hospital", "b", amount=3_200_000, day=dt.date(2026, 6, 5))
    sweep()
    close(people, alerts(people)[0], "dismissed")
    fixed_day(later := dt.date(2027, 1, 10))
    assert sweep(later).opened == 0


def test_dismissing_needs_a_reason_and_moves_no_threshold(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    (alert,) = alerts(people)
    before = state()
    with pytest.raises(Refused, match="理由"):
        close(people, alert, "dismissed", text="没事")
    assert state() == before
    limit = rules.lookup("monitor.near.percent", "z320583", NIGHT)
    close(people, alert, "dismissed", visited_on=None)
    assert rules.lookup("monitor.near.percent", "z320583", NIGHT) == limit
    with acting_as(people.village):
        assert AlertEvent.objects.filter(kind="dismissed", name=people.village.name).exists()


def test_watching_ends_on_its_day_and_the_task_is_back(people: Cast, zhang: Family, sweep: Run,
                                                       fixed_day: Callable[[dt.date], None]) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    (alert,) = alerts(people)
    with pytest.raises(Refused, match="最长"):
        close(people, alert, "watch", until=dt.date(2027, 12, 1))
    close(people, alert, "watch", until=dt.date(2026, 12, 1))
    with acting_as(people.village):
        assert flow.open_tasks(alert.number) == []
    fixed_day(dt.date(2026, 11, 30))
    sweep(dt.date(2026, 11, 30))
    assert alerts(people)[0].state == "watching"
    fixed_day(dt.date(2026, 12, 1))
    sweep(dt.date(2026, 12, 1))
    with acting_as(people.village):
        assert Alert.objects.get().state == "open" and len(flow.open_tasks(alert.number)) == 1


def test_a_more_urgent_fact_takes_the_open_alert_up(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    tell(zhang.people[1].pk, "illness", department="卫生健康")
    assert sweep().opened == 1
    first, second = alerts(people)
    assert (first.state, second.state, second.grade) == ("merged", "open", 1)
    with acting_as(people.village):
        assert {r.rule for r in Reason.objects.filter(alert=second)} == {"entitled", "illness"}
        assert flow.open_tasks(first.number) == [] and len(flow.open_tasks(second.number)) == 1


def test_a_lesser_fact_joins_the_open_alert(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    tell(zhang.people[1].pk, "unemployed")
    assert (sweep().joined, len(alerts(people))) == (1, 1)
    with acting_as(people.village):
        assert Reason.objects.count() == 2 and AlertEvent.objects.filter(kind="joined").count() == 1


def test_a_village_without_a_worker_leaves_it_to_the_township(people: Cast, sweep: Run) -> None:
    family = make_family(("周平", "19800101", 1, "户主"), village=OTHER_VILLAGE, number="9")
    know(family)
    sweep()
    (alert,) = alerts(people)
    with acting_as(people.township):
        (task,) = flow.open_tasks(alert.number)
    assert (task.role, task.office) == ("town_clerk", people.township.jurisdiction)


def test_a_worker_whose_post_has_ended_is_not_counted(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang)
    with as_owner():
        Post.objects.filter(pk=people.village.post_id).update(valid_to=NIGHT - dt.timedelta(days=1))
    sweep()
    assert alerts(people)[0].by_worker is False


def test_an_alert_that_lies_too_long_is_reported_upwards(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    with as_worker(), acting_as(Service("督办", PROVINCE)):
        from minzheng.base.flow.sweeps import escalate

        assert escalate(dt.datetime(2027, 1, 5, tzinfo=dt.UTC)) == 1
    with acting_as(people.reviewer):
        notices = [t for t in flow.open_tasks(alerts(people)[0].number) if t.kind == "notice"]
    assert [(n.role, n.level) for n in notices] == [("town_reviewer", 4)]


def test_a_later_night_done_forbids_an_earlier_one(people: Cast, zhang: Family, sweep: Run) -> None:
    """As after a clock was set back: nothing is recomputed under an older day."""
    know(zhang, wage_fen=180_000)
    sweep()
    before = state()
    with as_worker(), acting_as(Service("定时任务", PROVINCE)):
        number = defer("monitoring.sweep", jurisdiction=PROVINCE, night=(NIGHT - dt.timedelta(days=1)).isoformat())
    with pytest.raises(Refused, match="服务器时间"):
        run_jobs()
    after = state()
    assert {t for t in after if after[t] != before[t]} <= {"jobs_run"} and number


def test_two_sweeps_at_once_are_one(people: Cast, zhang: Family, sweep: Run) -> None:
    from django.db import connections

    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(7710, 0)")
        with pytest.raises(Refused, match="正在进行"):
            sweep()
    finally:
        other.close()


class Killed(BaseException):
    """As if the process ended."""


def test_a_sweep_that_is_killed_in_the_middle_goes_on_without_doubles(
        people: Cast, zhang: Family, wang: Family, sweep: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between ranges, and again between alerts: each range is done once, each household has one alert."""
    far = make_family(("赵强", "19800101", 1, "户主"), village=OTHER_VILLAGE, number="3")
    for family in (zhang, wang, far):
        know(family)
    monkeypatch.setattr(sweeping, "ranges", lambda low, high: [
        (low, OTHER_VILLAGE), (OTHER_VILLAGE, high)])
    evaluated: list[str] = []
    honest, count = sweeping.write_range, 0

    def once_then_die(outcomes: object, low: str, high: str, night: dt.date) -> None:
        if len(evaluated) == 1 and "killed" not in evaluated:
            evaluated.append("killed")
            raise Killed
        honest(outcomes, low, high, night)  # type: ignore[arg-type]
        evaluated.append(low)

    monkeypatch.setattr(sweeping, "write_range", once_then_die)
    with as_worker(), acting_as(Service("定时任务", PROVINCE)):
        number = defer("monitoring.sweep", jurisdiction=PROVINCE, night=NIGHT.isoformat())
    with as_worker(), pytest.raises(Killed):
        execute("monitoring.sweep", number, PROVINCE, {"night": NIGHT.isoformat()})
    with acting_as(people.county):
        found = Sweep.objects.get()
        assert (found.status, found.ranges.count(), Outcome.objects.count()) == ("running", 1, 2)
    honest_open = opening.do_open

    def die_at_the_second(outcomes: list[Outcome], *, by: Service) -> tuple[int, int]:
        nonlocal count
        count += 1
        done = honest_open(outcomes, by=by)
        if count == 2:
            raise Killed
        return done

    monkeypatch.setattr(tasks, "OPEN_AT_ONCE", 2)
    monkeypatch.setattr(opening, "do_open", die_at_the_second)
    with as_worker(), pytest.raises(Killed):
        execute("monitoring.sweep", number, PROVINCE, {"night": NIGHT.isoformat()})
    assert len(alerts(people)) == 2  # each batch is one transaction
    with as_worker():
        execute("monitoring.sweep", number, PROVINCE, {"night": NIGHT.isoformat()})
    with acting_as(people.county):
        found = Sweep.objects.get()
        assert (found.status, found.matters, found.opened) == ("done", 3, 3)
        assert sorted(Alert.objects.values_list("household_id", flat=True)) == sorted(
            f.household.pk for f in (zhang, wang, far))
    assert evaluated == [evaluated[0], "killed", OTHER_VILLAGE]
    with as_worker(), acting_as(Service("定时任务", PROVINCE)):
        assert JobRun.objects.get(pk=number).done == 2


def test_the_neighbour_reaches_no_alert(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    (alert,) = alerts(people)
    before = state()
    for stranger in (people.neighbour, people.neighbour_clerk):
        with acting_as(stranger), pytest.raises(NotFound):
            closing.do_close(alert.number, outcome="dismissed", version=alert.version, by=stranger,
                             text="核实过了,没有问题,不需要处置")
    with acting_as(people.reviewer), pytest.raises(Refused, match="岗位"):
        closing.do_close(alert.number, outcome="dismissed", version=alert.version, by=people.reviewer,
                         text="核实过了,没有问题,不需要处置")
    assert state() == before
