import pytest

from minzheng.base import flow
from minzheng.base.flow import publishing, registry
from minzheng.base.flow.bpmn.definition import parse
from minzheng.base.flow.bpmn.engine import Run
from minzheng.base.flow.models import Process, ProcessDefinition, Task, TaskEvent
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import VILLAGE

from .conftest import FOLDER, served

SOURCE = (FOLDER / "seat.v1.bpmn").read_bytes()


@pytest.fixture
def second_version(monkeypatch):
    """v2: a guest who waits is turned away at once."""
    source = SOURCE.replace("seat:入座 wait:候补 turn_away:婉拒".encode(), "seat:请坐 turn_away:婉拒".encode())
    source = source.replace(b"seat_check == 'wait'", b"seat_check == 'turn_away' and guests == 0")
    source = source.replace(b"seat_check == 'turn_away'<", b"seat_check == 'turn_away' and guests != 0<")
    v2 = parse("seat", 2, source)

    def land():
        monkeypatch.setattr(registry, "_processes", {**registry._processes, ("seat", 2): (v2, "tea")})
        with as_owner():
            publishing.publish()

    return land


def test_a_case_ends_under_the_version_it_began_with(tea, people, second_version):
    old = tea.start()
    second_version()
    new = tea.start()
    with acting_as(people.clerk):
        assert Process.objects.get(pk=old.pk).definition.version == 1
        assert Process.objects.get(pk=new.pk).definition.version == 2
        assert "wait" in flow.element_of(tea.task(old.subject, "seat_check")).outcomes
        assert "wait" not in flow.element_of(tea.task(new.subject, "seat_check")).outcomes
    tea.do(old.subject, "seat_check", "wait", people.clerk)
    with acting_as(people.clerk):
        flow.signal(old.subject, "guest_back", {"guests": 2}, by=people.clerk)
    tea.do(old.subject, "seat_check", "seat", people.clerk)
    assert tea.keys(old.subject) == ["lay_table"]
    with acting_as(people.clerk):
        data = {"guests": 1}
        held = flow.start("seat", version=1, subject="tea-v1", jurisdiction=VILLAGE, data=data, by=people.clerk)
        assert held.definition.version == 1


def test_a_case_goes_on_when_its_file_is_gone(tea, people, monkeypatch):
    subject = tea.start().subject
    monkeypatch.setattr(registry, "_processes", {})
    tea.do(subject, "seat_check", "seat", people.clerk)
    assert tea.keys(subject) == ["lay_table"]


def test_a_version_in_use_cannot_change_its_content(tea, people, monkeypatch):
    tea.start()
    changed = parse("seat", 1, SOURCE + b"<!-- quietly -->")
    monkeypatch.setattr(registry, "_processes", {("seat", 1): (changed, "tea")})
    with as_owner():
        before = list(ProcessDefinition.objects.values("code", "version", "sha"))
        with pytest.raises(ValueError, match="新的版本号"):
            publishing.publish()
        assert list(ProcessDefinition.objects.values("code", "version", "sha")) == before


def test_a_step_that_dies_half_way_leaves_everything_as_it_was(tea, people, monkeypatch):
    """The engine has moved in memory and the handler has run; then the process is killed before it is saved."""
    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        before = (
            list(Task.objects.filter(subject=subject).values()),
            Process.objects.filter(subject=subject).values().get(),
            TaskEvent.objects.filter(subject=subject).count(),
        )

        def die(run):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Run, "save", die)
            with pytest.raises(KeyboardInterrupt):
                flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
        assert served == [subject]
        after = (
            list(Task.objects.filter(subject=subject).values()),
            Process.objects.filter(subject=subject).values().get(),
            TaskEvent.objects.filter(subject=subject).count(),
        )
        assert after == before
        flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
    assert tea.keys(subject) == ["lay_table"]


def test_a_handler_that_refuses_moves_nothing(tea, people, monkeypatch):
    from minzheng.base.errors import Refused

    def no_tea(call):
        raise Refused("茶叶用完了,请改日再来。")

    subject = tea.start().subject
    task = tea.task(subject, "seat_check")
    monkeypatch.setitem(registry._handlers, "tea.brew", no_tea)
    with acting_as(people.clerk):
        task = flow.claim(task, by=people.clerk)
        with pytest.raises(Refused, match="茶叶"):
            flow.complete(task, by=people.clerk, outcome="seat", version=task.version)
        held = Task.objects.get(pk=task.pk)
        assert (held.status, held.version) == ("claimed", task.version)
    assert tea.keys(subject) == ["seat_check"]


def test_the_saved_state_holds_no_specification(tea, people):
    subject = tea.to_taste()
    with acting_as(people.clerk):
        state = bytes(Process.objects.get(subject=subject).state)
    assert len(state) < 4096
    import json
    import zlib

    assert "spec" not in json.loads(zlib.decompress(state))
