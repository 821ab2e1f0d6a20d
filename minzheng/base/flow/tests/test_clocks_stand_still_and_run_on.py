from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import clock, flow, workdays
from minzheng.base.errors import NotFound, Refused
from minzheng.base.flow import limits
from minzheng.base.flow.models import Clock, Task, lamp_of
from minzheng.base.workdays import calendar
from minzheng.testing import acting_as
from minzheng.testing.cast import VILLAGE

SH = clock.SHANGHAI
MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2026, 6, 1), timezones=st.just(SH))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SH)


def running(start: datetime, amount: int = 30) -> Clock:
    row = Clock(started_at=start, limit_amount=amount, limit_unit="workday", pauses=[])
    limits.reckon(row)
    return row


@given(MOMENTS, st.integers(1, 45), st.lists(st.floats(0.01, 30), min_size=2, max_size=8))
def test_however_often_a_clock_pauses_the_days_it_ran_are_its_limit(start, amount, lengths):
    """Pauses and runs alternate, across any holidays: the working days whose end saw the clock running add up."""
    row, moment = running(start, amount), start
    for run, still in zip(lengths[::2], lengths[1::2], strict=False):
        moment += timedelta(days=run)
        limits.pause(row, moment)
        moment += timedelta(days=still)
        limits.resume(row, moment)
    due = row.due_at.astimezone(SH).date()
    ran, day = 0, start.date()
    while day < due:
        day += timedelta(days=1)
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), SH)
        stood = any(p.start < midnight <= p.end for p in row.spans())
        ran += workdays.is_workday(day) and not stood
    assert ran == amount
    assert workdays.is_workday(due)
    assert row.started_at <= row.warn_at <= row.due_at
    assert not row.provisional


@given(MOMENTS, st.integers(1, 45))
def test_pausing_twice_or_running_twice_changes_nothing(start, amount):
    row = running(start, amount)
    before = row.due_at
    assert not limits.resume(row, start) and row.due_at == before
    assert limits.pause(row, start + timedelta(days=1)) and not limits.pause(row, start + timedelta(days=5))
    assert row.paused_at == start + timedelta(days=1)


def test_a_supplement_over_national_day_costs_only_its_working_days():
    row = running(at(2025, 9, 29, 9), 10)
    assert row.due_at.date() == at(2025, 10, 20).date()  # 30 Sept, 9, 10, 11 (made up), 13-17, 20 Oct
    limits.pause(row, at(2025, 9, 30, 10))
    limits.resume(row, at(2025, 10, 10, 10))
    assert row.due_at.date() == at(2025, 10, 22).date()  # without 30 Sept and 9 Oct


def test_lamps_turn_yellow_in_the_last_fifth_and_red_after_the_end():
    row = running(at(2026, 11, 2, 9), 10)
    assert row.due_at == at(2026, 11, 16, 23, 59, 59) and row.warn_at == at(2026, 11, 12)
    for moment, lamp in (
        (at(2026, 11, 11, 23), "green"), (at(2026, 11, 12), "yellow"),
        (row.due_at, "yellow"), (at(2026, 11, 17), "red"),
    ):  # fmt: skip
        assert lamp_of(True, row.warn_at, row.due_at, moment) == lamp
        assert lamp_of(False, row.warn_at, row.due_at, moment) == "grey"


def test_waiting_for_the_guest_pauses_the_whole_clock(tea, people):
    subject = tea.start().subject
    with acting_as(people.clerk):
        assert flow.clock_of(subject, "total").running
    tea.do(subject, "seat_check", "wait", people.clerk)
    with acting_as(people.clerk):
        held = flow.clock_of(subject, "total")
        assert held.lamp == "grey" and held.pause_reason == "等客人回来"
        flow.signal(subject, "guest_back", {"guests": 2}, by=people.clerk)
        held = flow.clock_of(subject, "total")
        assert held.running and len(held.pauses) == 1


def test_verbs_on_clocks_may_be_repeated(people):
    with acting_as(people.clerk):
        first = flow.start_clock("tea-clock", "total", 30, "workday", jurisdiction=VILLAGE, now=at(2026, 9, 1, 9))
        again = flow.start_clock("tea-clock", "total", 20, "workday", jurisdiction=VILLAGE, now=at(2026, 9, 9, 9))
        assert (again.pk, again.started_at, again.limit_amount) == (first.pk, first.started_at, 20)
        assert again.due_at < first.due_at
        assert flow.pause_clocks("tea-clock", reason="补正") == 1
        assert flow.pause_clocks("tea-clock", reason="补正") == 0
        assert flow.resume_clocks("tea-clock", by_element="other") == 0
        assert flow.resume_clocks("tea-clock") == 1
        assert flow.limit_clock("tea-clock", "total", 45, "workday").limit_amount == 45
        with pytest.raises(Refused, match="已经延长过"):
            flow.limit_clock("tea-clock", "total", 45, "workday")
        assert flow.stop_clocks("tea-clock") == 1 and flow.stop_clocks("tea-clock") == 0
        with pytest.raises(NotFound):
            flow.limit_clock("tea-clock", "total", 60, "workday")


def test_a_suspended_case_can_be_neither_worked_on_nor_late(tea, people):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        with pytest.raises(Refused, match="原因"):
            flow.suspend(subject, by=people.clerk, reason="")
        flow.suspend(subject, by=people.clerk, reason="停水")
        held = Task.objects.get(pk=task.pk)
        assert held.status == "suspended" and held.lamp == "grey"
        assert not flow.clock_of(subject, "total").running
        for act in (
            lambda: flow.complete(held, by=people.clerk, outcome="seat", version=held.version),
            lambda: flow.signal(subject, "guest_leaves", {}, by=people.clerk),
            lambda: flow.suspend(subject, by=people.clerk, reason="再停"),
        ):
            with pytest.raises(Refused, match="中止"):
                act()
        flow.resume(subject, by=people.clerk, reason="来水了")
        held = Task.objects.get(pk=task.pk)
        assert held.status == "claimed" and held.assignee == people.clerk.account_id and len(held.pauses) == 1
        flow.complete(held, by=people.clerk, outcome="seat", version=held.version)


def test_a_cancelled_case_leaves_nothing_open(tea, people):
    subject = tea.start().subject
    with acting_as(people.clerk):
        flow.cancel(subject, by=people.clerk, reason="客人不来了")
        assert flow.open_tasks(subject) == [] and flow.clock_of(subject, "total").stopped_at
        with pytest.raises(Refused, match="已经结束"):
            flow.cancel(subject, by=people.clerk, reason="再取消")
        with pytest.raises(Refused, match="已经结束"):
            flow.signal(subject, "guest_leaves", {}, by=people.clerk)


NOTICE = "year: 2027\nsource: 测试用通知(虚构)\nholidays:\n  - [2027-01-01, 2027-01-05]\nworkdays: []\n"


def test_dates_in_a_year_without_a_notice_are_provisional_until_it_is_loaded(people, batch, tmp_path, monkeypatch):
    with acting_as(people.clerk):
        row = flow.start_clock("tea-year", "total", 30, "workday", jurisdiction=VILLAGE, now=at(2026, 12, 1, 9))
        sure = flow.start_clock("tea-sure", "total", 3, "workday", jurisdiction=VILLAGE, now=at(2026, 12, 1, 9))
    assert row.provisional and not sure.provisional
    with batch:
        assert flow.recompute_provisional(2027) == 0
    monkeypatch.setattr(calendar, "FOLDER", tmp_path)
    (tmp_path / "2027.yaml").write_text(NOTICE, encoding="utf-8")
    calendar.loaded.cache_clear()
    try:
        with batch:
            assert flow.recompute_provisional(2027) == 1
            assert flow.recompute_provisional(2027) == 0
        with acting_as(people.clerk):
            firm = flow.clock_of("tea-year", "total")
            assert not firm.provisional
            assert firm.due_at.astimezone(SH).date() == workdays.add(row.due_at.astimezone(SH).date(), 2)
            assert flow.clock_of("tea-sure", "total").due_at == sure.due_at
    finally:
        calendar.loaded.cache_clear()
