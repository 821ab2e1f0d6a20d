"""Random sequences of grants, changes, deaths, runs, returns and re-issues, with the invariants checked after each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from minzheng.base.errors import Refused
from minzheng.office.benefits import changing
from minzheng.office.benefits.consumers import stop_on_death
from minzheng.office.benefits.due import due_of
from minzheng.office.benefits.granting import do_correct_payee
from minzheng.office.benefits.models import BudgetLine, EntitlementAmount
from minzheng.office.benefits.tests.kit import COUNTY, NOV, OCT, TEAPOT, TODAY, confirm, grant, payee, set_day
from minzheng.office.benefits.tests.test_changing_a_benefit import death_of, deliver
from minzheng.office.ledger.envelopes import do_void
from minzheng.office.ledger.models import Envelope, PaymentLine, PaymentRun
from minzheng.office.ledger.reissue import do_reissue
from minzheng.office.ledger.runs import do_build_supplement
from minzheng.office.ledger.settling import do_cancel_line
from minzheng.office.ledger.tests.kit import (
    answer,
    assert_proved,
    build,
    fund,
    post_of,
    release,
    seal,
    send,
    sign_all,
    take,
)
from minzheng.testing import Cast, acting_as

GONE = ("reissued", "cancelled")
pick = st.integers(0, 10**6)


class Office(RuleBasedStateMachine):
    """A county with a small budget. Every rule may be refused; a refusal must leave the books as they were."""

    people: Cast

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.rows: list[Any] = []
        self.files: dict[str, bytes] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def may_refuse(self, work: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic():
                return work()
        except Refused:
            return None

    def choose(self, number: int) -> Any:
        return self.rows[number % len(self.rows)]

    def acting(self, who: Any, work: Callable[[Any], Any]) -> Any:
        def run() -> Any:
            with acting_as(who):
                return work(who)
        return self.may_refuse(run)

    @initialize()
    def open_the_office(self) -> None:
        fund(self.people, fen=300_000)
        self.releaser = post_of("county_cashier", "放款员")
        self.rows.append(grant(self.people))

    @rule(fen=st.integers(1, 90_000), day=st.sampled_from([dt.date(2026, 8, 5), dt.date(2026, 9, 5), dt.date(2026, 10, 5)]),
          checked=st.booleans())
    def grant_one(self, fen: int, day: dt.date, checked: bool) -> None:
        self.rows.append(grant(self.people, monthly_fen=fen, decided_on=day, checked=checked))

    @rule(number=pick, fen=st.integers(1, 90_000), month=st.sampled_from([OCT, NOV, dt.date(2026, 12, 1)]))
    def change(self, number: int, fen: int, month: dt.date) -> None:
        row = self.choose(number)
        self.acting(self.people.approver, lambda by: changing.do_change_amount(
            row.number, from_month=month, monthly_fen=fen, decision="x", reason="x", heard_on=TODAY, by=by))

    @rule(number=pick)
    def suspend(self, number: int) -> None:
        self.acting(self.people.county, lambda by: changing.do_suspend(
            self.choose(number).number, cause="income", reason="x", by=by))

    @rule(number=pick, arrears=st.booleans())
    def resume(self, number: int, arrears: bool) -> None:
        self.acting(self.people.approver, lambda by: changing.do_resume(
            self.choose(number).number, reason="x", arrears=arrears, by=by))

    @rule(number=pick, head=st.booleans())
    def die(self, number: int, head: bool) -> None:
        deliver(stop_on_death, death_of(self.choose(number).head_id + (0 if head else 1)))

    @rule(number=pick, head=st.booleans())
    def close_review(self, number: int, head: bool) -> None:
        row = self.choose(number)
        self.acting(self.people.approver, lambda by: changing.do_close_review(
            row.number, f"death:{row.head_id + (0 if head else 1)}", outcome="x", by=by))

    @rule(number=pick, month=st.sampled_from([dt.date(2026, 9, 1), OCT, NOV]))
    def end(self, number: int, month: dt.date) -> None:
        self.acting(self.people.approver, lambda by: changing.do_end(
            self.choose(number).number, cause="death", last_month=month, reason="x", by=by))

    @rule(number=pick)
    def confirm_account(self, number: int) -> None:
        with acting_as(self.people.county):
            confirm(self.choose(number))

    @rule(number=pick)
    def correct(self, number: int) -> None:
        row = self.choose(number)
        self.acting(self.people.county, lambda by: do_correct_payee(row.number, payee=payee(row.pk), reason="x", by=by))

    @rule(month=st.sampled_from([OCT, NOV]))
    def build(self, month: dt.date) -> None:
        self.may_refuse(lambda: build(self.people, month))

    @rule()
    def supplement(self) -> None:
        before = self.run_count()
        self.acting(self.people.cashier, lambda by: do_build_supplement(TEAPOT, COUNTY, by=by))
        if self.run_count() > before:
            self.nobody_is_lost()

    def run_count(self) -> int:
        with acting_as(self.people.county):
            return PaymentRun.objects.count()

    def nobody_is_lost(self) -> None:
        """After a supplement every month that has been listed is covered for everybody to whom it is due."""
        with acting_as(self.people.county):
            months = set(PaymentRun.objects.filter(kind="regular").values_list("month", flat=True))
            for row in self.rows:
                for month in months:
                    lined = sum(PaymentLine.objects.filter(entitlement=row, month=month).exclude(state__in=GONE)
                                .values_list("fen", flat=True))
                    assert lined >= due_of(row.pk, TEAPOT, row.jurisdiction, month)

    @rule(number=pick)
    def seal(self, number: int) -> None:
        with acting_as(self.people.county):
            runs = list(PaymentRun.objects.order_by("id"))
        if runs:
            self.may_refuse(lambda: seal(self.people, runs[number % len(runs)]))

    def envelopes(self, state: str) -> list[Envelope]:
        with acting_as(self.people.county):
            return list(Envelope.objects.filter(state=state).order_by("id"))

    @rule(number=pick)
    def sign(self, number: int) -> None:
        if found := self.envelopes("sealed"):
            self.may_refuse(lambda: sign_all(self.people, found[number % len(found)]))

    @rule(number=pick)
    def void(self, number: int) -> None:
        if found := self.envelopes("approved"):
            self.acting(self.people.finance, lambda by: do_void(found[number % len(found)].number, reason="x", by=by))

    @rule(number=pick)
    def release_and_send(self, number: int) -> None:
        if found := self.envelopes("approved"):
            envelope = self.may_refuse(lambda: release(self.people, found[number % len(found)], by=self.releaser))
            if envelope and envelope.state == "released":
                self.files[envelope.number] = send(envelope)

    @rule(number=pick, failing=st.sets(st.integers(1, 6)), missing=st.integers(0, 2), repeated=st.booleans())
    def return_file(self, number: int, failing: set[int], missing: int, repeated: bool) -> None:
        if found := self.envelopes("sent"):
            envelope = found[number % len(found)]
            rows = answer(self.files[envelope.number], dict.fromkeys(failing, "1002"))
            with acting_as(self.people.county):
                settled = dict(PaymentLine.objects.filter(envelope=envelope).exclude(bank_code="")
                               .values_list("number", "bank_code"))
            rows = [row for row in rows if settled.get(int(row[0]), row[5]) == row[5]]
            kept = rows[:max(0, len(rows) - missing)]
            with acting_as(self.people.county):
                earlier = {row.number for row in PaymentLine.objects.filter(envelope=envelope, state="paid")}
            take(envelope, [*kept, *(kept[:1] if repeated else [])], declared_so_far(kept, earlier, self.files[envelope.number]))

    @rule(number=pick)
    def reissue(self, number: int) -> None:
        with acting_as(self.people.county):
            found = list(PaymentLine.objects.filter(state="rejected").order_by("id"))
        if found:
            self.acting(self.people.cashier, lambda by: do_reissue(found[number % len(found)].code, by=by))

    @rule(number=pick)
    def cancel(self, number: int) -> None:
        with acting_as(self.people.county):
            found = list(PaymentLine.objects.filter(state__in=("open", "held", "rejected")).order_by("id"))
        if found:
            self.acting(self.people.cashier, lambda by: do_cancel_line(found[number % len(found)].code, reason="x", by=by))

    @invariant()
    def the_books_hold(self) -> None:
        if self.rows:
            assert_proved(self.people)

    @invariant()
    def nobody_is_paid_more_than_was_ever_due_for_a_month(self) -> None:
        with acting_as(self.people.county):
            for row in self.rows:
                most = max(EntitlementAmount.objects.filter(entitlement=row).values_list("fen", flat=True))
                months: dict[dt.date, int] = {}
                for month, fen in PaymentLine.objects.filter(entitlement=row).exclude(state__in=GONE).values_list(
                        "month", "fen"):
                    months[month] = months.get(month, 0) + fen
                assert all(fen <= most for fen in months.values())

    @invariant()
    def no_budget_is_negative(self) -> None:
        with acting_as(self.people.county):
            assert all(line.amount_fen - line.reserved_fen - line.spent_fen >= 0 for line in BudgetLine.objects.all())


def declared_so_far(kept: list[list[str]], earlier: set[int], content: bytes) -> Any:
    """What a truthful bank declares: all rows of the envelope that are paid, earlier and now."""
    from minzheng.office.ledger.returns import Declared

    paid = earlier | {int(row[0]) for row in kept if row[5] == "0000"}
    rows = [row for row in answer(content) if int(row[0]) in paid]
    return Declared(len(rows), len(rows), sum(int(row[4].replace(".", "")) for row in rows))


def run(people: Cast, monkeypatch: pytest.MonkeyPatch, examples: int, steps: int) -> None:
    set_day(monkeypatch, TODAY)
    machine = type("OfficeOfTheTest", (Office,), {"people": people})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck)))


def test_any_sequence_of_steps_keeps_the_books(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run(people, monkeypatch, examples=12, steps=25)


@pytest.mark.full
def test_many_long_sequences_keep_the_books(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run(people, monkeypatch, examples=60, steps=50)
