"""一次性待遇: one line, in an urgent run or the month's, never twice; ended when the bank has paid; recovered as others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Service
from minzheng.office.benefits.changing import do_end, do_suspend
from minzheng.office.benefits.models import Entitlement, EntitlementMember
from minzheng.office.benefits.once import Addition, do_add_once, do_grant_once
from minzheng.office.benefits.schemes import Scheme, register_scheme
from minzheng.office.benefits.tests.kit import COUNTY, NOV, confirm, counts, grant, grant_args
from minzheng.office.ledger.models import PaymentLine, PaymentRun
from minzheng.office.ledger.recovery import do_open_recovery
from minzheng.office.ledger.runs import do_build_run, do_build_urgent
from minzheng.office.ledger.settling import do_refresh
from minzheng.office.ledger.tests.kit import (
    MONEY_TABLES,
    answer,
    assert_proved,
    fund,
    release,
    seal,
    send,
    sign_all,
    take,
)
from minzheng.testing import Cast, acting_as

SPILL, FEAST = "SPILL", "FEAST"
register_scheme(Scheme(SPILL, "打翻救助", once=True))
register_scheme(Scheme(FEAST, "满月津贴", exclusive_group="feast", once=True))
SERVICE = Service("茶会", COUNTY)


def grant_spill(people: Cast, *, checked: bool = True, **changes: Any) -> Entitlement:
    given = grant_args(people.approver, **changes)
    fen = given.pop("monthly_fen")
    given.pop("decided_on")
    with acting_as(people.approver):
        row = do_grant_once(**{**given, "scheme": SPILL, "fen": fen})
        if checked:
            confirm(row)
    return row


def urgent(people: Cast, scheme: str = SPILL) -> PaymentRun | None:
    with acting_as(people.cashier):
        return do_build_urgent(scheme, COUNTY, by=people.cashier)


def test_it_is_paid_at_once_and_ends_when_the_bank_has_paid(people: Cast) -> None:
    fund(people, scheme=SPILL)
    row = grant_spill(people, monthly_fen=50_000)
    run = urgent(people)
    assert run is not None and (run.line_count, run.total_fen) == (1, 50_000)
    assert urgent(people) is None
    envelope = release(people, sign_all(people, seal(people, run)))
    take(envelope, answer(send(envelope)))
    with acting_as(people.county):
        row.refresh_from_db()
        assert (row.status, PaymentLine.objects.get().state) == ("ended", "paid")
    assert urgent(people) is None
    assert_proved(people)


def test_the_months_run_leaves_out_what_an_urgent_run_pays(people: Cast) -> None:
    fund(people, scheme=SPILL)
    grant_spill(people)
    urgent(people)
    grant_spill(people)
    with acting_as(people.cashier):
        run = do_build_run(NOV, SPILL, COUNTY, by=people.cashier)
    assert run.line_count == 1
    assert_proved(people)


def test_a_death_before_the_payment_holds_it(people: Cast) -> None:
    fund(people, scheme=SPILL)
    row, other = grant_spill(people), grant_spill(people)
    with acting_as(people.approver):
        do_suspend(row.number, cause="death", reason="户主死亡", by=people.approver)
    run = urgent(people)
    assert run is not None and run.line_count == 1
    with acting_as(people.approver):
        do_suspend(other.number, cause="death", reason="户主死亡", by=people.approver)
    with acting_as(people.cashier):
        do_refresh(run.number, by=people.cashier)
    with acting_as(people.county):
        assert PaymentLine.objects.get().state == "held"


def test_a_revoked_one_is_recovered(people: Cast) -> None:
    fund(people, scheme=SPILL)
    row = grant_spill(people, monthly_fen=30_000)
    run = urgent(people)
    assert run is not None
    envelope = release(people, sign_all(people, seal(people, run)))
    send(envelope)
    with acting_as(people.approver):
        do_end(row.number, cause="other", last_month=dt.date(2026, 10, 1), reason="骗取", decision="茶撤〔2026〕1号", by=people.approver,
               heard_on=dt.date(2026, 11, 20))
        found = do_open_recovery(row.number, fen=30_000, reason="骗取救助金", decision="茶撤〔2026〕1号", by=people.approver,
                                 instalments=[(dt.date(2026, 12, 1), 30_000)])
    assert found.open_fen == 30_000


def test_without_budget_nothing_is_built(people: Cast) -> None:
    fund(people, fen=1, scheme=SPILL)
    grant_spill(people)
    before = counts(*MONEY_TABLES)
    with pytest.raises(Refused, match="预算"):
        urgent(people)
    assert counts(*MONEY_TABLES) == before


@pytest.mark.parametrize("who", ["clerk", "approver", "finance", "neighbour", "province"])
def test_only_the_countys_cashier_builds_an_urgent_run(people: Cast, who: str) -> None:
    fund(people, scheme=SPILL)
    grant_spill(people)
    before = counts(*MONEY_TABLES)
    by = getattr(people, who)
    with acting_as(by), pytest.raises(NotAllowed):
        do_build_urgent(SPILL, COUNTY, by=by)
    assert counts(*MONEY_TABLES) == before


def test_a_monthly_scheme_is_not_paid_once_nor_the_other_way(people: Cast) -> None:
    before = counts("benefits_entitlement")
    with pytest.raises(Refused, match="按月"):
        urgent(people, "TEAPOT")
    with pytest.raises(Refused, match="一次发放"):
        grant(people, scheme=SPILL)
    assert counts("benefits_entitlement") == before


def addition(row: Entitlement, fen: int = 1_800) -> Addition:
    return Addition(row.pk, tuple(m["person_id"] for m in row.members), fen)


def test_an_addition_is_made_once_for_a_person_and_month(people: Cast) -> None:
    rows = [grant(people) for _ in range(3)]
    with acting_as(SERVICE):
        made = do_add_once(FEAST, month=NOV, decision="茶会〔2026〕1号", county=COUNTY, additions=[addition(r) for r in rows], by=SERVICE)
        assert made == 3
        once = Entitlement.objects.filter(scheme=FEAST)
        assert {r.payee_account for r in once} == {r.payee_account for r in rows}
        assert EntitlementMember.objects.filter(entitlement__in=once).count() == 6
    for decision in ("茶会〔2026〕1号", "茶会〔2026〕2号"):
        before = counts("benefits_entitlement", "benefits_entitlementmember", "benefits_entitlementamount")
        with acting_as(SERVICE), pytest.raises(Refused, match="重复享受"):
            do_add_once(FEAST, month=NOV, decision=decision, county=COUNTY, additions=[addition(rows[0])], by=SERVICE)
        assert counts("benefits_entitlement", "benefits_entitlementmember", "benefits_entitlementamount") == before
    with acting_as(SERVICE):
        assert do_add_once(FEAST, month=dt.date(2026, 12, 1), decision="茶会〔2026〕3号", county=COUNTY,
                           additions=[addition(rows[0])], by=SERVICE) == 1


def test_a_person_adds_nothing_without_a_batch(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.approver), pytest.raises(NotAllowed):
        do_add_once(FEAST, month=NOV, decision="X", county=COUNTY, additions=[addition(row)], by=people.approver)


def test_the_database_lets_nothing_paid_once_be_due_for_two_months(people: Cast) -> None:
    row = grant_spill(people)
    with acting_as(people.approver), pytest.raises(IntegrityError), transaction.atomic():
        Entitlement.objects.filter(pk=row.pk).update(end_month=dt.date(2027, 1, 1))
