from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.benefits import changing
from minzheng.office.benefits import queries as benefit_queries
from minzheng.office.benefits.granting import do_grant
from minzheng.office.benefits.tests.kit import (
    COUNTY,
    NEIGHBOUR_VILLAGE,
    NOV,
    OCT,
    TEAPOT,
    TODAY,
    counts,
    grant,
    grant_args,
    payee,
    set_day,
)
from minzheng.office.ledger import exports, queries
from minzheng.office.ledger.models import DayProof
from minzheng.office.ledger.proof import do_keep_proof, prove_day
from minzheng.office.ledger.tests.kit import BANK, answer, build, fund, seal, sent, sign_all, take
from minzheng.testing import Cast, acting_as, as_owner

pytestmark = pytest.mark.usefixtures("november")


def paid(people: Cast):
    fund(people)
    first = grant(people, n=501)
    grant(people, n=502, jurisdiction="320583100002", monthly_fen=33_333)
    with acting_as(people.neighbour):
        do_grant(**grant_args(people.neighbour, n=503, jurisdiction=NEIGHBOUR_VILLAGE))
    envelope, content = sent(people)
    take(envelope, answer(content, {2: "1002"}))
    return first, envelope


def test_figures_count_what_the_post_may_see_at_every_level(people: Cast) -> None:
    paid(people)

    def total(officer, level, code):
        with acting_as(officer):
            rows = queries.figures(level, code, NOV, TEAPOT)
            return [(row.code, row.households, row.persons, row.due_fen, row.paid_fen) for row in rows]

    county = [("320583000000", 2, 4, 129_833, 96_500)]
    assert total(people.province, 3, "320000000000") == county
    assert total(people.city, 3, "320500000000") == county
    assert total(people.county, 4, COUNTY) == [("320583100000", 2, 4, 129_833, 96_500)]
    assert total(people.township, 5, "320583100000") == [("320583100001", 1, 2, 96_500, 96_500),
                                                         ("320583100002", 1, 2, 33_333, 0)]
    assert total(people.village, 3, "320000000000") == [("320583000000", 1, 2, 96_500, 96_500)]
    assert total(people.neighbour, 3, "320000000000") == []
    with acting_as(people.county):
        row = queries.total_of(queries.figures(5, COUNTY, NOV), COUNTY)
        assert sum(row.by_source.values()) == row.due_fen == 129_833
        with pytest.raises(Refused, match="层级"):
            queries.figures(2, COUNTY, NOV)


def test_the_envelope_page_shows_signatures_lines_and_what_came_back(people: Cast) -> None:
    _, envelope = paid(people)
    with acting_as(people.finance), CaptureQueriesContext(connection) as seen:
        page = queries.envelope_page(envelope.number, limit=1)
    assert len(seen) <= 15
    assert [step.step for step in page.steps] == ["build", "county_finance", "release"]
    assert all(step.holds and step.name for step in page.steps)
    assert (len(page.lines), page.next_after) == (1, 1)
    assert page.lines[0].payee_account.startswith("*") and payee(501).account not in repr(page.lines)
    assert page.totals == {"paid": (1, 96_500), "rejected": (1, 33_333)}
    assert sum(fen for _, fen in page.by_source) == 129_833
    with acting_as(people.finance):
        rest = queries.envelope_page(envelope.number, after=1, limit=1)
        assert rest.next_after is None and rest.lines[0].state == "rejected"
        assert [line.state for line in queries.attention()] == ["rejected"]
    with acting_as(people.neighbour), pytest.raises(NotFound):
        queries.envelope_page(envelope.number)


def test_an_envelope_says_who_acts_next(people: Cast) -> None:
    fund(people)
    grant(people)
    run = build(people)
    envelope = seal(people, run)
    with acting_as(people.cashier):
        assert queries.envelope_page(envelope.number).next_roles == ["county_finance"]
    sign_all(people, envelope)
    with acting_as(people.cashier):
        assert "county_cashier" in queries.envelope_page(envelope.number).next_roles
        page = queries.run_page(run.number, state="sealed")
        assert (len(page.lines), [row.number for row in page.envelopes]) == (1, [envelope.number])
        with pytest.raises(Refused, match="状态"):
            queries.run_page(run.number, state="moon")
        assert queries.runs()[0].pk == run.pk and queries.envelopes_waiting()[0].pk == envelope.pk


def test_a_benefits_page_shows_its_history_with_masked_account(people: Cast) -> None:
    first, _ = paid(people)
    with acting_as(people.county):
        changing.do_suspend(first.number, cause="income", reason="核查", by=people.county)
        page = benefit_queries.entitlement_page(first.number, by=people.county)
        assert [change.kind for change in page.changes] == ["suspended", "granted"]
        assert payee(501).account not in repr(page.card) and page.card.monthly_fen == 96_500
        assert [line.state for line in queries.payments_of_entitlement(first.number, by=people.county)] == ["paid"]
        assert len(queries.payments_of_case(first.case_code)) == 1
        assert [c.number for c in benefit_queries.benefits_of_household(501)] == [first.number]
        assert benefit_queries.budget_table(COUNTY, TEAPOT, 2026)[0][1] == 10_000_000
    with acting_as(people.neighbour), pytest.raises(NotFound):
        benefit_queries.entitlement_page(first.number, by=people.neighbour)


def test_the_book_of_a_month_adds_up(people: Cast) -> None:
    paid(people)
    with acting_as(people.county):
        rows = queries.ledger_book(COUNTY, NOV, TEAPOT)
    assert sum(row.closing_fen for row in rows) == 0
    assert all(row.opening_fen + row.debit_fen - row.credit_fen == row.closing_fen for row in rows)
    assert {row.title: row.closing_fen for row in rows}["银行退回待发"] == -33_333
    with acting_as(people.neighbour):
        assert queries.ledger_book(COUNTY, NOV) == []


def test_what_was_overpaid_is_listed(people: Cast) -> None:
    first, _ = paid(people)
    with acting_as(people.approver):
        changing.do_end(first.number, cause="death", last_month=OCT, reason="死亡", by=people.approver)
        assert queries.overpayments(COUNTY) == [(first.number, 96_500, NOV, NOV)]


def test_an_export_carries_its_reason_and_leaves_a_record(people: Cast) -> None:
    _, envelope = paid(people)
    before = counts("audit_record")["audit_record"]
    with acting_as(people.finance):
        content = exports.as_csv(exports.envelope_rows(envelope.number, reason="月度对账", by=people.finance)).decode("utf-8-sig")
        rows = queries.figures(4, COUNTY, NOV)
        table = exports.as_csv(exports.figure_rows(rows, place=COUNTY, reason="季度报表", by=people.finance)).decode()
    assert "昆山沈洁" in content and "月度对账" in content and payee(501).account not in content
    assert "965.00" in table and counts("audit_record")["audit_record"] == before + 2
    with acting_as(people.finance), pytest.raises(Refused, match="用途"):
        list(exports.envelope_rows(envelope.number, reason="x", by=people.finance))
    with acting_as(people.neighbour), pytest.raises(NotFound):
        list(exports.envelope_rows(envelope.number, reason="月度对账", by=people.neighbour))
    with acting_as(people.citizen), pytest.raises(NotAllowed):
        list(exports.envelope_rows(envelope.number, reason="月度对账", by=people.citizen))
    assert counts("audit_record")["audit_record"] == before + 2


def test_a_kept_proof_is_read_back_and_never_changed(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    paid(people)
    with acting_as(BANK):
        assert do_keep_proof(COUNTY, by=BANK).ok
    set_day(monkeypatch, dt.date(2026, 11, 25))
    with acting_as(people.county):
        proof = prove_day(TODAY, COUNTY)
        assert proof.ok and any(row.title == "银行到账" for row in proof.rows)
        with pytest.raises(NotFound):
            prove_day(dt.date(2026, 11, 1), COUNTY)
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        DayProof.objects.update(ok=True)
