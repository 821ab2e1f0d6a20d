from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.identity.models import Account
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.temporary.models import HelpRequest
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import VILLAGE
from minzheng.testing.unchanged import state

ASK = "/my/assistance/urgent/"


def post(**changes: str) -> dict[str, str]:
    return {"key": "q1", "what": "1", "happened_on": clock.today().isoformat(), "place": VILLAGE, "where": "菜场",
            "reason": "家中失火,无处安身", "phone": "16000000001", **changes}


@pytest.fixture
def asked(people: Cast, zhou: Family, client: Client) -> HelpRequest:
    with as_owner():  # the cast's numbers of citizens may be those of this test's people
        Account.objects.filter(pk=people.other_citizen.account_id).update(person_id=999_001)
    citizen = carrying.own(people, zhou)
    sign_in(client, citizen)
    for _ in range(2):
        assert client.post(ASK, post()).status_code == 302
    with acting_as(people.clerk):
        return HelpRequest.objects.get()


def desk(row: HelpRequest) -> str:
    return f"/desk/assistance/temporary/requests/{row.number}/"


def test_the_township_takes_it_up_and_the_citizen_follows(people: Cast, asked: HelpRequest, fund: Any, client: Client) -> None:
    assert "等待接办" in client.get(ASK).content.decode()
    with acting_as(people.clerk):
        (task,) = flow.open_tasks(asked.number)
        assert task.due_at is not None and (task.due_at - clock.now()).days <= 3
    sign_in(client, people.clerk)
    assert "急难求助" in client.get("/desk/").content.decode()
    assert "家中失火" in client.get(desk(asked)).content.decode()
    page = client.get(f"/desk/assistance/temporary/new?request={asked.number}").content.decode()
    assert "家中失火" in page and "菜场" in page
    form = {"key": "r1", "request": asked.number, "place": VILLAGE, "where": "菜场", "what": "1", "way": "money", "asked_fen": "600",
            "happened_on": clock.today().isoformat(), "reason": "家中失火,无处安身", "name": "周大海", "sex": "1", "birth_year": "1970"}
    assert client.post("/desk/assistance/temporary/new", form).status_code == 200
    with acting_as(people.clerk):
        asked.refresh_from_db()
        assert (asked.state, asked.case_code) == ("taken", Case.objects.get().code)
        assert not flow.open_tasks(asked.number)
    assert client.post(desk(asked), {"answer": "不属于急难情形"}).status_code == 409


def test_what_is_no_hardship_is_answered_with_a_reason(people: Cast, asked: HelpRequest, client: Client) -> None:
    clerk = sign_in(Client(), people.clerk)
    assert clerk.post(desk(asked), {"answer": "不"}).status_code == 422
    assert clerk.post(desk(asked), {"answer": "属于长期困难,请申请最低生活保障。"}).status_code == 302
    assert "请申请最低生活保障" in client.get(ASK).content.decode()
    assert client.post(ASK, post(key="q2")).status_code == 302


def test_a_second_request_waits_for_the_first_and_bad_input_changes_nothing(people: Cast, asked: HelpRequest, client: Client) -> None:
    before = state()
    assert client.post(ASK, post(key="q2")).status_code == 422
    for changes in ({"what": "9"}, {"happened_on": "2020-01-01"}, {"place": "320581100001"}, {"phone": "1"}, {"reason": "火"}):
        assert client.post(ASK, post(key="q3", **changes)).status_code == 422
    assert state() == before


def test_others_neither_see_nor_answer(people: Cast, asked: HelpRequest, client: Client) -> None:
    assert asked.number not in sign_in(Client(), people.other_citizen).get(ASK).content.decode()
    for who, status in ((people.neighbour_clerk, 404), (people.approver, 403), (people.citizen, 403)):
        other = sign_in(Client(), who)
        assert other.get(desk(asked)).status_code == status
        assert other.post(desk(asked), {"answer": "属于长期困难,请申请低保。"}).status_code == status
    assert sign_in(Client(), people.neighbour_clerk).get(f"/desk/assistance/temporary/new?request={asked.number}").status_code == 404
    with acting_as(people.clerk):
        assert HelpRequest.objects.get().state == "open"
