"""请假代岗: asked, agreed by the head, done in both names, returned; four eyes hold for the pair."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed
from minzheng.base.flow.covering import do_turn_of_the_day
from minzheng.base.flow.models import Task, TaskEvent
from minzheng.base.identity.models import Account, Leave, Post
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.identity.posting import call_door
from minzheng.base.identity.posts import officer_of
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import COUNTY, TOWNSHIP
from minzheng.testing.queries import queries
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
URL = "/desk/leave/"


def further(role: str, office: str, name: str) -> Officer:
    with as_owner():
        account = Account.objects.create(username=f"t_{name}", name=name, password="!")
        post = Post.objects.create(account=account, role=role, office=office, scenes=["*"], valid_from=dt.date(2020, 1, 1),
                                   approved_by=Account.objects.order_by("id").first())
    return Officer(account.pk, name, post.pk, role, office, ("*",), office)


def asked(people: Cast, stand_in: Officer, *, who: Officer | None = None, since: dt.date | None = None, tasks: str = "pass") -> Leave:
    today = clock.today()
    page = sign_in(Client(), who or people.clerk).post(URL, {
        "stand_in": stand_in.account_id, "valid_from": since or today, "valid_to": (since or today) + dt.timedelta(days=6),
        "tasks": tasks, "reason": "年休假"})
    assert page.status_code == 302, page.content.decode()[:3000]
    with as_owner():
        return Leave.objects.latest("id")


def approved(people: Cast, row: Leave, head: Officer | None = None) -> Officer:
    """Agreed by the head; returns the stand-in in the cover post."""
    assert sign_in(Client(), head or people.reviewer).post(f"{URL}{row.pk}/approve").status_code == 302
    with as_owner():
        row.refresh_from_db()
        post = Post.objects.select_related("covers__account", "account").get(pk=row.cover_id)
        return officer_of(post.account, post)


def claimed(people: Cast, zhang: Family) -> Task:
    with acting_as(people.clerk):
        code = do_apply(application_for(zhang), by=people.clerk).code
        return flow.claim(flow.open_tasks(code)[0], by=people.clerk)


def again(task: Task) -> Task:
    with as_owner():
        return Task.objects.get(pk=task.pk)


def test_the_stand_in_does_the_absent_officers_tasks_in_both_names(people: Cast, zhang: Family) -> None:
    task, other = claimed(people, zhang), further("county_clerk", COUNTY, "昆山赵代")
    row = asked(people, other)
    assert again(task).assignee == people.clerk.account_id
    cover = approved(people, row)
    assert cover.name == "昆山赵代 代 玉山李建国" and cover.jurisdiction == TOWNSHIP
    passed = again(task)
    assert (passed.assignee, passed.assignee_for, passed.assignee_name) == (other.account_id, people.clerk.account_id, cover.name)
    page = sign_in(Client(), cover).get("/desk/?tab=mine")
    assert task.subject in page.content.decode() and "昆山赵代 代 玉山李建国" in page.content.decode()
    carrying.act(cover, task.subject, "review", "accept")
    done = again(task)
    assert (done.completed_by, done.completed_for, done.worked_days) == (other.account_id, people.clerk.account_id, 0)
    with as_owner():
        assert TaskEvent.objects.get(task=task, verb="complete").name == cover.name
        assert TaskEvent.objects.get(task=task, verb="cover").text == "玉山李建国请假,转昆山赵代代办"


def test_the_end_of_the_cover_gives_back_what_is_in_hand_and_the_post_is_gone(people: Cast, zhang: Family) -> None:
    task, other = claimed(people, zhang), further("town_clerk", TOWNSHIP, "玉山二号")
    cover = approved(people, asked(people, other))
    with as_owner():
        row = Leave.objects.get()
    assert sign_in(Client(), people.clerk).post(f"{URL}{row.pk}/end").status_code == 302
    back = again(task)
    assert (back.assignee, back.assignee_for, back.assignee_name) == (people.clerk.account_id, None, people.clerk.name)
    client = sign_in(Client(), people.clerk)
    before = state()
    assert client.post(f"{URL}{row.pk}/end").status_code == 302
    assert state() == before
    with as_owner():
        assert Post.objects.get(pk=cover.post_id).ended_at is not None
    carrying.act(people.clerk, task.subject, "review", "accept")


def test_tasks_can_go_back_to_the_office_instead(people: Cast, zhang: Family) -> None:
    task, other = claimed(people, zhang), further("town_clerk", TOWNSHIP, "玉山二号")
    approved(people, asked(people, other, tasks="return"))
    assert (again(task).status, again(task).assignee) == ("ready", None)


def test_leave_that_begins_later_passes_on_that_day_and_ends_by_itself(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    task, other = claimed(people, zhang), further("town_clerk", TOWNSHIP, "玉山二号")
    today = clock.today()
    approved(people, asked(people, other, since=today + dt.timedelta(days=3)))
    assert again(task).assignee == people.clerk.account_id
    job = Service("任务 flow.leaves", "320000000000")

    def turn(days: int) -> int:
        monkeypatch.setattr(clock, "today", lambda: today + dt.timedelta(days=days))
        with acting_as(job):
            return do_turn_of_the_day(by=job)

    assert (turn(2), turn(3), turn(3)) == (0, 1, 0)
    assert again(task).assignee == other.account_id
    assert (turn(9), turn(10), turn(10)) == (0, 1, 0)
    assert again(task).assignee == people.clerk.account_id


def test_neither_of_the_pair_approves_what_the_other_did(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reviewer stands in for the clerk: what she then does as clerk, and what the clerk did before, is not hers to review."""
    code = carrying.applied(people, zhang, "dibao")
    carrying.surveyed(people, code)
    other = further("town_clerk", TOWNSHIP, "玉山二号")
    second = further("town_reviewer", TOWNSHIP, "玉山二审")
    # the absent reviewer is covered by somebody who visited: neither name may review
    cover = approved(people, asked(people, people.clerk, who=second), people.leader)
    with acting_as(cover):
        task = next(t for t in flow.open_tasks(code) if t.key == "town_review")
        with pytest.raises(NotAllowed, match="须由另一人办理"):
            flow.claim(task, by=cover)
    # and one whom somebody covered when the visit was made may not review it afterwards
    with as_owner():
        visit = Task.objects.get(subject=code, key="visit", status="done")
        Task.objects.filter(pk=visit.pk).update(completed_by=other.account_id, completed_for=second.account_id)
    with acting_as(second), pytest.raises(NotAllowed, match="须由另一人办理"):
        flow.claim(task, by=second)
    with acting_as(people.reviewer):
        assert flow.claim(task, by=people.reviewer).assignee == people.reviewer.account_id


@pytest.mark.parametrize("who", ["clerk", "village", "county", "approver", "neighbour", "neighbour_clerk", "data_officer", "city"])
def test_only_the_head_agrees_and_a_refusal_changes_nothing(people: Cast, who: str) -> None:
    row = asked(people, further("town_clerk", TOWNSHIP, "玉山二号"))
    client = sign_in(Client(), getattr(people, who))
    before = state()
    answer = client.post(f"{URL}{row.pk}/approve")
    assert answer.status_code in (403, 404)
    assert state() == before


def test_who_stands_in_does_not_agree_and_the_database_holds_it_too(people: Cast) -> None:
    row = asked(people, people.reviewer)
    client = sign_in(Client(), people.reviewer)
    before = state()
    assert client.post(f"{URL}{row.pk}/approve").status_code == 403
    assert state() == before
    with acting_as(people.reviewer), pytest.raises(DatabaseError, match="head of the office"), transaction.atomic():
        call_door("identity_cover_leave", [row.pk, clock.now()])
    pretender = replace(people.clerk, role="town_reviewer")
    with acting_as(pretender), pytest.raises(DatabaseError, match="head of the office"), transaction.atomic():
        call_door("identity_cover_leave", [row.pk, clock.now()])


@pytest.mark.parametrize("changes", [
    {"stand_in": "0"}, {"valid_to": "2020-01-01"}, {"reason": ""}, {"valid_to": "2030-01-01"}, {"tasks": "burn"},
])
def test_impossible_leave_is_refused_beside_its_field(people: Cast, changes: dict[str, str]) -> None:
    other = further("town_clerk", TOWNSHIP, "玉山二号")
    client = sign_in(Client(), people.clerk)
    before = state()
    page = client.post(URL, {
        "stand_in": other.account_id, "valid_from": clock.today(), "valid_to": clock.today(), "tasks": "pass", "reason": "年休假", **changes})
    assert page.status_code == 422
    assert state() == before


def test_somebody_of_the_neighbour_county_cannot_stand_in(people: Cast) -> None:
    client = sign_in(Client(), people.clerk)
    before = state()
    page = client.post(URL, {
        "stand_in": people.neighbour_clerk.account_id, "valid_from": clock.today(), "valid_to": clock.today(), "tasks": "pass",
        "reason": "年休假"})
    assert page.status_code == 422 and state() == before
    row = asked(people, further("town_clerk", TOWNSHIP, "玉山二号"))
    for who in (people.neighbour, people.neighbour_clerk):
        assert f"/leave/{row.pk}/" not in sign_in(Client(), who).get(URL).content.decode()


def test_the_page_stays_within_its_queries(people: Cast) -> None:
    asked(people, further("town_clerk", TOWNSHIP, "玉山二号"))
    assert queries(people.reviewer, URL) <= 14
