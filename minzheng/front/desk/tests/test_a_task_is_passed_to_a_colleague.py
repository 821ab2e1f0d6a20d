from __future__ import annotations

import datetime as dt

from django.test import Client

from minzheng.base import flow
from minzheng.base.identity.models import Account, Post
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import application_for, make_family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import TOWNSHIP


def opened(people: Cast) -> tuple[str, int, int]:
    """A case whose first task waits, and a colleague with the clerk's post."""
    family = make_family(("张建国", "19700312", 1, "户主"))
    with acting_as(people.clerk):
        code = do_apply(application_for(family), by=people.clerk).code
        task = flow.open_tasks(code)[0].pk
    with as_owner():
        colleague = Account.objects.create(username="t_second", name="玉山周敏", password="!")
        Post.objects.create(account=colleague, role="town_clerk", office=TOWNSHIP, scenes=["*"],
                            valid_from=dt.date(2020, 1, 1), approved_by_id=people.reviewer.account_id)
    return code, task, colleague.pk


def assignee(people: Cast, code: str) -> int | None:
    with acting_as(people.clerk):
        return flow.open_tasks(code)[0].assignee


def test_the_clerk_passes_it_on_with_a_reason(people: Cast, client: Client) -> None:
    code, task, colleague = opened(people)
    page = sign_in(client, people.clerk).post(f"/desk/cases/{code}/tasks/{task}/transfer",
                                              {"account": colleague, "reason": "我明天休假"})
    assert page.status_code == 302
    assert assignee(people, code) == colleague


def test_no_reason_or_a_stranger_is_refused_and_nothing_moves(people: Cast, client: Client) -> None:
    code, task, colleague = opened(people)
    sign_in(client, people.clerk)
    for post in ({"account": colleague, "reason": ""}, {"account": people.approver.account_id, "reason": "请办"}):
        assert client.post(f"/desk/cases/{code}/tasks/{task}/transfer", post).status_code == 422
    assert assignee(people, code) is None


def test_other_posts_and_the_neighbour_cannot_pass_it(people: Cast, client: Client) -> None:
    code, task, colleague = opened(people)
    for who in (people.reviewer, people.approver, people.neighbour_clerk, people.neighbour):
        page = sign_in(client, who).post(f"/desk/cases/{code}/tasks/{task}/transfer",
                                         {"account": colleague, "reason": "请办"})
        assert page.status_code in (403, 404)
    assert assignee(people, code) is None
