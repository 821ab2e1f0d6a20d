"""Whoever has no account gets a short message, else a letter; nothing of it is in the logs."""

from __future__ import annotations

import datetime as dt
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from minzheng.base.identity.models import Account
from minzheng.data.population.cast import person as cast_person
from minzheng.data.registry import NewPerson, Person, Source, do_register_person
from minzheng.office.notices import actions, sending, wording
from minzheng.office.notices.book import registry_book
from minzheng.office.notices.models import Notice
from minzheng.office.notices.wording import Template, register_template
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import VILLAGE

PHONE, STREET = "16000000031", "里厍路 7 号"
Sent = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def words() -> object:
    with patch.dict(wording._templates):
        register_template(Template("tea.quiet", "茶好了", "{name}您好,茶已备好。"))
        register_template(Template("tea.short", "茶凉了", "{name}您好,茶凉了。", letter=False))
        yield


@pytest.fixture
def sent() -> object:
    """What the ports were handed."""
    found: Sent = []
    with patch.dict(sending._adapters, {
            channel: (lambda address, title, body, channel=channel: found.append((channel, address, body)))
            for channel in ("sms", "letter")}):
        yield found


def villager(people: Cast, **more: str) -> Person:
    known = cast_person("zhou_sufen")
    with acting_as(people.county):
        person = do_register_person(NewPerson(id_number=known.id_number, name="周素芬", jurisdiction=VILLAGE, **more),
                                    Source("公安", "户籍信息", dt.date(2026, 9, 1)), by=people.county)
    with as_owner():  # the cast's citizens have numbers that a first person may get too
        Account.objects.filter(person_id=person.pk).update(person_id=None)
    return person


def tell(people: Cast, person: Person, template: str = "tea.quiet") -> int:
    with acting_as(people.service), patch.object(actions, "after_quiet", lambda moment, *quiet: moment):
        return actions.do_notify(template, {"name": person.name}, key=f"{template}:{person.pk}", jurisdiction=VILLAGE,
                                 person=person.pk)


def rounds(people: Cast, count: int = 2) -> None:
    for _ in range(count):
        with acting_as(people.service):
            batch = sending.claim()
        errors = [sending.send(notice, address) for notice, address in batch]
        with acting_as(people.service):
            for (notice, _), error in zip(batch, errors, strict=True):
                sending.settle(notice, error)


def states() -> dict[str, str]:
    with as_owner():
        return dict(Notice.objects.values_list("channel", "state"))


def test_the_registrys_number_gets_a_short_message_even_of_what_is_otherwise_inbox_only(people: Cast, sent: Sent) -> None:
    person = villager(people, phone=PHONE, address=STREET)
    assert tell(people, person) == 2 and tell(people, person) == 0
    rounds(people)
    assert sent == [("sms", PHONE, "周素芬您好,茶已备好。")]
    assert states() == {"inapp": "sent", "sms": "sent"}


def test_without_a_number_a_letter_goes_to_the_registered_address_once(people: Cast, sent: Sent) -> None:
    person = villager(people, address=STREET)
    tell(people, person)
    rounds(people, 3)
    assert [(channel, body) for channel, _, body in sent] == [("letter", "周素芬您好,茶已备好。")]
    assert sent[0][1].endswith(f"{STREET} 周素芬收") and "昆山市" in sent[0][1]
    assert states() == {"inapp": "sent", "sms": "failed", "letter": "sent"}


def test_with_neither_the_failure_is_kept_for_the_officer(people: Cast, sent: Sent) -> None:
    tell(people, villager(people))
    rounds(people, 3)
    assert sent == [] and states() == {"inapp": "sent", "sms": "failed", "letter": "failed"}


def test_what_is_no_letter_is_not_posted(people: Cast, sent: Sent) -> None:
    tell(people, villager(people, address=STREET), "tea.short")
    rounds(people, 3)
    assert sent == [] and "letter" not in states()


def test_whoever_has_an_account_reads_the_inbox_and_gets_no_letter(people: Cast, sent: Sent) -> None:
    with acting_as(people.service):
        assert actions.do_notify("tea.quiet", {"name": "张"}, key="app", jurisdiction=VILLAGE, person=1) == 1
    rounds(people)
    assert sent == [] and states() == {"inapp": "sent"}


def test_logs_hold_neither_number_nor_address_nor_name_nor_words(people: Cast) -> None:
    person = villager(people, phone=PHONE, address=STREET)
    tell(people, person)

    def broken(address: str, title: str, body: str) -> None:
        raise OSError(f"{address} {body}")

    with capture_logs() as logs, patch.dict(sending._adapters, {"sms": broken, "letter": broken}):
        rounds(people)
    assert logs and not any(word in str(logs) for word in (PHONE, STREET, "周素芬", "茶已备好"))
    with as_owner():
        assert Notice.objects.get(channel="sms").error == "OSError"


def test_the_book_knows_nobody_outside_the_scope(people: Cast) -> None:
    person = villager(people, phone=PHONE, address=STREET)
    with acting_as(people.service):
        assert registry_book(person.pk, "sms") == PHONE
        assert registry_book(person.pk, "inapp") is None
    with acting_as(people.neighbour):
        assert registry_book(person.pk, "sms") is None
