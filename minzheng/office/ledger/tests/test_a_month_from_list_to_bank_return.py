from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base.errors import Refused, Stale
from minzheng.office.benefits import changing
from minzheng.office.benefits.granting import do_correct_payee
from minzheng.office.benefits.models import BudgetLine
from minzheng.office.benefits.tests.kit import (
    COUNTY,
    DEC,
    NEIGHBOUR_VILLAGE,
    NOV,
    OCT,
    TEAPOT,
    TODAY,
    confirm,
    counts,
    fresh,
    grant,
    payee,
    set_day,
)
from minzheng.office.ledger.envelopes import do_seal, do_sign, do_void, signature_holds
from minzheng.office.ledger.models import Envelope, PaymentLine, ReturnOddity
from minzheng.office.ledger.reissue import do_reissue
from minzheng.office.ledger.runs import do_build_run, do_build_supplement
from minzheng.office.ledger.settling import do_cancel_line
from minzheng.office.ledger.tests.kit import (
    MONEY_TABLES,
    answer,
    as_file,
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
    states,
    take,
)
from minzheng.testing import Cast, acting_as

pytestmark = pytest.mark.usefixtures("november")


def budget(people: Cast) -> tuple[int, int]:
    with acting_as(people.county):
        return (sum(BudgetLine.objects.values_list("reserved_fen", flat=True)),
                sum(BudgetLine.objects.values_list("spent_fen", flat=True)))


def test_a_month_is_listed_sealed_signed_released_sent_and_paid(people: Cast) -> None:
    fund(people)
    grant(people)
    grant(people, monthly_fen=33_333)
    run = build(people)
    assert (run.line_count, run.total_fen, run.due_fen, run.held_count) == (2, 129_833, 129_833, 0)
    assert budget(people) == (129_833, 0)
    assert_proved(people)
    envelope = seal(people, run)
    assert (envelope.count, envelope.fen, envelope.required) == (2, 129_833, ["county_finance"])
    assert_proved(people)
    envelope = release(people, sign_all(people, envelope))
    assert envelope.state == "released"
    assert_proved(people)
    content = send(envelope)
    assert_proved(people)
    file = take(envelope, answer(content))
    assert (file.paid, file.paid_fen, file.rejected, file.missing, file.quarantined) == (2, 129_833, 0, 0, 0)
    assert budget(people) == (0, 129_833)
    assert_proved(people)
    with acting_as(people.county):
        closed = Envelope.objects.get()
        assert (closed.state, closed.trouble) == ("closed", "")
        assert all(signature_holds(row) for row in closed.signatures.all())
        assert set(PaymentLine.objects.values_list("bank_serial", flat=True)) == {"S1", "S2"}


def test_the_file_is_the_agreed_one(people: Cast) -> None:
    fund(people)
    row = grant(people, n=801)
    _, content = sent(people)
    title, line = content.decode().splitlines()
    assert title == "序号,姓名,证件号码,账号,金额"
    assert line == f"1,茶小壶,{payee(801).id_number},{payee(801).account},965.00" and row.pk


def test_building_again_gives_the_same_run_and_pays_nobody_twice(people: Cast) -> None:
    fund(people)
    grant(people)
    first = build(people)
    before = counts(*MONEY_TABLES)
    assert build(people).pk == first.pk
    assert counts(*MONEY_TABLES) == before and budget(people) == (96_500, 0)


def test_a_run_beyond_the_budget_leaves_no_trace(people: Cast) -> None:
    fund(people, fen=20_000)
    grant(people)
    before = counts(*MONEY_TABLES)
    with pytest.raises(Refused, match="预算可用"):
        build(people)
    assert counts(*MONEY_TABLES) == before and budget(people) == (0, 0)


def test_a_run_pays_the_own_county_only_and_no_month_ahead(people: Cast) -> None:
    from minzheng.office.benefits.granting import do_grant
    from minzheng.office.benefits.tests.kit import grant_args

    fund(people)
    grant(people)
    with acting_as(people.neighbour):
        do_grant(**grant_args(people.neighbour, jurisdiction=NEIGHBOUR_VILLAGE))
    assert build(people).line_count == 1
    with acting_as(people.cashier), pytest.raises(Refused, match="不能提前"):
        do_build_run(DEC, TEAPOT, COUNTY, by=people.cashier)


def test_an_account_that_the_bank_has_not_confirmed_is_held(people: Cast) -> None:
    fund(people)
    row = grant(people, checked=False)
    run = build(people)
    assert run.held_count == 1
    with acting_as(people.cashier), pytest.raises(Refused, match="没有可以封包的明细"):
        do_seal(run.number, by=people.cashier)
    assert_proved(people)
    with acting_as(people.cashier):
        confirm(row)
    assert seal(people, run).count == 1


def test_a_death_after_the_signatures_is_struck_out_before_the_release(people: Cast) -> None:
    fund(people)
    dead, alive = grant(people), grant(people, monthly_fen=50_000)
    envelope = sign_all(people, seal(people, build(people)))
    with acting_as(people.county):
        changing.do_suspend(dead.number, cause="death", reason="户主死亡", by=people.county)
    envelope = release(people, envelope)
    assert (envelope.struck_count, envelope.struck_fen, envelope.net_fen) == (1, 96_500, 50_000)
    assert states(people) == [("regular", "held", 96_500), ("regular", "sealed", 50_000)]
    assert_proved(people)
    content = send(envelope)
    assert len(content.decode().splitlines()) == 2 and alive.pk
    take(envelope, answer(content))
    assert_proved(people)


def test_an_envelope_with_nothing_left_becomes_void(people: Cast) -> None:
    fund(people)
    row = grant(people)
    envelope = sign_all(people, seal(people, build(people)))
    with acting_as(people.approver):
        changing.do_end(row.number, cause="death", last_month=OCT, reason="户主死亡", by=people.approver)
    assert release(people, envelope).state == "void"
    assert states(people) == [("regular", "cancelled", 96_500)]
    assert budget(people) == (0, 0)
    assert_proved(people)


def test_an_account_changed_after_sealing_is_struck_out_and_paid_in_the_next_envelope(people: Cast) -> None:
    fund(people)
    row = grant(people)
    grant(people)
    run = build(people)
    envelope = sign_all(people, seal(people, run))
    with acting_as(people.county):
        do_correct_payee(row.number, payee=payee(55), reason="换卡", by=people.county)
        confirm(row)
    assert release(people, envelope).struck_count == 1
    second = seal(people, run)
    assert (second.count, second.seq) == (1, 2)
    with acting_as(people.cashier):
        assert second.lines.get().payee_account == payee(55).account
    assert_proved(people)


def test_a_rejected_line_is_paid_again_after_the_correction_and_only_once(people: Cast) -> None:
    fund(people)
    row = grant(people)
    envelope, content = sent(people)
    take(envelope, answer(content, {1: "1002"}))
    assert states(people) == [("regular", "rejected", 96_500)]
    assert fresh(people, row).payee_check == "1002" and budget(people) == (96_500, 0)
    assert_proved(people)
    with acting_as(people.cashier):
        code = PaymentLine.objects.get().code
        with pytest.raises(Refused, match="还没有通过银行核验"):
            do_reissue(code, by=people.cashier)
        do_correct_payee(row.number, payee=payee(56), reason="户名更正", by=people.cashier)
        with pytest.raises(Refused, match="还没有通过银行核验"):
            do_reissue(code, by=people.cashier)
        confirm(row)
        made = do_reissue(code, by=people.cashier)
        assert do_reissue(code, by=people.cashier).pk == made.pk
        assert made.reissue_of.code == code
    assert_proved(people)
    again = release(people, sign_all(people, seal(people, made.run)))
    take(again, answer(send(again)))
    assert states(people) == [("regular", "reissued", 96_500), ("reissue", "paid", 96_500)]
    assert budget(people) == (0, 96_500)
    assert_proved(people)


def test_a_return_taken_twice_books_once(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope, content = sent(people)
    first = take(envelope, answer(content))
    before = counts(*MONEY_TABLES)
    assert take(envelope, answer(content)).pk == first.pk
    assert counts(*MONEY_TABLES) == before


def test_a_repeated_row_is_ignored_with_a_note_and_a_contrary_one_set_aside(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope, content = sent(people)
    rows = answer(content)
    contrary = [*rows[0][:5], "1004", "冻结", ""]
    file = take(envelope, [*rows, rows[0], contrary], declared(rows))
    assert (file.paid, file.repeated, file.quarantined) == (1, 1, 1)
    assert states(people) == [("regular", "paid", 96_500)]
    with acting_as(people.county):
        assert list(ReturnOddity.objects.order_by("row").values_list("kind", flat=True)) == ["repeated", "contrary"]
        assert "隔离" in Envelope.objects.get().trouble
    assert_proved(people)


@pytest.mark.parametrize(("column", "value"), [
    (0, "99"), (0, "x"), (1, "茶大壶"), (2, "32990019500101999X"), (3, "99000000000000"), (4, "965.01"), (4, "9.65E2"),
    (7, ""),
])  # fmt: skip
def test_a_row_that_is_not_exactly_ours_is_never_matched_by_guess(people: Cast, column: int, value: str) -> None:
    fund(people)
    grant(people)
    envelope, content = sent(people)
    rows = answer(content)
    rows[0][column] = value
    file = take(envelope, rows, declared([]))
    assert (file.paid, file.rejected, file.quarantined, file.missing) == (0, 0, 1, 1)
    assert states(people) == [("regular", "sent", 96_500)]
    with acting_as(people.county):
        assert Envelope.objects.get().state == "sent" and "没有返回" in Envelope.objects.get().trouble
    assert_proved(people)


def test_a_line_that_did_not_come_back_stays_open_and_a_later_file_settles_it(people: Cast) -> None:
    fund(people)
    grant(people)
    grant(people)
    envelope, content = sent(people)
    rows = answer(content)
    file = take(envelope, rows[:1])
    assert (file.paid, file.missing) == (1, 1)
    later = take(envelope, rows)
    assert (later.paid, later.repeated, later.missing) == (1, 1, 0)
    with acting_as(people.county):
        assert Envelope.objects.get().state == "closed"
    assert_proved(people)


def test_a_return_that_is_no_return_file_is_refused(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope, _ = sent(people)
    before = counts(*MONEY_TABLES)
    from minzheng.office.ledger.returns import Declared, do_take_return
    from minzheng.office.ledger.tests.kit import BANK

    for content in (b"", b"\xff\xfe\x00\x01", "序号,姓名\r\n1,x\r\n".encode()):
        with acting_as(BANK), pytest.raises(Refused, match="回盘文件"):
            do_take_return(envelope.number, content=content, declared=Declared(0, 0, 0), by=BANK)
    assert counts(*MONEY_TABLES) == before and as_file([])


def test_a_file_in_gb18030_is_read_too(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope, content = sent(people)
    from minzheng.office.ledger.returns import do_take_return
    from minzheng.office.ledger.tests.kit import BANK

    rows = answer(content)
    with acting_as(BANK):
        file = do_take_return(envelope.number, content=as_file(rows).decode().encode("gb18030"),
                              declared=declared(rows), by=BANK)
    assert file.paid == 1


def test_a_bank_that_declares_another_sum_fails_the_proof(people: Cast) -> None:
    from minzheng.office.ledger.proof import prove_day
    from minzheng.office.ledger.returns import Declared

    fund(people)
    grant(people)
    envelope, content = sent(people)
    take(envelope, answer(content), Declared(1, 2, 96_501))
    with acting_as(people.county):
        proof = prove_day(TODAY, COUNTY)
        assert [row.title for row in proof.rows if not row.ok] == ["银行到账"] and not proof.ok
        assert "银行声明" in Envelope.objects.get().trouble


def test_a_late_decision_and_an_increase_that_reaches_back_are_supplemented_once(people: Cast) -> None:
    fund(people)
    early = grant(people)
    build(people, OCT)
    build(people, NOV)
    late = grant(people, decided_on=dt.date(2026, 9, 20))
    with acting_as(people.approver):
        changing.do_change_amount(early.number, from_month=OCT, monthly_fen=100_000, decision="x", reason="提标",
                                  by=people.approver)
    with acting_as(people.cashier):
        run = do_build_supplement(TEAPOT, COUNTY, by=people.cashier)
        assert (run.line_count, run.total_fen) == (4, 2 * 96_500 + 2 * 3_500)
        assert do_build_supplement(TEAPOT, COUNTY, by=people.cashier) is None
    assert late.pk
    assert_proved(people)


def test_a_month_that_a_supplement_has_paid_is_not_paid_again_by_a_later_run(people: Cast) -> None:
    fund(people)
    row = grant(people)
    build(people, OCT)
    with acting_as(people.cashier):
        do_cancel_line(PaymentLine.objects.get().code, reason="测试取消", by=people.cashier)
        run = do_build_supplement(TEAPOT, COUNTY, by=people.cashier)
        assert (run.line_count, run.total_fen) == (1, 96_500)
    build(people, OCT)
    assert states(people) == [("regular", "cancelled", 96_500), ("supplement", "open", 96_500)] and row.pk
    assert_proved(people)


def test_arrears_after_a_suspension_are_supplemented(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fund(people)
    row = grant(people)
    with acting_as(people.county):
        changing.do_suspend(row.number, cause="income", reason="核查", by=people.county)
    assert build(people).line_count == 0
    set_day(monkeypatch, dt.date(2026, 12, 2))
    with acting_as(people.approver):
        changing.do_resume(row.number, reason="核实无误", arrears=True, by=people.approver)
    with acting_as(people.cashier):
        run = do_build_supplement(TEAPOT, COUNTY, by=people.cashier)
    assert (run.line_count, run.total_fen) == (1, 96_500)
    assert_proved(people)


def test_a_void_envelope_gives_its_lines_back(people: Cast) -> None:
    fund(people)
    grant(people)
    run = build(people)
    envelope = sign_all(people, seal(people, run))
    with acting_as(people.finance):
        do_void(envelope.number, reason="发现附件有误", by=people.finance)
    second = seal(people, run)
    assert second.number != envelope.number and second.count == 1
    with acting_as(people.finance), pytest.raises(Stale):
        do_sign(envelope.number, digest=envelope.digest, by=people.finance)
    release(people, sign_all(people, second))
    with acting_as(people.finance), pytest.raises(Refused, match="不能作废"):
        do_void(second.number, reason="晚了", by=people.finance)
    assert post_of("county_cashier", "x").account_id
    assert_proved(people)
