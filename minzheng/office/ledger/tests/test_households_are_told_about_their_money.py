from __future__ import annotations

import pytest

from minzheng.base.events.models import OutboxEvent
from minzheng.office.benefits.changing import do_resume, do_suspend
from minzheng.office.benefits.tests.kit import grant
from minzheng.office.ledger.tests.kit import answer, fund, sent, take
from minzheng.office.notices.models import Notice
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events

pytestmark = pytest.mark.usefixtures("november")


def told() -> list[tuple[str, int, str, str]]:
    with as_owner():
        return [(n.template, n.person or 0, n.channel, n.body) for n in Notice.objects.filter(
            template__in=["ledger.paid", "ledger.line_rejected", "benefits.suspended", "benefits.resumed"]).order_by("id")]


def test_paid_and_rejected_lines_are_told_once_to_each_household(people: Cast) -> None:
    fund(people)
    first, second = grant(people), grant(people)
    envelope, content = sent(people)
    rows = answer(content, {2: "1001"})
    take(envelope, rows)
    deliver_events()
    with as_owner():
        OutboxEvent.objects.update(status="pending")
    deliver_events()
    found = told()
    assert {(template, person, channel) for template, person, channel, _ in found} == {
        ("ledger.paid", first.head_id, "inapp"), ("ledger.paid", first.head_id, "sms"),  # nobody here has an account
        ("ledger.line_rejected", second.head_id, "inapp"), ("ledger.line_rejected", second.head_id, "sms")}
    assert len(found) == 4
    bodies = {template: body for template, _, _, body in found}
    assert "已发到登记的银行卡" in bodies["ledger.paid"] and "2026年11月" in bodies["ledger.paid"]
    assert "户名不符" in bodies["ledger.line_rejected"] and "乡镇(街道)民政窗口" in bodies["ledger.line_rejected"]
    assert first.payee_account not in str(bodies)


def test_a_suspension_and_its_end_are_told_with_the_kind_of_reason_only(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.approver):
        do_suspend(row.number, cause="income", reason="邻居举报有门面房出租", by=people.approver)
        do_resume(row.number, reason="查无此事", arrears=True, by=people.approver)
    deliver_events()
    found = [(template, body) for template, _, channel, body in told() if channel == "inapp"]
    assert [template for template, _ in found] == ["benefits.suspended", "benefits.resumed"]
    assert "收入变化" in found[0][1] and "举报" not in str(found)
