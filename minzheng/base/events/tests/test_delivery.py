from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from minzheng.base import audit, events
from minzheng.base.errors import NotFound, Refused
from minzheng.base.events import consuming, operating
from minzheng.base.events.models import ConsumedEvent, OutboxEvent
from minzheng.base.scope import require
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, deliver_events


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    monkeypatch.setattr(consuming, "_consumers", consuming.defaultdict(list))
    out: list[tuple[str, int]] = []

    @events.subscribes("club.renamed", consumer="first")
    def _first(event: events.Event) -> None:
        out.append((event.aggregate, event.version))

    yield out


def _emit(people: Cast, aggregate: str = "club:1", **payload: object) -> int:
    with acting_as(people.clerk):
        place = people.village.jurisdiction
        return events.emit("club.renamed", aggregate=aggregate, jurisdiction=place, payload=payload)


def _states() -> list[tuple[str, int, str]]:
    with as_owner():
        return list(OutboxEvent.objects.order_by("id").values_list("aggregate", "version", "status"))


def _due_now() -> None:
    with as_owner():
        OutboxEvent.objects.update(next_at="2020-01-01T00:00:00Z")


def test_events_of_an_aggregate_arrive_in_order_and_once(people: Cast, heard: list[tuple[str, int]]) -> None:
    for aggregate in ("club:1", "club:2", "club:1"):
        _emit(people, aggregate)
    assert deliver_events() == 3 and deliver_events() == 0
    assert heard == [("club:1", 1), ("club:2", 1), ("club:1", 2)]


def test_an_event_goes_when_its_transaction_goes(people: Cast, heard: list[tuple[str, int]]) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(people.clerk):
        events.emit("club.renamed", aggregate="club:1", jurisdiction=people.village.jurisdiction)
        raise ZeroDivisionError
    assert _states() == [] and deliver_events() == 0


def test_a_failing_consumer_holds_back_its_aggregate_only_and_spares_the_others(
        people: Cast, heard: list[tuple[str, int]]) -> None:
    broken = [True]

    @events.subscribes("club.renamed", consumer="second")
    def _second(event: events.Event) -> None:
        if broken and event.aggregate == "club:1":
            raise Refused("暂时不行")

    for aggregate in ("club:1", "club:1", "club:2"):
        _emit(people, aggregate)
    deliver_events()
    assert _states() == [("club:1", 1, "pending"), ("club:1", 2, "pending"), ("club:2", 1, "done")]
    assert heard == [("club:1", 1), ("club:2", 1)]
    broken.clear()
    _due_now()
    deliver_events()
    assert [state for _, _, state in _states()] == ["done"] * 3
    assert heard == [("club:1", 1), ("club:2", 1), ("club:1", 2)], "the first consumer was not run again"


def test_after_its_last_attempt_an_event_is_a_visible_dead_letter(people: Cast, heard: list[tuple[str, int]]) -> None:
    @events.subscribes("club.renamed", consumer="broken")
    def _broken(event: events.Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    _emit(people)
    _emit(people)
    for _ in range(len(consuming.BACKOFF) + 1):
        _due_now()
        deliver_events()
    with as_worker():
        (dead,) = operating.dead_letters()
        assert (dead.attempts, dead.waiting) == (len(consuming.BACKOFF) + 1, 1) and "division by zero" in dead.error
        assert events.health()["dead"] == 1
        with pytest.raises(Refused):
            operating.do_give_up(dead.id, by=people.service, reason=" ")
        operating.do_give_up(dead.id, by=people.service, reason="已由人工处理")
        with pytest.raises(NotFound):
            operating.do_retry_dead(dead.id, by=people.service)
    assert _states()[0][2] == "done"
    with acting_as(people.clerk):
        assert audit.trail_of("event", dead.id)[0].reason == "已由人工处理"


def test_a_consumer_acts_within_the_events_place_or_the_level_it_asks_for(people: Cast, heard: object) -> None:
    seen = []

    @events.subscribes("club.renamed", consumer="own")
    def _own(event: events.Event) -> None:
        seen.append((require().role, require().low, event.by.jurisdiction))

    @events.subscribes("club.renamed", consumer="county", level=3)
    def _county(event: events.Event) -> None:
        seen.append((require().role, require().low, event.by.jurisdiction))

    _emit(people)
    deliver_events()
    assert seen == [("batch", "320583100001", "320583100001"), ("batch", "320583000000", "320583000000")]


@pytest.mark.parametrize("who", ["clerk", "province", "citizen", "service"])
def test_nobody_but_the_worker_touches_the_outbox(people: Cast, who: str) -> None:
    _emit(people)
    with acting_as(getattr(people, who)):
        for statement in ("SELECT 1 FROM events_outbox", "UPDATE events_outbox SET status = 'done'",
                          "DELETE FROM events_outbox", "SELECT 1 FROM events_consumed"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(statement)
    assert _states() == [("club:1", 1, "pending")]


def test_an_event_is_not_consumed_twice_even_by_the_database(people: Cast, heard: object) -> None:
    event = _emit(people)
    deliver_events()
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        ConsumedEvent.objects.create(event_id=event, consumer="first")


def test_personal_data_and_odd_names_are_refused_in_events(people: Cast) -> None:
    with acting_as(people.clerk):
        for name, payload in (("club.renamed", {"id": "320583199001012417"}), ("Renamed", {}), ("x", {})):
            with pytest.raises(ValueError):
                events.emit(name, aggregate="club:1", jurisdiction=people.village.jurisdiction, payload=payload)
    assert _states() == []
