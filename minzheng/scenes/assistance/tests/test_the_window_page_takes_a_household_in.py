from __future__ import annotations

import re
from typing import Any

from django.test import Client

from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, sign_in

URL = "/desk/assistance/dibao/new"


def filled(family: Family, key: str = "abc") -> dict[str, Any]:
    total = len(family.people)
    post: dict[str, Any] = {
        "step": "submit", "key": key, "m-TOTAL_FORMS": total, "m-INITIAL_FORMS": total, "cause": "illness",
        "financial_fen": "8600", "vehicles": 0, "houses": 1, "payee": family.head.pk, "phone": "16000000001", "promise": "on"}
    for n, (person, relation) in enumerate(zip(family.people, ["本人", "配偶", "子女"], strict=False)):
        post |= {f"m-{n}-person": person.pk, f"m-{n}-relation": relation, f"m-{n}-counted": "on", f"m-{n}-signed": "on"}
    post["m-0-wage_fen"] = "1800"
    return post


def test_an_id_number_brings_the_household_prefilled(people: Cast, zhang: Family, client: Client) -> None:
    page = sign_in(client, people.clerk).post(URL, {"step": "find", "id_number": zhang.numbers[0]})
    assert page.status_code == 200, page.content.decode()
    text = page.content.decode()
    assert all(name in text for name in ("张建国", "李秀英", "张悦"))
    assert zhang.numbers[0] not in text and "9900000000000018" not in text


def test_submitting_opens_one_case_however_often_it_is_clicked(people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.clerk)
    pages = [client.post(URL, filled(zhang)) for _ in range(2)]
    codes = {re.search(r"受理号 <b>(\d{19})", p.content.decode()).group(1) for p in pages}  # type: ignore[union-attr]
    assert len(codes) == 1
    with acting_as(people.clerk):
        assert Case.objects.count() == 1
    page = client.get(f"/desk/cases/{codes.pop()}/")
    assert page.status_code == 200, page.content.decode()[:3000]
    assert "规则核对与测算" in page.content.decode()


def test_wrong_amounts_come_back_with_what_was_typed_and_nothing_is_written(
        people: Cast, zhang: Family, client: Client) -> None:
    post = filled(zhang) | {"m-0-wage_fen": "一千八", "m-1-wage_fen": "99999999999", "phone": "123"}
    page = sign_in(client, people.clerk).post(URL, post)
    assert page.status_code == 422
    text = page.content.decode()
    assert "请填写金额" in text and "一千八" in text and "手机号应为 11 位数字" in text
    with acting_as(people.clerk):
        assert not Case.objects.exists()


def test_a_wrong_check_digit_is_named(people: Cast, zhang: Family, client: Client) -> None:
    number = zhang.numbers[0]
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    page = sign_in(client, people.clerk).post(URL, {"step": "find", "id_number": wrong})
    assert page.status_code == 422 and "校验位不正确" in page.content.decode()


def test_others_are_refused_at_the_door(people: Cast, zhang: Family, client: Client) -> None:
    for who in (people.approver, people.finance, people.neighbour, people.citizen):
        assert sign_in(client, who).post(URL, filled(zhang)).status_code == 403
    client.logout()
    assert client.get(URL).status_code == 302
    found = sign_in(client, people.neighbour_clerk).post(URL, filled(zhang))
    assert found.status_code == 404
    with acting_as(people.clerk):
        assert not Case.objects.exists()


def test_the_worklist_shows_the_case_to_its_clerk_and_not_to_the_neighbour(
        people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.clerk).post(URL, filled(zhang))
    assert "受理审查" in client.get("/desk/").content.decode()
    assert "受理审查" not in sign_in(client, people.neighbour_clerk).get("/desk/").content.decode().split('id="rows"')[1]


def test_all_kinds_of_help_are_compared_before_the_hand_in_and_nothing_is_written(
        people: Cast, zhang: Family, client: Client) -> None:
    post = filled(zhang) | {"step": "compare", "m-0-wage_fen": "4000", "promise": ""}
    page = sign_in(client, people.clerk).post(URL, post)
    text = page.content.decode()
    assert page.status_code == 200 and "各项救助比对" in text and "as:edge" in text
    assert 'value="4000"' in text and "请申请人确认承诺" not in text
    other = client.post(URL, post | {"step": "as:edge"}).content.decode()
    assert "低保边缘" in other and 'action="/desk/assistance/edge/new"' in other and 'value="4000"' in other
    done = client.post("/desk/assistance/edge/new", filled(zhang) | {"m-0-wage_fen": "4000"})
    assert "受理号" in done.content.decode()
    with acting_as(people.clerk):
        assert [case.matter for case in Case.objects.all()] == ["edge"]


def test_wrong_amounts_are_not_compared(people: Cast, zhang: Family, client: Client) -> None:
    page = sign_in(client, people.clerk).post(URL, filled(zhang) | {"step": "compare", "m-0-wage_fen": "很多"})
    assert page.status_code == 422 and 'id="compared"' not in page.content.decode()
