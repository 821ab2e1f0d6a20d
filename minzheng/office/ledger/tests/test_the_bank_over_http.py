from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from minzheng.base.crypto import public_key
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.office.benefits.granting import do_correct_payee
from minzheng.office.benefits.tests.kit import TODAY, fresh, grant, payee, set_day
from minzheng.office.ledger import tasks
from minzheng.office.ledger.models import Envelope
from minzheng.office.ledger.tests.kit import assert_proved, build, fund, release, seal, sign_all, states
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events, run_jobs
from simulators.server import Simulators
from simulators.testing import running


def card(n: int, status: str = "正常", **changes: str) -> tuple[str, str, str, str]:
    who = payee(n, **changes)
    return who.account, who.name, who.id_number, status


CARDS = [card(1), card(2), card(3, status="冻结"), card(4), card(5)]


@pytest.fixture(scope="module")
def departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    with running(tmp_path_factory.mktemp("bank"), {"bank": []}, CARDS) as simulators:
        yield simulators


@pytest.fixture
def bank(departments: Simulators, db: None, monkeypatch: pytest.MonkeyPatch, settings: Any,
         tmp_path: Path) -> Iterator[Any]:
    set_day(monkeypatch, TODAY)
    settings.VAR_DIR = tmp_path
    BREAKER.reset()
    departments.admit(CALLER, public_key(KEY))
    with as_owner():
        sync(departments.registry())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
    desk = departments.desks["bank"]
    desk.store.connection.execute("DELETE FROM batches")
    desk.store.connection.execute("DELETE FROM payments")
    yield desk
    desk.switches.clear()


def taken(bank: Any) -> tuple[int, int]:
    """(envelopes, rows) that the bank holds."""
    return tuple(bank.store.connection.execute("SELECT (SELECT count(*) FROM batches), (SELECT count(*) FROM payments)")
                 .fetchone())


def work() -> None:
    deliver_events()
    run_jobs()


def released(people: Cast, numbers: tuple[int, ...]) -> Envelope:
    fund(people)
    for n in numbers:
        grant(people, n=n, checked=False)
    work()
    return release(people, sign_all(people, seal(people, build(people))))


def test_accounts_are_checked_paid_and_matched_by_the_worker(people: Cast, bank: Any) -> None:
    released(people, (1, 2, 3))
    assert [state for _, state, _ in states(people)] == ["sealed", "sealed", "held"]
    work()
    assert [state for _, state, _ in states(people)] == ["paid", "paid", "held"]
    with acting_as(people.county):
        envelope = Envelope.objects.get()
        assert (envelope.state, envelope.trouble, envelope.receipt[:2]) == ("closed", "", "HD")
    assert taken(bank) == (1, 2)
    assert_proved(people)


def test_a_corrected_account_is_checked_again_and_paid_in_the_next_envelope(people: Cast, bank: Any) -> None:
    row = grant(people, n=3, checked=False)
    released(people, (1,))
    work()
    assert fresh(people, row).payee_check == "1004"
    with acting_as(people.county):
        do_correct_payee(row.number, payee=payee(4), reason="换卡", by=people.county)
    work()
    assert fresh(people, row).payee_check == "0000"
    with acting_as(people.cashier):
        run = Envelope.objects.get().run
    release(people, sign_all(people, seal(people, run)))
    work()
    assert [state for _, state, _ in states(people)] == ["paid", "paid"]
    assert_proved(people)


def test_a_worker_killed_after_the_bank_took_the_file_sends_again_and_nobody_is_paid_twice(
        people: Cast, bank: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = released(people, (1, 2))

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit("kill")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "do_mark_sent", killed)
        with pytest.raises(SystemExit):
            send_once(people, envelope)
    assert taken(bank) == (1, 2)
    with acting_as(people.county):
        assert Envelope.objects.get().state == "released"
    work()
    assert taken(bank) == (1, 2)
    assert [state for _, state, _ in states(people)] == ["paid", "paid"]
    assert_proved(people)


def send_once(people: Cast, envelope: Envelope) -> None:
    tasks.send(Run(people), envelope.number)


class Run:
    """What the job runner hands to a job, without its bookkeeping."""

    def __init__(self, people: Cast) -> None:
        self.by, self.jurisdiction, self.checkpoint = people.service, people.service.jurisdiction, None

    def transaction(self) -> Any:
        return acting_as(self.by)

    def row(self, *args: Any) -> None:
        pass


def test_a_bank_that_is_down_leaves_the_envelope_to_be_sent_later(people: Cast, bank: Any) -> None:
    envelope = released(people, (1,))
    bank.switches.down = "503"
    with pytest.raises(tasks.NotAnswered):
        send_once(people, envelope)
    with acting_as(people.county):
        found = Envelope.objects.get()
        assert found.state == "released" and "bank" in found.trouble
    assert_proved(people)
    bank.switches.clear()
    BREAKER.reset()
    work()
    assert [state for _, state, _ in states(people)] == ["paid"]


def test_missing_rows_keep_the_envelope_open_until_the_bank_gives_them(people: Cast, bank: Any) -> None:
    bank.switches.return_missing_rows = 1
    bank.switches.return_unknown_rows = 1
    bank.switches.return_repeated_rows = 1
    envelope = released(people, (1, 2))
    send_once(people, envelope)
    tasks.fetch_return(Run(people), envelope.number)
    assert sorted(state for _, state, _ in states(people)) == ["paid", "sent"]
    with acting_as(people.county):
        found = Envelope.objects.get()
        assert found.state == "sent" and "没有返回" in found.trouble and "隔离" in found.trouble
    bank.switches.clear()
    tasks.fetch_return(Run(people), envelope.number)
    assert [state for _, state, _ in states(people)] == ["paid", "paid"]
    with acting_as(people.county):
        assert Envelope.objects.get().state == "closed"
    assert_proved(people)
