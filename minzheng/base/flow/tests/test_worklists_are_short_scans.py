from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base import clock, flow
from minzheng.base.errors import Refused
from minzheng.base.flow.models import Process, Task
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import TOWNSHIP


def test_each_tab_shows_what_it_says(tea, people):
    first, second = tea.start(), tea.start()
    with acting_as(people.clerk):
        assert {t.subject for t in flow.worklist(people.clerk, "claimable").items} == {first.subject, second.subject}
        flow.claim(tea.task(first.subject, "seat_check"), by=people.clerk)
    with acting_as(people.clerk):
        assert [t.subject for t in flow.worklist(people.clerk, "claimable").items] == [second.subject]
        assert [t.subject for t in flow.worklist(people.clerk, "mine").items] == [first.subject]
        assert len(flow.worklist(people.clerk, "office").items) == 2
        assert flow.worklist(people.clerk, "done").items == []
    tea.do(first.subject, "seat_check", "turn_away", people.clerk)
    with acting_as(people.clerk):
        assert [t.subject for t in flow.worklist(people.clerk, "done").items] == [first.subject]
    with acting_as(people.county):
        assert flow.worklist(people.county, "claimable").items == []
        assert [t.subject for t in flow.worklist(people.county, "area").items] == [second.subject]


def test_a_worklist_is_one_query_and_its_counts_three(tea, people):
    tea.start()
    with acting_as(people.clerk):
        with CaptureQueriesContext(connection) as queries:
            flow.worklist(people.clerk, "office", filters={"key": "seat_check"})
        assert len(queries) == 1
        with CaptureQueriesContext(connection) as queries:
            flow.lamp_counts(people.clerk)
        assert len(queries) <= 3


def test_an_unknown_tab_filter_lamp_or_cursor_is_refused(people):
    with acting_as(people.clerk):
        for tab, filters, cursor in (
            ("all", {}, ""), ("office", {"secret": "1"}, ""), ("office", {"key": ""}, ""),
            ("office", {"lamp": "blue"}, ""), ("office", {}, "abc"), ("office", {}, "WzEsMl0="),
        ):  # fmt: skip
            with pytest.raises(Refused):
                flow.worklist(people.clerk, tab, filters=filters, cursor=cursor)


@pytest.fixture
def many(tea, people):
    """57 tasks, some due at the same moment."""
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with as_owner():
        now = clock.now()
        rows = []
        for n in range(56):
            copy = Task.objects.get(pk=task.pk)
            copy.pk, copy.token = None, f"00000000-0000-0000-0000-{n:012d}"
            copy.due_at, copy.warn_at = now + timedelta(hours=n // 3 - 5), now + timedelta(hours=n // 3 - 9)
            rows.append(copy)
        Task.objects.bulk_create(rows)
    return now


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 60))
def test_turning_pages_shows_every_task_once_in_order(many, people, size):
    seen, cursor = [], ""
    with acting_as(people.clerk):
        while True:
            page = flow.worklist(people.clerk, "office", cursor=cursor, size=size)
            assert len(page.items) <= size
            seen += page.items
            cursor = page.cursor
            if not cursor:
                break
    assert len(seen) == 57 == len({t.pk for t in seen})
    assert [(t.due_at, t.pk) for t in seen] == sorted((t.due_at, t.pk) for t in seen)


def test_lamps_filter_and_count_alike(many, people):
    with acting_as(people.clerk):
        counts = flow.lamp_counts(people.clerk)
        assert sum(counts.values()) == 57 and all(counts.values())
        for lamp, count in counts.items():
            assert len(flow.worklist(people.clerk, "office", filters={"lamp": lamp}, size=100).items) == count


def test_counts_stop_at_the_cap(many, people, monkeypatch):
    from minzheng.base.flow import queries

    monkeypatch.setattr(queries, "CAP", 5)
    with acting_as(people.clerk):
        assert max(flow.lamp_counts(people.clerk).values()) == 6


def test_a_moved_case_lies_with_the_new_place(tea, people):
    from minzheng.testing.cast import VILLAGE

    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        target = "320581100001"
        flow.move(subject, target)
        assert flow.open_tasks(subject) == []
        with pytest.raises(Exception, match="没有找到"):
            flow.move(subject, VILLAGE)
    with acting_as(people.neighbour_clerk):
        (moved,) = flow.worklist(people.neighbour_clerk, "claimable").items
        assert (moved.office, moved.status, moved.assignee) == ("320581100000", "ready", None)
        assert flow.clock_of(subject, "total") is not None
        assert Process.objects.get(subject=subject).jurisdiction == target
        flow.claim(moved, by=people.neighbour_clerk)


def test_a_case_is_not_moved_above_its_open_tasks(tea, people):
    from django.db import DataError, transaction

    subject = tea.start().subject
    with acting_as(people.clerk):
        with pytest.raises(DataError), transaction.atomic():
            flow.move(subject, "320581000000")
        assert tea.task(subject, "seat_check").office == TOWNSHIP


def test_completing_a_task_takes_a_bounded_number_of_queries(tea, people):
    subject = tea.to_taste()
    task = tea.task(subject, "taste")
    with acting_as(people.reviewer):
        task = flow.claim(task, by=people.reviewer)
        with CaptureQueriesContext(connection) as queries:
            flow.complete(task, by=people.reviewer, outcome="good", version=task.version)
    assert len(queries) <= 25
