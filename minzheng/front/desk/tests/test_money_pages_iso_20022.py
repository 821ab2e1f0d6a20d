from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from minzheng.front.desk.tests.money_kit import desk_of
from minzheng.office.benefits.tests.kit import TODAY, grant, set_day
from minzheng.office.ledger.tests.kit import fund, sent, states
from minzheng.office.ledger.tests.test_iso_20022 import answer
from minzheng.testing import Cast


def test_the_cashier_takes_the_message_out_and_finance_brings_the_report_back(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)
    fund(people)
    grant(people)
    envelope, _ = sent(people)
    page, desk = f"/desk/payments/envelopes/{envelope.number}/", desk_of(people.cashier)
    assert desk.post(page + "pain001", {"reason": ""}).status_code == 422
    content = desk.post(page + "pain001", {"reason": "银行接口停机,改用文件"})
    assert content["Content-Type"].startswith("application/xml") and envelope.number in content["Content-Disposition"]
    assert desk_of(people.finance).post(page + "pain001", {"reason": "想看看账号"}).status_code == 403
    wrong = SimpleUploadedFile("r.xml", "序号,姓名\n".encode())
    finance = desk_of(people.finance)
    assert finance.post(page + "pain002", {"report": wrong}).status_code == 422
    assert desk.post(page + "pain002", {"report": wrong}).status_code == 403
    assert [state for _, state, _ in states(people)] == ["sent"]
    report = SimpleUploadedFile("r.xml", answer(content.content))
    assert finance.post(page + "pain002", {"report": report}).status_code == 302
    assert [state for _, state, _ in states(people)] == ["paid"]
    assert "上传付款状态报告" in finance.get(page).content.decode()
