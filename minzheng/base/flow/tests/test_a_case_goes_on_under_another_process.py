"""改按另一流程办理: what is done is not asked for again, four eyes still count, and nothing happens by half."""

from __future__ import annotations

import pytest

from minzheng.base import flow
from minzheng.base.errors import NotFound, Refused
from minzheng.base.flow import publishing, registry
from minzheng.base.flow.bpmn.definition import parse
from minzheng.base.flow.models import Process, Task
from minzheng.testing import acting_as, as_owner
from minzheng.testing.unchanged import state

from .conftest import FOLDER, served

SEATED = flow.Done("seat_check", "seat")


@pytest.fixture
def feast(monkeypatch):
    """Another process that begins alike and opens the table with another outcome."""
    source = (FOLDER / "seat.v1.bpmn").read_bytes().replace(b'id="seat"', b'id="feast"')
    source = source.replace(b'bpmnElement="seat"', b'bpmnElement="feast"').replace("open:开席 close".encode(), "open:大宴 close".encode())
    monkeypatch.setattr(registry, "_processes", {**registry._processes, ("feast", 1): (parse("feast", 1, source), "tea")})
    with as_owner():
        publishing.publish()


def test_the_steps_that_are_done_are_passed_and_the_next_one_is_open(tea, people, feast):
    subject = tea.start().subject
    tea.do(subject, "seat_check", "seat", people.clerk)
    served.clear()
    with acting_as(people.clerk):
        flow.replace(subject, "feast", data={"guests": 2}, done=[SEATED], by=people.clerk, reason="改办大宴")
        process = Process.objects.select_related("definition").get(subject=subject)
        assert (process.definition.code, process.status) == ("feast", "active")
        assert [t.status for t in Task.objects.filter(subject=subject, key="seat_check")] == ["done"]
        assert Task.objects.filter(subject=subject, key="lay_table", status="cancelled").exists()
        assert any(e.verb == "replace" and e.text == "改办大宴" for e in flow.history(subject))
    assert tea.keys(subject) == ["lay_table"]
    assert served == [subject], "service tasks on the way are served again, for the new process"


def test_four_eyes_reach_back_before_the_exchange(tea, people, feast):
    subject = tea.start().subject
    tea.do(subject, "seat_check", "seat", people.clerk)
    with acting_as(people.clerk):
        flow.replace(subject, "feast", data={"guests": 2}, done=[SEATED], by=people.clerk, reason="改办大宴")
        row = Process.objects.get(subject=subject)
        assert Task.objects.get(process=row, key="seat_check").completed_by == people.clerk.account_id


@pytest.mark.parametrize("done", [[flow.Done("lay_table", "done")], [flow.Done("seat_check", "dance")],
                                  [flow.Done("tea_ready", message=True)], [SEATED, SEATED]])
def test_steps_that_the_new_process_does_not_pass_so_are_refused_and_nothing_changes(tea, people, feast, done):
    subject = tea.start().subject
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="不能沿用"):
        flow.replace(subject, "feast", data={"guests": 2}, done=done, by=people.clerk, reason="改办大宴")
    assert state() == before


def test_neither_the_neighbour_nor_an_ended_process_is_exchanged(tea, people, feast):
    subject = tea.start().subject
    before = state()
    with acting_as(people.neighbour_clerk), pytest.raises(NotFound):
        flow.replace(subject, "feast", data={"guests": 2}, by=people.neighbour_clerk, reason="改办大宴")
    assert state() == before
    with acting_as(people.clerk):
        flow.cancel(subject, by=people.clerk, reason="客人走了")
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="已经结束"):
        flow.replace(subject, "feast", data={"guests": 2}, by=people.clerk, reason="改办大宴")
    assert state() == before
