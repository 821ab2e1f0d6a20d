import pytest

from minzheng.base import flow
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.flow.models import CoSign, Process, Task, TaskEvent
from minzheng.testing import acting_as
from minzheng.testing.cast import NEIGHBOUR_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP

from .conftest import colleague


def picture(subject, people):
    """All that may have changed."""
    with acting_as(people.province):
        return (
            list(Task.objects.filter(subject=subject).order_by("id").values()),
            list(Process.objects.filter(subject=subject).values("status", "version", "state")),
            TaskEvent.objects.filter(subject=subject).count(),
        )


VERBS = {
    "claim": lambda t, by: flow.claim(t, by=by),
    "complete": lambda t, by: flow.complete(t, by=by, outcome="seat", version=t.version),
    "release": lambda t, by: flow.release(t, by=by),
    "transfer": lambda t, by: flow.transfer(t, to=by.account_id, reason="忙", by=by),
    "cosign": lambda t, by: flow.cosign(t, accounts=[by.account_id], by=by),
    "sign": lambda t, by: flow.sign(t, by=by),
    "send_back": lambda t, by: flow.send_back(t, to="seat_check", reason="退", by=by, version=t.version),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_else_of_the_cast_can_do_it(tea, people, verb):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
    before = picture(subject, people)
    for who in people.officers():
        if who == people.clerk:
            continue
        with acting_as(who):
            with pytest.raises((NotAllowed, NotFound, Refused)) as refusal:
                VERBS[verb](task, who)
        if who in (people.neighbour, people.neighbour_clerk):
            assert isinstance(refusal.value, NotFound)
    assert picture(subject, people) == before


def test_the_neighbour_sees_and_signals_nothing(tea, people):
    subject = tea.start().subject
    before = picture(subject, people)
    for who in (people.neighbour, people.neighbour_clerk):
        with acting_as(who):
            assert flow.open_tasks(subject) == [] and flow.history(subject) == []
            for tab in ("claimable", "mine", "office", "area", "done", "cosign"):
                assert flow.worklist(who, tab).items == []
                assert sum(flow.lamp_counts(who, tab).values()) == 0
            for act in (
                lambda: flow.diagram(subject),
                lambda: flow.steps(subject),
                lambda who=who: flow.signal(subject, "guest_leaves", {}, by=who),
                lambda who=who: flow.suspend(subject, by=who, reason="闹"),
                lambda who=who: flow.resume(subject, by=who, reason="闹"),
                lambda who=who: flow.cancel(subject, by=who, reason="闹"),
                lambda: flow.move(subject, NEIGHBOUR_TOWNSHIP),
            ):
                with pytest.raises(NotFound):
                    act()
    assert picture(subject, people) == before


def test_a_claimed_task_is_its_holders_alone(tea, people):
    second = tea.second_clerk()
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
    before = picture(subject, people)
    with acting_as(second):
        with pytest.raises(Stale):
            flow.claim(task, by=second)
        with pytest.raises(NotAllowed, match="玉山李建国"):
            flow.complete(task, by=second, outcome="seat", version=task.version)
        with pytest.raises(NotAllowed):
            flow.transfer(task, to=second.account_id, reason="我来", by=second)
    assert picture(subject, people) == before


def test_a_task_is_handed_to_a_colleague_only(tea, people):
    second = tea.second_clerk()
    task = tea.task(tea.start().subject, "seat_check")
    with acting_as(people.clerk):
        flow.claim(task, by=people.clerk)
        with pytest.raises(Refused, match="原因"):
            flow.transfer(task, to=second.account_id, reason="", by=people.clerk)
        for other in (people.reviewer, people.neighbour_clerk, people.citizen):
            with pytest.raises(Refused):
                flow.transfer(task, to=other.account_id, reason="请假", by=people.clerk)
        moved = flow.transfer(task, to=second.account_id, reason="请假", by=people.clerk)
    assert moved.assignee == second.account_id
    with acting_as(second):
        flow.complete(moved, by=second, outcome="turn_away", version=moved.version)


def test_a_stale_page_cannot_complete(tea, people):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        before = picture(subject, people)
        with pytest.raises(Stale):
            flow.complete(task, by=people.clerk, outcome="seat", version=task.version - 1)
        assert picture(subject, people) == before
        flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
        with pytest.raises(Stale):
            flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
    assert tea.keys(subject) == ["lay_table"]


def test_only_an_allowed_outcome_completes(tea, people):
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        with pytest.raises(Refused, match="先签收"):
            flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
        task = flow.claim(task, by=people.clerk)
        before = picture(subject, people)
        for outcome in ("", "open", "seat "):
            with pytest.raises(Refused, match="办理结果"):
                flow.complete(task, by=people.clerk, outcome=outcome, version=task.version)
        assert picture(subject, people) == before


def test_two_signatures_are_needed_where_the_process_says_so(tea, people):
    subject = tea.start().subject
    tea.do(subject, "seat_check", "seat", people.clerk)
    task = tea.task(subject, "lay_table")
    stranger = colleague("village_worker", OTHER_VILLAGE, "别村")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        with pytest.raises(Refused, match="须有 2 人"):
            flow.complete(task, by=people.clerk, outcome="done", version=task.version)
        for other in (people.clerk, people.approver, people.neighbour_clerk, stranger):
            with pytest.raises(Refused, match="不能会签"):
                flow.cosign(task, accounts=[other.account_id], by=people.clerk)
        assert CoSign.objects.count() == 0
        task = flow.cosign(task, accounts=[people.village.account_id], by=people.clerk)
        with pytest.raises(Refused, match="里厍王芳没有会签"):
            flow.complete(task, by=people.clerk, outcome="done", version=task.version)
        with pytest.raises(NotAllowed):
            flow.sign(task, by=people.clerk)
    with acting_as(people.village):
        assert [t.pk for t in flow.worklist(people.village, "cosign").items] == [task.pk]
        task = flow.sign(task, by=people.village, comment="属实")
        with pytest.raises(Stale):
            flow.sign(task, by=people.village)
    with acting_as(people.clerk):
        flow.complete(task, by=people.clerk, outcome="done", version=task.version)


def test_who_seated_the_guest_does_not_taste(tea, people):
    both = colleague("town_clerk", TOWNSHIP, "一身二任")
    from minzheng.base.identity.models import Account, Post
    from minzheng.base.identity.officer import Officer
    from minzheng.testing import as_owner

    with as_owner():
        second = Post.objects.create(
            account_id=both.account_id, role="town_reviewer", office=TOWNSHIP, scenes=["*"], valid_from="2020-01-01",
            approved_by=Account.objects.order_by("id").first(),
        )  # fmt: skip
    hat = Officer(both.account_id, both.name, second.pk, "town_reviewer", TOWNSHIP, ("*",))
    subject = tea.start().subject
    tea.do(subject, "seat_check", "seat", both)
    tea.lay(subject)
    tea.tea_ready(subject)
    task = tea.task(subject, "taste")
    before = picture(subject, people)
    with acting_as(hat):
        with pytest.raises(NotAllowed, match="另一人"):
            flow.claim(task, by=hat)
    with acting_as(people.reviewer):
        with pytest.raises(NotAllowed, match="另一人"):
            flow.transfer(task, to=hat.account_id, reason="换人", by=people.reviewer)
    assert picture(subject, people) == before


def test_a_post_that_does_not_serve_the_scene_is_refused(tea, people):
    from dataclasses import replace

    other = replace(people.clerk, scenes=("coffee",))
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(other):
        assert flow.worklist(other, "claimable").items == []
        with pytest.raises(NotAllowed, match="不办理这类事项"):
            flow.claim(task, by=other)


def test_a_released_task_lies_with_the_office_again(tea, people):
    task = tea.task(tea.start().subject, "seat_check")
    with acting_as(people.clerk):
        flow.claim(task, by=people.clerk)
        assert flow.release(task, by=people.clerk).status == "ready"
        assert [t.pk for t in flow.worklist(people.clerk, "claimable").items] == [task.pk]
