"""A return file uploaded by hand is taken whole or not at all; a benefit moves within the county."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from minzheng.base.audit.models import AuditRecord
from minzheng.base.identity.officer import Officer
from minzheng.front.desk.tests.money_kit import MOST_QUERIES, desk_of, fields_of, queries_of, text_of
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.tests.kit import NEIGHBOUR_VILLAGE, TODAY, counts, grant, set_day
from minzheng.office.ledger.models import Envelope, PaymentLine
from minzheng.office.ledger.tests.kit import MONEY_TABLES, answer, as_file, assert_proved, fund, sent
from minzheng.testing import Cast, as_owner
from minzheng.testing.cast import OTHER_VILLAGE


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


@pytest.fixture
def returned(people: Cast) -> tuple[Envelope, list[list[str]]]:
    """Two lines at the bank: one will be paid, one sent back."""
    fund(people)
    grant(people, n=1)
    grant(people, n=2)
    envelope, content = sent(people)
    return envelope, answer(content, {2: "1002"})


def upload(who: Officer, envelope: Envelope, rows: list[list[str]], **changes: Any) -> Any:
    paid = [row for row in rows if row[5] == "0000"]
    sent_ = {"count": len(rows), "paid_count": len(paid), "paid_fen": f"{sum(float(row[4]) for row in paid):.2f}",
             "reason": "银行接口故障", "file": SimpleUploadedFile("回盘.csv", as_file(rows)), **changes}
    return desk_of(who).post(reverse("desk:pay_return", args=[envelope.number]), sent_)


def states() -> list[str]:
    with as_owner():
        return list(PaymentLine.objects.order_by("id").values_list("state", flat=True))


def test_finance_uploads_what_the_bank_gave_and_it_is_booked_once(
        people: Cast, returned: tuple[Envelope, list[list[str]]]) -> None:
    envelope, rows = returned
    page = desk_of(people.finance).get(reverse("desk:pay_envelope", args=[envelope.number]))
    assert "手工上传回盘文件" in text_of(page)
    assert upload(people.finance, envelope, rows).status_code == 302
    assert states() == ["paid", "rejected"]
    assert_proved(people)
    with as_owner():
        assert AuditRecord.objects.filter(action="ledger.upload_return").count() == 1
    before = counts(*MONEY_TABLES)
    again = upload(people.finance, envelope, rows)
    assert again.status_code == 422 and "已经收过" in text_of(again) and counts(*MONEY_TABLES) == before


@pytest.mark.parametrize(("spoil", "said"), [
    (lambda rows: [*rows, rows[0]], "同一行重复返回"),
    (lambda rows: [*rows, ["9", *rows[0][1:]]], "序号不在本批次中"),
    (lambda rows: [[*rows[0][:4], "1.00", *rows[0][5:]], rows[1]], "金额不符"),
    (lambda rows: [[*rows[0][:7], ""], rows[1]], "没有银行流水号"),
])
def test_a_file_with_a_doubtful_row_is_refused_whole_and_says_which(
        people: Cast, returned: tuple[Envelope, list[list[str]]], spoil: Any, said: str) -> None:
    envelope, rows = returned
    before = counts(*MONEY_TABLES)
    refused = upload(people.finance, envelope, spoil(rows))
    assert refused.status_code == 422 and said in text_of(refused) and "文件没有收下" in text_of(refused)
    assert states() == ["sent", "sent"] and counts(*MONEY_TABLES) == before


@pytest.mark.parametrize(("changes", "said"), [
    ({"count": 3}, "文件里有 2 行"), ({"paid_count": 2}, "文件里到账 1 笔"), ({"paid_fen": "1.00"}, "文件里到账 965.00 元"),
    ({"reason": ""}, "这个字段"), ({"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}, "缺少规定的列"),
])
def test_sums_that_are_not_those_of_the_banks_slip_are_refused(
        people: Cast, returned: tuple[Envelope, list[list[str]]], changes: dict[str, Any], said: str) -> None:
    envelope, rows = returned
    before = counts(*MONEY_TABLES)
    refused = upload(people.finance, envelope, rows, **changes)
    assert refused.status_code == 422 and (said in text_of(refused) or said == "这个字段")
    assert states() == ["sent", "sent"] and counts(*MONEY_TABLES) == before


def test_only_the_own_finance_uploads_and_not_the_cashier_who_could_pay_again(people: Cast, returned: tuple[Envelope, list[list[str]]]) -> None:
    envelope, rows = returned
    for who in (people.cashier, people.leader, people.approver, people.clerk, people.neighbour):
        assert upload(who, envelope, rows).status_code in (403, 404)
    assert states() == ["sent", "sent"]


def test_a_benefit_moves_within_the_county_and_no_further(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    address = reverse("desk:book_entitlement", args=[row.number])
    there = reverse("desk:book_act", args=[row.number, "move"])
    desk = desk_of(people.approver)
    page = desk.get(address)
    assert "迁到本县其他地方" in text_of(page) and OTHER_VILLAGE in page.content.decode()
    assert NEIGHBOUR_VILLAGE not in page.content.decode()
    assert queries_of(desk, address) <= MOST_QUERIES
    hidden = fields_of(page, there)
    assert desk.post(there, {**hidden, "to": NEIGHBOUR_VILLAGE, "reason": "搬家"}).status_code == 422
    assert desk_of(people.clerk).post(there, {**hidden, "to": OTHER_VILLAGE, "reason": "搬到女儿家"}).status_code == 403
    with as_owner():
        assert Entitlement.objects.get().jurisdiction == row.jurisdiction
    assert desk.post(there, {**hidden, "to": OTHER_VILLAGE, "reason": "搬到女儿家居住"}).status_code == 302
    with as_owner():
        assert Entitlement.objects.get().jurisdiction == OTHER_VILLAGE
