"""Record time beside valid time: a retroactive change does not alter what had been known; a bundle is one decision."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, Refused, Stale
from minzheng.data.brain import actions
from minzheng.data.brain.actions import Proposal
from minzheng.data.brain.models import ParameterVersion
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Dated
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.tests import club
from minzheng.testing import Cast, acting_as

club.register()
PRICE, LINE, KUNSHAN = "club.ball_price", "club.fee", "z320583"
DAY = dt.timedelta(days=1)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the day on which things are done."""
    def at(day: dt.date) -> None:
        moment = dt.datetime.combine(day, dt.time(12), clock.SHANGHAI)
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: day)
    return at


def put_in_force(people: Cast, **changes: Any) -> ParameterVersion:
    base = Proposal(PRICE, KUNSHAN, 900, dt.date(2090, 1, 1), document="章程", article="第九条", reason="理由充分")
    with acting_as(people.county):
        row = actions.do_draft(dataclasses.replace(base, **changes), by=people.county)
        actions.do_submit(row.pk, by=people.county)
    with acting_as(people.approver):
        return actions.do_approve(row.pk, by=people.approver)


def test_a_retroactive_change_is_not_in_what_was_known_before(people: Cast, today: Any) -> None:
    march, june, september = dt.date(2026, 3, 10), dt.date(2026, 6, 10), dt.date(2026, 9, 10)
    today(march)
    put_in_force(people, value=900, effective_from=dt.date(2026, 4, 1))
    today(september)
    put_in_force(people, value=1_000, effective_from=dt.date(2026, 5, 1))
    with acting_as(people.county):
        may = dt.date(2026, 5, 15)
        assert parameters.current().lookup(PRICE, KUNSHAN, may).value == 1_000
        assert parameters.as_known_on(september).lookup(PRICE, KUNSHAN, may).value == 1_000
        known = parameters.as_known_on(june).lookup(PRICE, KUNSHAN, may)
        assert (known.value, known.until) == (900, None)
        assert parameters.as_known_on(march - DAY).lookup(PRICE, KUNSHAN, may).value == 800


def test_a_frozen_book_is_read_until_it_is_let_go(people: Cast) -> None:
    with acting_as(people.county):
        book = parameters.current()
    far = dt.date(2090, 1, 1)
    with parameters.using(book):
        put_in_force(people)
        with acting_as(people.county):
            assert parameters.value(PRICE, KUNSHAN, far) == 800
    with acting_as(people.county):
        assert parameters.value(PRICE, KUNSHAN, far) == 900


SPANS = st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 40))), min_size=1, max_size=5)


@given(SPANS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_known_now_is_what_is_in_force(people: Cast, spans: list[tuple[int, int | None]]) -> None:
    start = dt.date(2091, 1, 1)
    for number, (since, length) in enumerate(spans):
        until = None if length is None else start + dt.timedelta(days=since + length)
        try:
            put_in_force(people, value=1_000 + number, effective_from=start + dt.timedelta(days=since), effective_to=until)
        except Refused:
            continue
    with acting_as(people.county):
        now, known = parameters.current(), parameters.as_known(clock.now())
        for offset in range(-1, 110, 3):
            day = start + dt.timedelta(days=offset)
            assert _value(now, day) == _value(known, day)


def _value(book: parameters.Book, day: dt.date) -> int | None:
    try:
        return book.lookup(PRICE, KUNSHAN, day).value
    except RuleCannotEvaluate:
        return None


def test_a_draft_laid_over_a_book_leaves_the_book_alone() -> None:
    book = parameters.Book(catalogue.shipped(), {}, (0, 0))
    day = dt.date(2090, 1, 1)
    laid = book.over([Dated(PRICE, KUNSHAN, 950, day, None, "", "", False, True, "方案")])
    assert (laid.lookup(PRICE, KUNSHAN, day).value, book.lookup(PRICE, KUNSHAN, day).value) == (950, 800)
    assert laid.lookup(PRICE, KUNSHAN, day - DAY).value == 800


def bundle(**changes: Any) -> list[Proposal]:
    base = Proposal(PRICE, KUNSHAN, 900, dt.date(2090, 1, 1), document="章程", article="第九条")
    return [dataclasses.replace(base, **changes), dataclasses.replace(base, parameter=LINE, value=7_000)]


def test_a_bundle_comes_into_force_together(people: Cast) -> None:
    with acting_as(people.county):
        rows = actions.do_submit_bundle("FA1", bundle(), by=people.county)
    with acting_as(people.approver):
        with pytest.raises(Refused, match="一起办理"):
            actions.do_approve(rows[0].pk, by=people.approver)
        actions.do_approve_bundle("FA1", by=people.approver)
        far = dt.date(2090, 1, 1)
        assert [parameters.value(name, KUNSHAN, far) for name in (PRICE, LINE)] == [900, 7_000]
        with pytest.raises(Stale):
            actions.do_approve_bundle("FA1", by=people.approver)


def test_when_one_of_a_bundle_cannot_come_into_force_none_does(people: Cast) -> None:
    with acting_as(people.county):
        actions.do_submit_bundle("FA1", bundle(effective_to=dt.date(2090, 6, 30), reason="只试半年"), by=people.county)
    put_in_force(people, value=850, effective_from=dt.date(2089, 1, 1))
    with acting_as(people.approver):
        with pytest.raises(Refused, match="仍有取值"):
            actions.do_approve_bundle("FA1", by=people.approver)
        assert parameters.value(LINE, KUNSHAN, dt.date(2090, 2, 1)) != 7_000
        assert set(ParameterVersion.objects.filter(bundle="FA1").values_list("status", flat=True)) == {"submitted"}


def test_a_bundle_is_decided_by_somebody_else_and_goes_back_whole(people: Cast) -> None:
    with acting_as(people.approver):
        actions.do_submit_bundle("FA1", bundle(), by=people.approver)
        with pytest.raises(NotAllowed, match="起草人以外"):
            actions.do_approve_bundle("FA1", by=people.approver)
    with acting_as(people.leader):
        with pytest.raises(Refused, match="退回理由"):
            actions.do_send_back_bundle("FA1", by=people.leader, opinion=" ")
        actions.do_send_back_bundle("FA1", by=people.leader, opinion="请附测算")
        assert set(ParameterVersion.objects.values_list("status", flat=True)) == {"withdrawn"}
        assert parameters.value(PRICE, zones.zone(KUNSHAN).key, dt.date(2090, 1, 1)) == 800
