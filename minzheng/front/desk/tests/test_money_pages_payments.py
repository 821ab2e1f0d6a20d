"""A month through the pages: preview, list, envelope, signatures, bank, what came back; each step told apart by who may."""

from __future__ import annotations

import pytest
from django.urls import reverse

from minzheng.base.audit.models import AuditRecord
from minzheng.base.jobs.models import JobRun
from minzheng.front.desk.tests.money_kit import MOST_QUERIES, desk_of, fields_of, queries_of, text_of
from minzheng.office.benefits import changing
from minzheng.office.benefits.tests.kit import OCT, TEAPOT, TODAY, confirm, counts, grant, id_number, payee, set_day
from minzheng.office.ledger.models import Envelope, PaymentLine, PaymentRun, Receivable
from minzheng.office.ledger.returns import Declared
from minzheng.office.ledger.tests.kit import (
    MONEY_TABLES,
    answer,
    assert_proved,
    build,
    declared,
    fund,
    post_of,
    release,
    seal,
    send,
    sent,
    sign_all,
    take,
)
from minzheng.testing import Cast, acting_as, as_owner

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
WROTE = (*MONEY_TABLES, "audit_record", "events_outbox")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def test_a_month_is_looked_at_before_it_is_built(people: Cast) -> None:
    fund(people)
    grant(people, n=1)
    grant(people, n=2, checked=False)
    row = grant(people, n=3)
    confirm_as(people, row, "1002")
    page = desk_of(people.cashier).get(reverse("desk:pay_new"), {"month": "2026-11", "scheme": TEAPOT})
    text = text_of(page)
    assert "应发户数 3" in text and "2,895.00" in text and "可以送银行 1" in text
    assert "账户待核验 1 户" in text and "账户核验未通过:户名与账号不符 1 户" in text and "1002" not in text
    assert "差" not in text.split("预算够不够")[1].split("编制名单")[0]
    assert payee(1).account not in page.content.decode() and counts("ledger_paymentrun") == {"ledger_paymentrun": 0}


def confirm_as(people: Cast, row, code: str) -> None:
    with acting_as(people.approver):
        confirm(row, code)


def test_the_same_form_twice_builds_one_run(people: Cast) -> None:
    fund(people)
    grant(people)
    desk, path = desk_of(people.cashier), reverse("desk:pay_new")
    data = fields_of(desk.get(path, {"month": "2026-11", "scheme": TEAPOT}), path)
    first, second = desk.post(path, data), desk.post(path, data)
    assert first.url == second.url and counts("ledger_paymentrun", "ledger_paymentline") == {
        "ledger_paymentrun": 1, "ledger_paymentline": 1}
    assert_proved(people)


def test_a_list_that_has_changed_since_the_preview_is_not_built(people: Cast) -> None:
    fund(people)
    grant(people)
    desk, path = desk_of(people.cashier), reverse("desk:pay_new")
    data = fields_of(desk.get(path, {"month": "2026-11", "scheme": TEAPOT}), path)
    grant(people)
    before = counts(*WROTE)
    assert desk.post(path, data).status_code == 409
    assert counts(*WROTE) == before


def test_a_budget_that_does_not_suffice_is_shown_and_builds_nothing(people: Cast) -> None:
    fund(people, fen=10_000)
    grant(people)
    desk, path = desk_of(people.cashier), reverse("desk:pay_new")
    page = desk.get(path, {"month": "2026-11", "scheme": TEAPOT})
    assert "✕ 差 286.00" in text_of(page) and "预算不足" in text_of(page)
    before = counts(*WROTE)
    refused = desk.post(path, fields_of(page, path))
    assert refused.status_code == 422 and "预算可用" in text_of(refused) and counts(*WROTE) == before


@pytest.mark.parametrize(("data", "words"), [
    ({"month": "2026-13", "scheme": TEAPOT}, "月份写成"), ({"month": "2026-12", "scheme": TEAPOT}, "还不到"),
    ({"month": "2026-11", "scheme": "moon"}, "没有登记过"),
])  # fmt: skip
def test_odd_months_and_schemes_are_refused_in_words(people: Cast, data: dict, words: str) -> None:
    assert words in text_of(desk_of(people.cashier).get(reverse("desk:pay_new"), data))


def walk(people: Cast) -> tuple[PaymentRun, Envelope]:
    fund(people)
    grant(people, n=1)
    grant(people, n=2)
    run = build(people)
    return run, seal(people, run)


def test_sealing_signing_and_releasing_by_three_people(people: Cast) -> None:
    fund(people)
    grant(people, n=1)
    run = build(people)
    cashier, path = desk_of(people.cashier), reverse("desk:pay_run", args=[run.number])
    data = fields_of(cashier.get(path), reverse("desk:pay_seal", args=[run.number]))
    first = cashier.post(reverse("desk:pay_seal", args=[run.number]), data)
    assert cashier.post(reverse("desk:pay_seal", args=[run.number]), data).url == first.url
    with acting_as(people.cashier):
        envelope = Envelope.objects.get()
    page = reverse("desk:pay_envelope", args=[envelope.number])
    assert "现在轮到" in text_of(cashier.get(page))
    finance = desk_of(people.finance)
    sign = reverse("desk:pay_sign", args=[envelope.number])
    data = fields_of(finance.get(page), sign)
    assert finance.post(sign, data).status_code == finance.post(sign, data).status_code == 302
    shown = text_of(finance.get(page))
    assert "昆山沈洁" in shown and "✓ 签名有效" in shown and "编制、复核、放款应由不同的人办理" in shown
    assert "编制、复核、放款应由不同的人办理" in text_of(cashier.get(page))
    other = desk_of(post_of("county_cashier", "昆山放款员"))
    go = reverse("desk:pay_release", args=[envelope.number])
    data = fields_of(other.get(page), go)
    assert other.post(go, data).status_code == other.post(go, data).status_code == 302
    with acting_as(people.cashier):
        assert Envelope.objects.get().state == "released"
    assert counts("ledger_envelopesignature") == {"ledger_envelopesignature": 3}
    assert "正在送银行" in text_of(other.get(page))


@pytest.mark.parametrize("who", ["county", "approver", "cashier", "leader"])
def test_nobody_else_signs_and_the_page_says_why(people: Cast, who: str) -> None:
    _, envelope = walk(people)
    officer = getattr(people, who)
    desk, page = desk_of(officer), reverse("desk:pay_envelope", args=[envelope.number])
    shown = desk.get(page)
    assert "现在轮到" in text_of(shown) and officer.role_title in text_of(shown)
    assert reverse("desk:pay_sign", args=[envelope.number]) not in shown.content.decode()
    before = counts(*MONEY_TABLES)
    refused = desk.post(reverse("desk:pay_sign", args=[envelope.number]), {"digest": envelope.digest})
    assert refused.status_code == 403 and counts(*MONEY_TABLES) == before


def test_an_old_page_neither_signs_nor_releases_nor_seals(people: Cast) -> None:
    run, envelope = walk(people)
    before = counts(*MONEY_TABLES)
    finance = desk_of(people.finance)
    assert finance.post(reverse("desk:pay_sign", args=[envelope.number]), {"digest": "0" * 64}).status_code == 409
    other = desk_of(post_of("county_cashier", "昆山放款员"))
    release_at = reverse("desk:pay_release", args=[envelope.number])
    assert other.post(release_at, {"digest": envelope.digest, "seen": "approved"}).status_code == 409
    void_at = reverse("desk:pay_void", args=[envelope.number])
    assert finance.post(void_at, {"reason": "内容有误", "seen": "approved"}).status_code == 409
    grant(people, n=3)
    assert counts(*MONEY_TABLES) == before
    with acting_as(people.cashier):
        assert Envelope.objects.get().state == "sealed" and PaymentRun.objects.get().pk == run.pk


def test_a_voided_envelope_gives_its_lines_back_once(people: Cast) -> None:
    _, envelope = walk(people)
    finance, path = desk_of(people.finance), reverse("desk:pay_void", args=[envelope.number])
    assert finance.post(path, {"reason": "短", "seen": "sealed"}).status_code == 422
    for _ in range(2):
        assert finance.post(path, {"reason": "名单有误,重新核对", "seen": "sealed"}).status_code == 302
    with acting_as(people.cashier):
        assert set(PaymentLine.objects.values_list("state", flat=True)) == {"open"}


def test_what_the_bank_returned_is_shown_with_reasons_and_alarms(people: Cast) -> None:
    fund(people)
    for n in range(1, 5):
        grant(people, n=n)
    envelope, content = sent(people)
    rows = answer(content, {2: "1005"})
    odd = [[*rows[0][:4], "1.00", "0000", "成功", "X"], rows[0]]
    take(envelope, [rows[0], rows[1], rows[2], *odd], declared([*rows[:3], *odd]))
    cashier, page = desk_of(people.cashier), reverse("desk:pay_envelope", args=[envelope.number])
    answered = cashier.get(page)
    text = text_of(answered)
    assert "有 1 行银行没有返回" in text and "1 行无法识别" in text and "账户已销户" in text and "重复行" not in text
    assert "1005" not in text and payee(1).account not in answered.content.decode()
    assert "银行回盘有 1 行无法识别" in text_of(cashier.get(reverse("desk:payments")))
    with acting_as(people.cashier):
        oddity = envelope.returns.get().oddities.get(kind="unknown")
    path = reverse("desk:pay_resolve", args=[oddity.pk])
    before = counts(*MONEY_TABLES)
    for _ in range(2):
        assert cashier.post(path, {"resolution": "银行确认为误传"}).status_code == 302
    assert counts(*MONEY_TABLES) == before and "银行确认为误传" in text_of(cashier.get(page))
    assert queries_of(cashier, page) <= MOST_QUERIES


def test_a_reject_is_corrected_and_paid_again_once(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    envelope, content = sent(people)
    take(envelope, answer(content, {1: "1002"}))
    with acting_as(people.cashier):
        code = PaymentLine.objects.get().code
    cashier, page = desk_of(people.cashier), reverse("desk:pay_line", args=[code])
    again = reverse("desk:pay_reissue", args=[code])
    assert "退回后怎么办" in text_of(cashier.get(page)) and cashier.post(again).status_code == 422
    fix = reverse("desk:book_payee", args=[row.number])
    data = {"version": 1, "payee_name": "茶小壶", "payee_account": "6217001210012345678",
            "payee_id_number": id_number(77), "reason": "银行卡更换"}
    for _ in range(2):
        assert cashier.post(fix, data).status_code == 302
    assert "6217001210012345678" not in cashier.get(reverse("desk:book_entitlement", args=[row.number])).content.decode()
    confirm_as(people, row, "0000")
    first = cashier.post(again)
    assert first.status_code == 302 and cashier.post(again).url == first.url
    assert counts("ledger_paymentline") == {"ledger_paymentline": 2}
    assert_proved(people)


@pytest.mark.parametrize("wrong", [
    {"payee_account": "12"}, {"payee_id_number": "320583199001010011"}, {"payee_name": "=1+1"}, {"reason": ""},
    {"version": ""},
])  # fmt: skip
def test_a_wrong_account_is_refused_at_its_field_and_changes_nothing(people: Cast, wrong: dict) -> None:
    row = grant(people, n=1)
    data = {"version": 1, "payee_name": "茶小壶", "payee_account": "6217001210012345678",
            "payee_id_number": id_number(77), "reason": "银行卡更换", **wrong}
    before = counts("benefits_entitlementchange", "audit_record")
    assert desk_of(people.cashier).post(reverse("desk:book_payee", args=[row.number]), data).status_code == 422
    assert counts("benefits_entitlementchange", "audit_record") == before


def test_a_line_is_cancelled_once_with_its_reason(people: Cast) -> None:
    fund(people)
    grant(people, checked=False)
    build(people)
    with acting_as(people.cashier):
        code = PaymentLine.objects.get().code
    cashier, path = desk_of(people.cashier), reverse("desk:pay_cancel", args=[code])
    assert cashier.post(path, {"reason": "本人放弃领取", "seen": "open"}).status_code == 409
    for _ in range(2):
        assert cashier.post(path, {"reason": "本人放弃领取", "seen": "held"}).status_code == 302
    assert counts("audit_record")["audit_record"] and "已取消" in text_of(cashier.get(reverse("desk:pay_line", args=[code])))
    assert_proved(people)


def test_the_bank_file_is_for_the_cashier_with_a_reason_that_is_kept(people: Cast) -> None:
    _, envelope = walk(people)
    path = reverse("desk:pay_file", args=[envelope.number])
    cashier = desk_of(people.cashier)
    assert cashier.post(path, {"reason": "银行要求补送"}).status_code == 404
    envelope = release(people, sign_all(people, envelope))
    before = counts("audit_record")["audit_record"]
    assert cashier.post(path, {"reason": "短"}).status_code == 422
    assert desk_of(people.leader).post(path, {"reason": "银行要求补送"}).status_code == 403
    assert cashier.get(path).status_code == 405
    answered = cashier.post(path, {"reason": "银行要求补送"})
    assert payee(1).account in answered.content.decode() and answered["Cache-Control"] == "no-store"
    send(envelope)
    with as_owner():
        assert AuditRecord.objects.filter(action="ledger.bank_file").count() == 1
    assert counts("audit_record")["audit_record"] > before


def test_an_exported_list_is_masked_marked_and_safe(people: Cast) -> None:
    _, envelope = walk(people)
    path = reverse("desk:pay_export", args=[envelope.number])
    answered = desk_of(people.finance).post(path, {"reason": "月度对账"})
    text = answered.content.decode("utf-8-sig")
    assert "昆山沈洁" in text.splitlines()[0] and "月度对账" in text and payee(1).account not in text


def test_accounts_are_sent_to_the_bank_once(people: Cast) -> None:
    grant(people, n=1, checked=False)
    cashier = desk_of(people.cashier)
    assert "等待银行核验" in text_of(cashier.get(reverse("desk:pay_accounts")))
    for _ in range(2):
        assert cashier.post(reverse("desk:pay_check")).status_code == 302
    with as_owner():
        assert JobRun.objects.filter(name="ledger.check_accounts").count() == 1


def test_what_was_overpaid_is_recovered_in_parts(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    envelope, content = sent(people)
    take(envelope, answer(content))
    with acting_as(people.approver):
        changing.do_end(row.number, cause="death", last_month=OCT, reason="死亡", by=people.approver)
    approver = desk_of(people.approver)
    assert "965.00" in text_of(approver.get(reverse("desk:pay_recovery_list")))
    path = reverse("desk:pay_recovery_new", args=[row.number])
    data = {"fen": "965", "decision": "昆民追〔2026〕1号", "reason": "去世后继续领取", "first_on": "2026-12-31", "parts": "3"}
    assert approver.post(path, {**data, "fen": "966"}).status_code == 422
    assert approver.post(path, {**data, "first_on": "2026-11-01"}).status_code == 422
    assert counts("ledger_receivable") == {"ledger_receivable": 0}
    first = approver.post(path, data)
    assert first.status_code == 302 and approver.post(path, data).status_code in (302, 422)
    with acting_as(people.approver):
        made = Receivable.objects.get()
        assert [(str(p.due_on), p.fen) for p in made.instalments.order_by("due_on")] == [
            ("2026-12-31", 32166), ("2027-01-31", 32166), ("2027-02-28", 32168)]
    cashier, page = desk_of(people.cashier), reverse("desk:pay_recovery", args=[made.number])
    assert desk_of(people.finance).post(page, {"fen": "100", "slip": "JK1", "seen": "96500"}).status_code == 403
    assert cashier.post(page, {"fen": "100", "slip": "JK1", "seen": "5"}).status_code == 409
    for _ in range(2):
        assert cashier.post(page, {"fen": "100", "slip": "JK1", "seen": "96500"}).status_code == 302
    assert "865.00" in text_of(cashier.get(page))
    assert_proved(people)


def test_the_proof_shows_marks_and_keeps_a_day(people: Cast) -> None:
    fund(people)
    grant(people, n=1)
    envelope, content = sent(people)
    take(envelope, answer(content))
    finance, path = desk_of(people.finance), reverse("desk:pay_proof")
    assert "还没有平账记录" in text_of(finance.get(path))
    assert finance.post(reverse("desk:pay_proof_keep")).status_code == 302
    text = text_of(finance.get(path))
    assert "✓ 全部相符" in text and "2026-11 茶壶补贴 月度发放" in text and TEAPOT not in text and "到账 965.00" in text
    assert "留存记录 2026-11-24 ✓ 相符" in text
    assert finance.get(path, {"day": "moon"}).status_code == 422
    assert "这一天没有留存" in text_of(finance.get(path, {"day": "2026-11-02"}))
    assert queries_of(finance, path) <= MOST_QUERIES


def test_a_proof_that_does_not_hold_is_marked(people: Cast) -> None:
    fund(people)
    grant(people, n=1)
    envelope, content = sent(people)
    rows = answer(content)
    take(envelope, rows, Declared(1, 1, 96_501))
    finance = desk_of(people.finance)
    finance.post(reverse("desk:pay_proof_keep"))
    text = text_of(finance.get(reverse("desk:pay_proof")))
    assert "有 1 项不符" in text and "银行到账 ✗ 不符" in text


def test_pages_take_few_queries_however_many_lines(people: Cast) -> None:
    fund(people)
    for n in range(1, 9):
        grant(people, n=n, checked=n % 3 > 0)
    run = build(people)
    cashier = desk_of(people.cashier)
    for path, data in ((reverse("desk:payments"), {}), (reverse("desk:pay_run", args=[run.number]), {}),
                       (reverse("desk:pay_attention"), {}), (reverse("desk:pay_accounts"), {}),
                       (reverse("desk:pay_recovery_list"), {}), (reverse("desk:pay_new"), {"month": "2026-10", "scheme": TEAPOT})):
        assert queries_of(cashier, path, **data) <= MOST_QUERIES, path
