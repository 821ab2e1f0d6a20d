from __future__ import annotations

from typing import Any

from django.test import Client

from minzheng.office.ledger.models import ImprestFund, ImprestSettlement
from minzheng.scenes.assistance.temporary.models import Emergency
from minzheng.scenes.assistance.temporary.tests.conftest import act, given, register
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.cast import TOWNSHIP

URL = "/desk/assistance/temporary/funds"


def test_a_fund_is_opened_filled_accounted_for_and_checked_on_the_page(
        people: Cast, zhou: Family, fund: Any, client: Client) -> None:
    post = {"step": "open", "office": TOWNSHIP, "ceiling_fen": "8000", "reason": "调整额度"}
    assert sign_in(client, people.finance).post(URL, post).status_code == 302
    top = {"step": "top", "number": fund.number, "fen": "1000", "document": "拨2"}
    for _ in range(2):
        assert sign_in(client, people.cashier).post(URL, top).status_code == 302
    with acting_as(people.clerk):
        assert (ImprestFund.objects.get().balance_fen, ImprestFund.objects.get().ceiling_fen) == (400_000, 800_000)
    assert sign_in(client, people.cashier).post(URL, top | {"document": "拨3", "fen": "9000"}).status_code == 422
    code = register(people.clerk, id_number=zhou.numbers[0])
    act(people.reviewer, code, "town_decide", "grant")
    act(people.clerk, code, "give", "given", data=given())
    assert sign_in(client, people.clerk).post(URL, {"step": "submit", "number": fund.number}).status_code == 302
    with acting_as(people.clerk):
        number = ImprestSettlement.objects.get().number
    page = sign_in(client, people.finance).get(URL).content.decode()
    assert number in page and "提交审核" in page
    assert client.post(URL, {"step": "answer", "number": number, "approve": "yes", "answer": ""}).status_code == 302
    with acting_as(people.clerk):
        assert ImprestSettlement.objects.get().state == "approved"


def test_others_do_nothing_here(people: Cast, fund: Any, client: Client) -> None:
    top = {"step": "top", "number": fund.number, "fen": "1000", "document": "拨9"}
    for who, status in ((people.approver, 403), (people.clerk, 403), (people.neighbour_clerk, 404), (people.citizen, 403)):
        assert sign_in(client, who).post(URL, top).status_code == status
    assert "玉山镇" not in sign_in(client, people.neighbour_clerk).get(URL).content.decode().split("<h1>")[1]
    with acting_as(people.clerk):
        assert ImprestFund.objects.get().balance_fen == 300_000


def test_a_payment_that_nobody_took_goes_back_to_the_fund_once(people: Cast, zhou: Family, fund: Any, client: Client) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0], urgent=True)
    act(people.clerk, code, "pay_first", "paid", data=given())
    back = {"step": "back", "ref": f"temporary:{code}", "note": "本人已离开,没有领取"}
    assert "登记退回" in sign_in(client, people.clerk).get(URL).content.decode()
    assert client.post(URL, back | {"note": ""}).status_code == 422
    for _ in range(2):
        assert client.post(URL, back).status_code == 302
    assert sign_in(client, people.neighbour_clerk).post(URL, back).status_code == 404
    with acting_as(people.clerk):
        assert ImprestFund.objects.get().balance_fen == 300_000
        assert Emergency.objects.get().given_fen == 0
