from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection

from minzheng.data.exchange import client
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.models import ExchangeRecord
from minzheng.scenes.assistance.verification import do_retry, do_withdraw, progress_of, run_check
from minzheng.scenes.assistance.verification import running as running_module
from minzheng.scenes.assistance.verification.sources import SOURCES
from minzheng.scenes.assistance.verification.tests.conftest import HOUSEHOLD, Desk
from minzheng.testing import acting_as, as_owner
from simulators.departments import DEPARTMENTS

ALL = len(SOURCES) * len(HOUSEHOLD)


def growth(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {code: after[code] - before[code] for code in after if after[code] != before[code]}


def events() -> list[str]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM events_outbox WHERE name LIKE 'verification.%%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def queued() -> list[Any]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'verification.run' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_the_sources_are_the_departments_that_there_are() -> None:
    """Housing takes referrals only and knows nothing that a check would ask."""
    assert {d.code: d.name for d in DEPARTMENTS if d.code != "housing"} == SOURCES


def test_one_request_asks_every_department_about_every_member_once(desk: Desk) -> None:
    before, request = desk.asked(), desk.request()
    assert request.status == "queued" and len(queued()) == 1 and desk.asked() == before
    request = desk.run(request)
    assert request.status == "complete"
    assert growth(before, desk.asked()) == dict.fromkeys(SOURCES, len(HOUSEHOLD))
    answers = desk.answers(request)
    assert len(answers) == ALL
    assert {a.status for a in answers.values()} == {"found", "none", "mismatch"}
    assert answers[1, "tax"].status == "found" and answers[12, "tax"].status == "none"
    assert answers[11, "finance"].status == "mismatch"
    assert events() == ["verification.authorised", "verification.requested", "verification.completed"]
    with as_owner():
        calls = {a.call for a in answers.values()}
        assert ExchangeRecord.objects.filter(call__in=calls, case_code=request.case_code).count() == 2 * ALL


def test_what_departments_said_is_encrypted_in_the_table(desk: Desk) -> None:
    desk.run(desk.request())
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT records FROM verification_sourceanswer WHERE records IS NOT NULL")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert stored and "昆山电子".encode() not in stored and b"36000" not in stored


def test_one_department_down_leaves_a_partial_check_and_the_next_run_asks_only_that_one(desk: Desk) -> None:
    desk.departments.desks["bank"].switches.down = "503"
    request = desk.run(desk.request())
    assert (request.status, request.rounds) == ("partial", 1) and request.next_at is not None
    assert queued()[-1] == request.next_at
    with acting_as(desk.people.county):
        progress = progress_of(request)
    assert (progress["answered"], progress["waiting"]) == (ALL - len(HOUSEHOLD), ["银行"])
    kept = {key: a.answered_at for key, a in desk.answers(request).items() if a.department != "bank"}
    BREAKER.reset()
    desk.departments.desks["bank"].switches.clear()
    before = desk.asked()
    assert desk.run(request).status == "complete"
    assert growth(before, desk.asked()) == {"bank": len(HOUSEHOLD)}
    assert kept == {key: a.answered_at for key, a in desk.answers(request).items() if a.department != "bank"}
    before = desk.asked()
    desk.run(request)
    assert desk.asked() == before


def test_every_department_down_still_ends_and_says_so(desk: Desk) -> None:
    for one in desk.departments.desks.values():
        one.switches.down = "503"
    request = desk.run(desk.request())
    assert request.status == "partial"
    assert {a.status for a in desk.answers(request).values()} == {"not_answered"}


def test_an_answer_with_a_wrong_signature_is_not_believed_and_shown_as_such(desk: Desk) -> None:
    desk.departments.desks["tax"].switches.wrong = "signature"
    request = desk.run(desk.request())
    answer = desk.answers(request)[1, "tax"]
    assert (answer.status, answer.records) == ("bad_signature", None) and "签名" in answer.detail
    assert request.status == "partial"


def test_an_answer_that_cannot_be_read_is_not_believed(desk: Desk, monkeypatch: Any) -> None:
    store = desk.departments.desks["tax"].store
    record = {"table": "tax", "income_kind": "工资薪金", "total": "3e4"}
    monkeypatch.setattr(store, "of_person", lambda number: ({p.name for p in HOUSEHOLD}, [record]))
    answer = desk.answers(desk.run(desk.request()))[1, "tax"]
    assert (answer.status, answer.records) == ("not_answered", None) and "无法识读" in answer.detail


def test_a_partial_answer_is_kept_and_asked_again(desk: Desk) -> None:
    desk.departments.desks["bank"].switches.partial = True
    request = desk.run(desk.request())
    first = desk.answers(request)[11, "bank"]
    assert request.status == "partial" and first.status == "partial" and "5000.25" in first.records
    desk.departments.desks["bank"].switches.clear()
    assert desk.run(request).status == "complete"
    assert "20000.00" in desk.answers(request)[11, "bank"].records


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


def test_dead_in_the_middle_it_resumes_and_asks_no_answered_department_again(desk: Desk, monkeypatch: Any) -> None:
    request, keep, ask, rounds = desk.request(), running_module._keep, client.ask_many, [0]

    def dies(results: Any) -> None:
        keep(results)
        rounds[0] += len(results)
        if rounds[0] >= ALL // 2:
            raise Killed

    monkeypatch.setattr(running_module, "_keep", lambda results: dies(results))
    monkeypatch.setattr(client, "ask_many", partial(ask, parallel=4))
    with pytest.raises(Killed):
        run_check(request.pk, by=desk.people.service)
    monkeypatch.setattr(running_module, "_keep", keep)
    assert desk.look(request).status == "running"
    answered = {key for key, a in desk.answers(request).items() if a.status != "pending"}
    assert 0 < len(answered) < ALL
    calls = {key: desk.answers(request)[key].call for key in answered}
    before = desk.asked()
    assert desk.run(request).status == "complete"
    assert sum(growth(before, desk.asked()).values()) == ALL - len(answered)
    assert calls == {key: desk.answers(request)[key].call for key in answered}


def test_an_officer_may_ask_the_silent_ones_at_once(desk: Desk) -> None:
    desk.departments.desks["bank"].switches.down = "503"
    request = desk.run(desk.request())
    with acting_as(desk.people.county):
        do_retry(request.number, by=desk.people.county)
    assert queued()[-1] is None


def test_after_the_last_pause_it_stays_partial_and_nothing_is_queued(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(running_module, "PAUSES", running_module.PAUSES[:1])
    desk.departments.desks["bank"].switches.down = "503"
    request = desk.run(desk.request())
    count = len(queued())
    request = desk.run(request)
    assert (request.status, request.rounds, request.next_at) == ("partial", 2, None) and len(queued()) == count


def test_after_withdrawal_nothing_more_is_sent(desk: Desk) -> None:
    request = desk.request()
    with acting_as(desk.people.clerk):
        do_withdraw(request.authorisation.number, by=desk.people.clerk, reason="申请人撤回")
    before = desk.asked()
    assert desk.run(request).status == "withdrawn"
    assert desk.asked() == before


def test_a_run_that_another_holds_does_nothing(desk: Desk, monkeypatch: Any) -> None:
    request, before = desk.request(), desk.asked()
    monkeypatch.setattr(running_module, "_LOCK", 7_612_002)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [7_612_002, request.pk])
        assert desk.run(request).status == "queued"
    finally:
        other.close()
    assert desk.asked() == before
