"""Several real connections on a scratch copy of the test database, which is dropped afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.office.benefits import budgets, changing
from minzheng.office.benefits.granting import Covered, do_grant
from minzheng.office.benefits.models import BudgetLine, BudgetMove, Entitlement
from minzheng.office.benefits.tests.kit import (
    COUNTY,
    NEIGHBOUR_VILLAGE,
    NOV,
    OCT,
    TEAPOT,
    TODAY,
    confirm,
    grant,
    grant_args,
    set_day,
)
from minzheng.office.ledger import envelopes, releasing, returns, runs
from minzheng.office.ledger.models import Entry, Envelope, PaymentLine, PaymentRun
from minzheng.office.ledger.reissue import do_reissue
from minzheng.office.ledger.tests.kit import (
    BANK,
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
from minzheng.testing import Cast, acting_as, as_owner, make_cast

ALIASES = ("default", "aside")


@pytest.fixture
def people(django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The cast, committed, in a copy of the migrated test database; budgets and shares are set."""
    set_day(monkeypatch, TODAY)
    with django_db_blocker.unblock():
        tested = connections["default"].settings_dict["NAME"]
        scratch = f"{tested}_scratch"
        switch(tested)
        with settings.TARGET.connect_admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')
            admin.execute(f'CREATE DATABASE "{scratch}" TEMPLATE "{tested}" OWNER mz_owner')
        switch(scratch)
        try:
            cast = make_cast()
            fund(cast)
            yield cast
        finally:
            switch(tested)
            with settings.TARGET.connect_admin() as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')


def switch(name: str) -> None:
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Runs all works in threads that start together, each on its own connection; results or Refused, in order."""
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return work()
        except Refused as refusal:
            return refusal
        finally:
            for alias in ALIASES:
                connections[alias].close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(one, work) for work in works]]


def by(officer: Any, work: Callable[[Any], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with acting_as(officer):
            return work(officer)
    return run


def count(model: Any, **found: Any) -> int:
    with as_owner():
        return model.objects.filter(**found).count()


def budget_sums() -> tuple[int, int]:
    with as_owner():
        lines = list(BudgetLine.objects.values_list("reserved_fen", "spent_fen"))
    return sum(r for r, _ in lines), sum(s for _, s in lines)


def test_a_run_built_twice_at_once_is_one_run(people: Cast) -> None:
    for _ in range(30):
        grant(people)
    found = at_once(*[by(people.cashier, lambda who: runs.do_build_run(NOV, TEAPOT, COUNTY, by=who))] * 3)
    assert len({run.pk for run in found}) == 1
    assert (count(PaymentRun), count(PaymentLine), count(Entry, kind="accrue")) == (1, 30, 1)
    assert budget_sums() == (30 * 96_500, 0)
    assert_proved(people)


def test_a_supplement_built_twice_at_once_pays_once(people: Cast) -> None:
    build(people, OCT)
    build(people, NOV)
    for _ in range(5):
        grant(people)
    found = at_once(*[by(people.cashier, lambda who: runs.do_build_supplement(TEAPOT, COUNTY, by=who))] * 3)
    assert sum(run is not None for run in found) == 1 and count(PaymentLine) == 10
    assert_proved(people)


def test_a_late_regular_run_and_a_supplement_at_once_pay_each_month_once(people: Cast) -> None:
    build(people, OCT)
    for _ in range(5):
        grant(people)
    at_once(by(people.cashier, lambda who: runs.do_build_run(NOV, TEAPOT, COUNTY, by=who)),
            by(people.cashier, lambda who: runs.do_build_supplement(TEAPOT, COUNTY, by=who)))
    with acting_as(people.county):
        rows = list(PaymentLine.objects.values_list("entitlement", "month"))
    assert len(rows) == len(set(rows)) == 10
    assert_proved(people)


def test_sealing_signing_releasing_and_returning_twice_at_once_each_happen_once(people: Cast) -> None:
    for _ in range(5):
        grant(people)
    run = build(people)
    sealed = at_once(*[by(people.cashier, lambda who: envelopes.do_seal(run.number, by=who))] * 3)
    assert len({envelope.pk for envelope in sealed}) == 1
    envelope = sign_all(people, sealed[0])
    releasers = [post_of("county_cashier", f"放款{n}") for n in range(3)]
    at_once(*[by(who, lambda who: releasing.do_release(envelope.number, by=who)) for who in releasers])
    with acting_as(people.county):
        envelope = Envelope.objects.get()
        assert list(envelope.signatures.values_list("step", flat=True).order_by("step")) == [
            "build", "county_finance", "release"]
    at_once(*[by(BANK, lambda who: releasing.do_mark_sent(envelope.number, receipt="x", by=who))] * 3)
    with acting_as(BANK):
        content = releasing.file_of(envelope.number, by=BANK)
    rows = answer(content, {1: "1002"})
    files = at_once(*[by(BANK, lambda who: returns.do_take_return(
        envelope.number, content=as_file(rows), declared=declared(rows), by=who))] * 3)
    assert len({file.pk for file in files}) == 1
    assert (count(Entry, kind="sent"), count(Entry, kind="return")) == (1, 1)
    assert budget_sums() == (96_500, 4 * 96_500)
    assert_proved(people)


def test_a_rejected_line_reissued_twice_at_once_is_one_line(people: Cast) -> None:
    row = grant(people)
    envelope, content = sent(people)
    take(envelope, answer(content, {1: "1004"}))
    with acting_as(people.cashier):
        confirm(row)
        code = PaymentLine.objects.get().code
    found = at_once(*[by(people.cashier, lambda who: do_reissue(code, by=who))] * 3)
    assert len({line.pk for line in found}) == 1 and count(PaymentLine) == 2
    assert_proved(people)


def test_runs_at_once_never_overdraw_a_budget(people: Cast) -> None:
    def reserve(n: int) -> Callable[[], Any]:
        return by(people.finance, lambda _: budgets.move(
            "reserve", year=2026, scheme=TEAPOT, county=COUNTY, ref=f"r{n}",
            by_source={"central": 3_000_000, "county": 3_000_000}))

    found = at_once(*[reserve(n) for n in range(6)])
    assert [type(result) for result in found].count(Refused) == 3
    assert budget_sums() == (18_000_000, 0) and count(BudgetMove, kind="reserve") == 6


def test_the_same_person_granted_in_two_counties_at_once_is_granted_once(people: Cast) -> None:
    def args(who: Any, n: int, place: str) -> dict[str, Any]:
        return grant_args(who, n=n, jurisdiction=place, head_person=77, members=[Covered(77, "茶小壶", "户主")])

    found = at_once(by(people.approver, lambda who: do_grant(**args(who, 601, "320583100001"))),
                    by(people.neighbour, lambda who: do_grant(**args(who, 602, NEIGHBOUR_VILLAGE))))
    assert sum(isinstance(result, Entitlement) for result in found) == 1
    assert sum(isinstance(result, Refused) for result in found) == 1
    assert count(Entitlement) == 1


def test_a_suspension_that_is_being_written_is_waited_for_by_the_release(people: Cast) -> None:
    row = grant(people)
    grant(people)
    envelope = sign_all(people, seal(people, build(people)))
    releaser = post_of("county_cashier", "放款员")
    suspended, let_go = threading.Event(), threading.Event()

    def suspend() -> None:
        try:
            with acting_as(people.county):
                changing.do_suspend(row.number, cause="death", reason="户主死亡", by=people.county)
                suspended.set()
                assert let_go.wait(30)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(suspend)
        assert suspended.wait(30)
        second = pool.submit(lambda: at_once(by(releaser, lambda who: releasing.do_release(envelope.number, by=who))))
        with settings.TARGET.connect_admin(connection.settings_dict["NAME"]) as admin:
            while not admin.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    " AND datname = current_database()").fetchone():
                assert not second.done()
        let_go.set()
        first.result(30)
        (released,) = second.result(30)
    assert (released.struck_count, released.net_fen) == (1, 96_500)
    assert_proved(people)


@pytest.mark.parametrize("how", ["connection lost", "process killed"])
@pytest.mark.parametrize("step", ["build", "seal", "sign", "release", "sent", "return"])
def test_a_step_interrupted_at_its_last_moment_leaves_nothing_and_can_be_repeated(
        people: Cast, monkeypatch: pytest.MonkeyPatch, step: str, how: str) -> None:
    for _ in range(3):
        grant(people)
    module = {"build": runs, "seal": envelopes, "sign": envelopes, "release": releasing, "sent": releasing,
              "return": returns}[step]
    releaser = post_of("county_cashier", "放款员")
    state: dict[str, Any] = {}

    def walk(name: str) -> None:
        if name == "build":
            state["run"] = build(people)
        elif name == "seal":
            state["envelope"] = seal(people, state["run"])
        elif name == "sign":
            state["envelope"] = sign_all(people, state["envelope"])
        elif name == "release":
            state["envelope"] = release(people, state["envelope"], by=releaser)
        elif name == "sent":
            state["content"] = send(state["envelope"])
        else:
            take(state["envelope"], answer(state["content"], {2: "1002"}))

    for name in ("build", "seal", "sign", "release", "sent", "return"):
        if name == step:
            before = snapshot()
            with monkeypatch.context() as patch:
                patch.setattr(module, "tell", lose_connection if how == "connection lost" else kill_myself)
                if how == "connection lost":
                    with pytest.raises(OperationalError):
                        walk(name)
                else:
                    assert killed_in_a_process(lambda name=name: walk(name))
            connections["default"].close()
            assert snapshot() == before
            assert_proved(people)
        walk(name)
    assert sorted(state for _, state, _ in states(people)) == ["paid", "paid", "rejected"]
    assert budget_sums() == (96_500, 2 * 96_500)
    assert_proved(people)


def lose_connection(*args: Any, **kwargs: Any) -> None:
    """What the database sees of a kill -9 just before the commit."""
    with settings.TARGET.connect_admin() as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def kill_myself(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_in_a_process(work: Callable[[], Any]) -> bool:
    """Runs the work in a process of its own; whether it was killed there."""
    for alias in ALIASES:
        connections[alias].close()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def snapshot() -> list[Any]:
    found: list[Any] = []
    with as_owner(), connection.cursor() as cursor:
        for table in ("ledger_entry", "ledger_posting", "ledger_paymentrun", "ledger_paymentline", "ledger_envelope",
                      "ledger_envelopesignature", "ledger_returnfile", "benefits_budgetline", "benefits_budgetmove",
                      "audit_record", "events_outbox"):
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t")  # noqa: S608
            found.append((table, cursor.fetchone()))
    return found


def test_the_same_account_cannot_slip_in_two_signatures_at_once(people: Cast) -> None:
    grant(people)
    envelope = seal(people, build(people))
    as_leader = post_of("county_leader", "", account=people.finance.account_id)
    as_owner_set_required(envelope)
    found = at_once(
        by(people.finance, lambda who: envelopes.do_sign(envelope.number, digest=envelope.digest, by=who)),
        by(as_leader, lambda who: envelopes.do_sign(envelope.number, digest=envelope.digest, by=who)))
    assert [type(result) for result in found].count(NotAllowed) == 1
    with acting_as(people.county):
        assert Envelope.objects.get().state == "sealed" and clock.today() == TODAY


def as_owner_set_required(envelope: Envelope) -> None:
    with as_owner():
        Envelope.objects.update(required=["county_finance", "county_leader"])


def test_the_database_that_was_copied_holds_nothing_of_all_this(db: None) -> None:
    assert count(PaymentLine) == count(Entitlement) == count(Entry) == 0
