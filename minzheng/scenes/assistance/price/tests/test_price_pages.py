from __future__ import annotations

from django.test import Client

from minzheng.office.benefits.models import Entitlement
from minzheng.scenes.assistance.price import actions
from minzheng.scenes.assistance.price.models import Batch
from minzheng.scenes.assistance.price.tests.conftest import SEPTEMBER, approve, holder, prepared, submitted
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.background import run_jobs

HOME = "/desk/assistance/price/"


def test_who_may_open_the_pages(people: Cast, money: None) -> None:
    holder(people)
    row = prepared(people)
    for who in people.officers():
        for address in (HOME, f"{HOME}{row.number}/"):
            status = sign_in(Client(), who).get(address).status_code
            own = who.jurisdiction.startswith("320583") or address == HOME
            assert status == (403 if who.role not in actions.READERS else 200 if own else 404), (who.role, address)
    assert sign_in(Client(), people.citizen).get(HOME).status_code == 403


def test_from_the_month_to_the_outcome_of_each_household_by_the_pages(people: Cast, money: None) -> None:
    holder(people, 2)
    clerk, approver = sign_in(Client(), people.county), sign_in(Client(), people.approver)
    assert f'href="{HOME}"' in clerk.get("/desk/people/").content.decode()
    assert clerk.post(HOME, {"month": "2026-10-01"}).status_code == 422
    assert "未达到启动条件" in clerk.post(HOME, {"month": "2026-10-01"}).content.decode()
    answer = clerk.post(HOME, {"month": SEPTEMBER.isoformat()})
    assert answer.status_code == 302
    page = clerk.get(answer.url).content.decode()
    assert "90.20" in page and "报审" in page and "预算可用" in page and "居民消费价格" in page
    assert approver.post(answer.url + "submit").status_code == 403
    for _ in range(2):
        assert clerk.post(answer.url + "submit").status_code == 302
    seen = {"count": 1, "fen": 9_020}
    assert clerk.post(answer.url + "approve", seen).status_code == 403
    assert approver.post(answer.url + "approve", seen | {"fen": 9_021}).status_code == 409
    assert approver.post(answer.url + "approve", {}).status_code == 422
    assert approver.post(answer.url + "return", {"reason": ""}).status_code == 422
    for _ in range(2):
        assert approver.post(answer.url + "approve", seen).status_code == 302
    run_jobs()
    page = clerk.get(answer.url + "?rows=added").content.decode()
    assert "已生成 1" in page and "资金发放" in page
    for address in ("?rows=nothing", "?after=x"):
        assert clerk.get(answer.url + address).status_code == 404
    with as_owner():
        assert Entitlement.objects.filter(scheme="price").count() == 1


def test_a_draft_is_withdrawn_and_an_approved_one_is_not(people: Cast, money: None) -> None:
    holder(people)
    row, clerk = prepared(people), sign_in(Client(), people.county)
    assert clerk.post(f"{HOME}{row.number}/withdraw").status_code == 302
    row = approve(people, submitted(people))
    assert clerk.post(f"{HOME}{row.number}/withdraw").status_code == 422
    with acting_as(people.county):
        assert list(Batch.objects.order_by("id").values_list("state", flat=True)) == ["void", "approved"]


def test_the_neighbour_neither_reads_nor_answers(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    client = sign_in(Client(), people.neighbour)
    for step in ("", "approve", "return"):
        answer = client.get(f"{HOME}{row.number}/") if not step else client.post(
            f"{HOME}{row.number}/{step}", {"count": row.count, "fen": row.fen, "reason": "不同意发放"})
        assert answer.status_code in (403, 404)
    with acting_as(people.county):
        assert actions.batch_for(row.number).state == "submitted"
