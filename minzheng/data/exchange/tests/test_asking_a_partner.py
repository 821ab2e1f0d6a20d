from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.scope import acting
from minzheng.data.exchange import transport
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.client import NotAnswered, Question, Subject, ask, ask_many
from minzheng.data.exchange.models import ExchangeRecord, Partner
from minzheng.data.exchange.tests.conftest import ZHANG
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY
from simulators.server import Simulators

WHY = {"purpose": "社会救助家庭经济状况核对", "case": "AH-1", "authorisation": "SQ-1"}


def question(partner: str, **changed: Any) -> Question:
    return Question(**({"partner": partner, "resource": "person", "jurisdiction": COUNTY,
                        "subject": Subject(*ZHANG, person=1), **WHY} | changed))


def records() -> list[ExchangeRecord]:
    with as_owner():
        return list(ExchangeRecord.objects.order_by("id"))


def asked(departments: Simulators) -> int:
    return sum(desk.asked for desk in departments.desks.values())


def test_an_answer_is_verified_and_leaves_two_records(people: Cast, departments: Simulators) -> None:
    answer = ask("tax", "person", by=people.county, jurisdiction=COUNTY, subject=Subject(*ZHANG, person=1), **WHY)
    assert (answer.outcome, answer.records[0]["total"]) == ("found", "36000.00")
    sent, ended = records()
    assert (sent.phase, ended.phase, sent.call, ended.call) == ("sent", "ended", answer.call, answer.call)
    assert (ended.status, ended.subject_person, ended.jurisdiction) == ("found", 1, COUNTY)
    assert len(ended.request_digest) == len(ended.answer_digest) == 64
    assert ended.request_signature and ended.answer_signature
    assert "36000" not in str(vars(ended)) and ZHANG[0] not in str(vars(ended))


def test_many_are_asked_at_once_and_each_has_its_own_outcome(people: Cast, departments: Simulators) -> None:
    desks = departments.desks
    desks["bank"].switches.down = "503"
    desks["police"].switches.wrong = "signature"
    desks["tax"].switches.partial = True
    desks["market"].switches.wrong = "body"
    kept: list[str] = []
    codes = ["tax", "police", "bank", "vehicles", "market"]
    results = ask_many([question(code, key=code) for code in codes], by=people.service,
                       on_results=lambda fresh: kept.extend(result.question.key for result in fresh))
    assert [result.question.key for result in results] == codes and sorted(kept) == sorted(codes)
    assert [result.status for result in results] == ["partial", "bad_signature", "not_answered", "none", "not_answered"]
    assert [result.settled for result in results] == [False, False, False, True, False]
    assert len(records()) == 2 * len(codes)


def test_an_answer_signed_by_another_is_refused_and_recorded(people: Cast, departments: Simulators) -> None:
    departments.desks["tax"].switches.wrong = "signature"
    with pytest.raises(NotAnswered, match="签名"):
        ask("tax", "person", by=people.county, jurisdiction=COUNTY, subject=Subject(*ZHANG), **WHY)
    assert records()[-1].status == "bad_signature"


def test_a_refusal_is_told_in_the_department_s_words(people: Cast, departments: Simulators) -> None:
    departments.callers["minzheng"] = departments.desks["tax"].key.public_text
    for code in ("police", "tax", "bank", "justice"):
        (result,) = ask_many([question(code)], by=people.service)
        assert result.status == "refused" and result.detail.startswith("签名验证不通过(")


def test_a_slow_partner_is_not_waited_for(people: Cast, departments: Simulators, monkeypatch: Any) -> None:
    monkeypatch.setattr(transport, "ATTEMPTS", 1)
    departments.desks["tax"].switches.slow = 0.5
    (result,) = ask_many([question("tax")], by=people.service, timeout=0.05)
    assert (result.status, result.detail) == ("not_answered", "超过0.05秒未应答")


def test_after_three_failures_the_partner_is_left_alone(people: Cast, departments: Simulators) -> None:
    departments.desks["bank"].switches.down = "503"
    for _ in range(2):
        ask_many([question("bank")], by=people.service)
    before = departments.desks["bank"].asked
    (result,) = ask_many([question("bank")], by=people.service)
    assert result.status == "not_answered" and "暂停访问" in result.detail
    assert departments.desks["bank"].asked == before
    BREAKER.reset()
    departments.desks["bank"].switches.clear()
    assert ask_many([question("bank")], by=people.service)[0].status == "none"


@pytest.mark.parametrize("missing", ["purpose", "case", "authorisation"])
def test_without_a_reason_nothing_is_sent(people: Cast, departments: Simulators, missing: str) -> None:
    before = asked(departments)
    with pytest.raises(Refused, match="第七十条"):
        ask_many([question("tax"), question("police", **{missing: " "})], by=people.service)
    assert asked(departments) == before and records() == []


def test_outside_the_jurisdiction_nothing_is_sent(people: Cast, departments: Simulators) -> None:
    before = asked(departments)
    for by, jurisdiction in ((people.neighbour, COUNTY), (people.county, NEIGHBOUR_COUNTY)):
        with pytest.raises(NotAllowed):
            ask_many([question("tax", jurisdiction=jurisdiction)], by=by)
    with pytest.raises(NotAllowed):
        ask_many([question("tax")], by=people.citizen)  # type: ignore[arg-type]
    assert asked(departments) == before and records() == []


def test_an_unknown_or_inactive_partner_is_refused_and_nothing_is_sent(people: Cast, departments: Simulators) -> None:
    with as_owner():
        Partner.objects.filter(code="police").update(active=False)
    before = asked(departments)
    for code in ("police", "nobody"):
        with pytest.raises(Refused, match="没有登记或已停用"):
            ask_many([question("tax"), question(code)], by=people.service)
    assert asked(departments) == before and records() == []


def test_no_call_is_made_inside_a_transaction(people: Cast, departments: Simulators) -> None:
    before = asked(departments)
    with pytest.raises(RuntimeError, match="事务"), transaction.atomic():
        ask_many([question("tax")], by=people.service)
    with pytest.raises(RuntimeError, match="事务"), acting_as(people.county):
        ask_many([question("tax")], by=people.county)
    assert asked(departments) == before


def test_records_cannot_be_changed_even_by_their_owner(people: Cast, departments: Simulators) -> None:
    ask_many([question("tax")], by=people.service)
    for verb in ("UPDATE exchange_exchangerecord SET status = ''", "DELETE FROM exchange_exchangerecord"):
        with pytest.raises(DatabaseError, match="append-only"), as_owner():
            from django.db import connection

            connection.cursor().execute(verb)
    assert len(records()) == 2


def test_the_neighbour_county_sees_no_record(people: Cast, departments: Simulators) -> None:
    ask_many([question("tax")], by=people.service)
    for who, count in ((people.county, 2), (people.neighbour, 0), (people.village, 0), (people.province, 2)):
        with acting(who.scope()):
            assert ExchangeRecord.objects.count() == count
