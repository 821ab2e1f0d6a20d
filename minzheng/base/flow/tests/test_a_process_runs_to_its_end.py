import pytest

from minzheng.base import flow
from minzheng.base.errors import NotFound, Refused
from minzheng.base.flow.models import Process, Task
from minzheng.testing import acting_as
from minzheng.testing.cast import TOWNSHIP

from .conftest import served


def test_a_guest_is_seated_served_and_leaves(tea, people, batch):
    subject = tea.to_taste()
    assert served == [subject]
    tea.do(subject, "taste", "good", people.reviewer)
    assert tea.keys(subject) == []
    with acting_as(people.county):
        assert [(s.title, s.state) for s in flow.steps(subject)] == [
            ("登记", "done"), ("备茶", "done"), ("品鉴", "current"), ("开席", "todo"),
        ]  # fmt: skip
    with batch:
        from datetime import timedelta

        from minzheng.base import clock

        assert flow.fire_due(clock.now() + timedelta(days=3), by=batch.by) == 1
    tea.do(subject, "open_table", "open", people.approver)
    with acting_as(people.county):
        process = Process.objects.get(subject=subject)
        assert process.status == "ended" and process.ended_at is not None
        verbs = [e.verb for e in flow.history(subject)]
        assert verbs.count("complete") == 4 and "timer" in verbs and "sign" in verbs


def test_the_diagram_shows_what_is_passed_and_what_is_at_work(tea, people):
    subject = tea.to_taste()
    with acting_as(people.county):
        seen = flow.diagram(subject)
    assert seen.current == ["taste"]
    assert {"seat_check", "lay_table", "brew"} <= set(seen.done)
    assert "<bpmn:process" in seen.xml


def test_a_subject_has_one_process(tea, people):
    process = tea.start()
    with pytest.raises(Refused, match="不能重复"):
        tea.start(process.subject)
    with acting_as(people.county):
        assert Process.objects.filter(subject=process.subject).count() == 1
        assert Task.objects.filter(subject=process.subject).count() == 1


def test_a_missing_input_or_unknown_process_starts_nothing(people):
    with acting_as(people.clerk):
        for code, data, words in (("seat", {}, "guests"), ("unheard_of", {"guests": 1}, "没有发布")):
            with pytest.raises(Refused, match=words):
                flow.start(code, subject="tea-x", jurisdiction=TOWNSHIP, data=data, by=people.clerk)
        assert not Process.objects.filter(subject="tea-x").exists()


def test_the_way_back_is_the_one_drawn(tea, people):
    subject = tea.to_taste()
    task = tea.task(subject, "taste")
    with acting_as(people.reviewer):
        task = flow.claim(task, by=people.reviewer)
        with pytest.raises(Refused, match="没有规定"):
            flow.send_back(task, to="seat_check", reason="没茶", by=people.reviewer, version=task.version)
        with pytest.raises(Refused, match="原因"):
            flow.send_back(task, to="lay_again", reason=" ", by=people.reviewer, version=task.version)
        flow.send_back(task, to="lay_again", reason="桌子歪了", by=people.reviewer, version=task.version)
    assert tea.keys(subject) == ["lay_again"]
    tea.do(subject, "lay_again", "done", people.clerk)
    assert tea.keys(subject) == ["taste"]


def test_a_message_reaches_only_what_waits_for_it(tea, people):
    process = tea.start()
    with acting_as(people.clerk):
        with pytest.raises(Refused, match="不需要这一步"):
            flow.signal(process.subject, "tea_ready", {"leaf_ok": True}, by=people.clerk)
        assert not flow.signal(process.subject, "tea_ready", {"leaf_ok": True}, by=people.clerk, missing_ok=True)
        with pytest.raises(Refused, match="不接收"):
            flow.signal(process.subject, "unheard_of", {}, by=people.clerk)
    tea.do(process.subject, "seat_check", "wait", people.clerk)
    with acting_as(people.clerk):
        with pytest.raises(Refused, match="数据不全"):
            flow.signal(process.subject, "guest_back", {}, by=people.clerk)
        assert flow.signal(process.subject, "guest_back", {"guests": 3}, by=people.clerk)
    assert tea.keys(process.subject) == ["seat_check"]


def test_a_leaving_guest_ends_all_that_is_open(tea, people):
    process = tea.start()
    tea.do(process.subject, "seat_check", "seat", people.clerk)
    with acting_as(people.clerk):
        flow.signal(process.subject, "guest_leaves", {}, by=people.clerk)
        assert Task.objects.get(subject=process.subject, key="lay_table").status == "cancelled"
        assert Process.objects.get(pk=process.pk).status == "ended"
    assert served[-1] == f"clear {process.subject}"


def test_a_citizen_may_signal_through_the_engine_but_reads_nothing(tea, people):
    process = tea.start()
    tea.do(process.subject, "seat_check", "wait", people.clerk)
    with acting_as(people.citizen):
        assert flow.signal(process.subject, "guest_back", {"guests": 1}, by=people.citizen)
        with pytest.raises(NotFound):
            flow.signal("no-such-subject", "guest_back", {"guests": 1}, by=people.citizen)
    assert tea.keys(process.subject) == ["seat_check"]


def test_a_citizen_may_start_a_process(people):
    with acting_as(people.citizen):
        flow.start("seat", subject="tea-c", jurisdiction=TOWNSHIP, data={"guests": 1}, by=people.citizen)
    with acting_as(people.clerk):
        assert [t.key for t in flow.open_tasks("tea-c")] == ["seat_check"]


def test_a_case_without_a_village_cannot_reach_a_village_task(people):
    from minzheng.testing.cast import COUNTY

    with acting_as(people.county):
        with pytest.raises(Refused, match="所在地"):
            flow.start("seat", subject="tea-v", jurisdiction=COUNTY, data={"guests": 1}, by=people.county)
        assert not Process.objects.filter(subject="tea-v").exists()
