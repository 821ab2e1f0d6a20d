from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.data import registry
from minzheng.data.registry import Person, Source
from minzheng.testing import Cast, acting_as, as_owner

from .conftest import POLICE

HEALTH = Source("卫生健康", "死亡医学证明", dt.date(2026, 10, 2))
DIED = dt.date(2026, 10, 1)


def events_of(name: str) -> int:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_outbox WHERE name = %s", [name])
        return int(cursor.fetchone()[0])


def test_a_death_ends_the_membership_names_the_next_head_and_tells(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        registry.do_record_death(zhang.pk, DIED, HEALTH, by=by)
        assert Person.objects.get(pk=zhang.pk).death_date == DIED
        assert [(m.person_id, m.relation) for m in registry.members_of(household)] == [(wife.pk, "户主")]
        assert len(registry.members_of(household, DIED)) == 2
    assert events_of("registry.person_died") == 1


def test_a_second_report_is_filed_and_tells_nobody_again(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        registry.do_record_death(zhang.pk, DIED, HEALTH, by=by)
        registry.do_record_death(zhang.pk, DIED, POLICE, by=by)
        registry.do_record_death(zhang.pk, DIED + dt.timedelta(days=1), POLICE, by=by)
        assert Person.objects.get(pk=zhang.pk).death_date == DIED
        assert [row.value for row in registry.conflicts_of([zhang.pk])] == ["2026-10-02"]
    assert events_of("registry.person_died") == 1


@pytest.mark.parametrize("day", [dt.date(2090, 1, 1), dt.date(1950, 1, 1)])
def test_an_impossible_day_is_refused_and_nothing_changes(zhang: Person, people: Cast, day: dt.date) -> None:
    with acting_as(people.county) as by:
        with pytest.raises(Refused):
            registry.do_record_death(zhang.pk, day, HEALTH, by=by)
        with pytest.raises(Refused):
            registry.do_record_death(zhang.pk, DIED, Source("民政", "听说", DIED), by=by)
        assert Person.objects.get(pk=zhang.pk).death_date is None
        assert len(registry.members_of(registry.household_of(zhang) or 0)) == 2
    assert events_of("registry.person_died") == 0


def test_the_last_members_death_closes_the_household(zhang: Person, wife: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        household = registry.household_of(zhang)
        assert household is not None
        registry.do_record_death(wife.pk, DIED, HEALTH, by=by)
        registry.do_record_death(zhang.pk, DIED + dt.timedelta(days=3), HEALTH, by=by)
        household.refresh_from_db()
        assert household.ended_on == DIED + dt.timedelta(days=4)


def test_a_signed_notice_reaches_the_registry(zhang: Person, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.base.events import Event
    from minzheng.data.exchange.inbound import DeathNotice
    from minzheng.data.population.cast import person as cast_person
    from minzheng.data.registry import consumers

    number = cast_person("zhang_jianguo").id_number
    notice = DeathNotice(7, "funeral", number, "张建国", DIED, "320583000000")
    monkeypatch.setattr(consumers, "read_notice", lambda _: notice)
    service = Service("人口库", "320000000000")
    event = Event(
        1,
        "registry.death_reported",
        "x",
        1,
        "320583000000",
        {"notice": 7, "partner": "funeral"},
        dt.datetime.now(dt.UTC),
        service,
    )
    for _ in range(2):
        with acting_as(service):
            consumers.record_reported_death(event)
    with acting_as(people.county):
        assert Person.objects.get(pk=zhang.pk).death_date == DIED
    assert events_of("registry.person_died") == 1
