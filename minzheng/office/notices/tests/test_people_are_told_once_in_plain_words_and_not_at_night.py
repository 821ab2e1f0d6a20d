from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import clock, events, jobs
from minzheng.base.errors import NotFound, Refused
from minzheng.base.events.models import OutboxEvent
from minzheng.base.jobs.models import JobRun
from minzheng.office.cases import actions as cases
from minzheng.office.cases.models import Case
from minzheng.office.notices import actions, queries, sending, wording
from minzheng.office.notices.models import Notice, Preference
from minzheng.office.notices.wording import Template, register_template
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events, run_jobs
from minzheng.testing.cast import VILLAGE
from minzheng.testing.teahouse import make_case, published

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=clock.SHANGHAI)
NIGHT = dt.datetime(2026, 11, 24, 23, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def tea_words() -> Iterator[None]:
    with patch.dict(wording._templates):
        register_template(Template("tea.ready", "茶好了", "{name}您好,{tea}已备好。", sms=True))
        yield


@pytest.fixture(autouse=True)
def book() -> Iterator[None]:
    """Everybody of these tests has a phone; the registry's book has its own tests."""
    with patch.object(sending, "_book", [lambda person, channel: "16000000001"]):
        yield


@pytest.fixture
def case(people: Cast) -> Iterator[Case]:
    with published():
        yield make_case(state="submitted")


def tell(people: Cast, key: str = "k1", at: dt.datetime = NOON, person: int = 1) -> int:
    with acting_as(people.service), patch.object(clock, "now", lambda: at):
        return actions.do_notify("tea.ready", {"name": "张建国", "tea": "碧螺春"}, key=key, jurisdiction=VILLAGE,
                                 person=person)


def test_a_notice_is_written_once_per_key_in_the_inbox_and_as_a_short_message(people: Cast) -> None:
    assert tell(people) == 2
    assert tell(people) == 0
    with acting_as(people.citizen):
        (notice,) = queries.inbox(people.citizen)
        assert (notice.title, notice.body) == ("茶好了", "张建国您好,碧螺春已备好。")
        assert queries.unread_count(people.citizen) == 1


def test_the_wording_is_encrypted_at_rest_and_never_rewritten(people: Cast) -> None:
    tell(people)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select body from notices_notice limit 1")
        assert "碧螺春".encode() not in bytes(cursor.fetchone()[0])
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            Notice.objects.update(title="改")


@pytest.mark.parametrize("body", ["{0}", "{}", "{name.real}", "{name[0]}", "{Name}"])
def test_a_template_has_plain_names_only(body: str) -> None:
    with pytest.raises(ValueError, match="no plain name"):
        register_template(Template("tea.bad", "茶", body))


def test_a_template_with_a_gap_unfilled_writes_nothing(people: Cast) -> None:
    with pytest.raises(KeyError), acting_as(people.service):
        actions.do_notify("tea.ready", {"name": "张"}, key="k", jurisdiction=VILLAGE, person=1)
    with as_owner():
        assert not Notice.objects.exists()


@given(st.times(), st.times(), st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)))
def test_a_short_message_is_never_due_within_quiet_hours(start: dt.time, end: dt.time, moment: dt.datetime) -> None:
    at = moment.replace(tzinfo=clock.SHANGHAI)
    due = actions.after_quiet(at, start, end)
    assert at <= due < at + dt.timedelta(days=1)
    if start != end:
        assert actions.after_quiet(due, start, end) == due


def test_at_night_the_inbox_is_filled_at_once_and_the_message_waits_for_the_morning(people: Cast) -> None:
    tell(people, at=NIGHT)
    with as_owner():
        inapp, sms = Notice.objects.order_by("channel")
        assert (inapp.state, sms.state) == ("sent", "queued")
        assert sms.not_before == dt.datetime(2026, 11, 25, 8, tzinfo=clock.SHANGHAI)


def test_whoever_wants_no_messages_gets_none_but_the_inbox_stays(people: Cast) -> None:
    with acting_as(people.citizen):
        with pytest.raises(Refused):
            actions.do_prefer(by=people.citizen, sms=False, quiet_from=dt.time(8), quiet_to=dt.time(8))
        actions.do_prefer(by=people.citizen, sms=False, quiet_from=dt.time(20), quiet_to=dt.time(9))
    with acting_as(people.other_citizen):
        assert not Preference.objects.exists()
    assert tell(people) == 1
    assert tell(people, "k2", person=2) == 2


def test_nobody_reads_the_inbox_of_another(people: Cast) -> None:
    tell(people)
    with acting_as(people.service):
        actions.do_notify("tea.ready", {"name": "李", "tea": "红茶"}, key="staff", jurisdiction=VILLAGE,
                          account=people.clerk.account_id)
    with acting_as(people.citizen):
        (own,) = queries.inbox(people.citizen)
    for who in (people.other_citizen, people.clerk, people.county):
        with acting_as(who), pytest.raises(NotFound):
            actions.do_read(own.pk, by=who)
    with acting_as(people.clerk):
        assert [n.body for n in queries.inbox(people.clerk)] == ["李您好,红茶已备好。"]
    with acting_as(people.reviewer):
        assert queries.inbox(people.reviewer) == []
        assert not Notice.objects.filter(account__isnull=False).exists()
    with acting_as(people.citizen):
        assert actions.do_read(own.pk, by=people.citizen).state == "read"
        assert queries.unread_count(people.citizen) == 0


def test_an_accepted_case_tells_its_applicant_even_when_delivered_twice(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        cases.do_accept(case, by=people.clerk)
    deliver_events()
    with as_owner():
        OutboxEvent.objects.update(status="pending")
    deliver_events()
    with acting_as(people.citizen):
        (notice,) = queries.inbox(people.citizen)
        assert notice.title == "申请已受理" and case.code in notice.body and "{" not in notice.body
        assert notice.jurisdiction == case.jurisdiction


def test_a_supplement_names_all_that_is_missing(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        cases.do_ask_supplement(case, ["茶杯照片", "介绍信"], by=people.clerk)
    deliver_events()
    with acting_as(people.citizen):
        assert "茶杯照片、介绍信" in queries.inbox(people.citizen)[0].body


def test_a_dispute_tells_the_officers_of_that_township(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        events.emit("publicity.disputed", aggregate=case.code, jurisdiction=VILLAGE, payload={"case": case.code})
    deliver_events()
    for who, told in ((people.clerk, 1), (people.reviewer, 1), (people.county, 0), (people.neighbour_clerk, 0)):
        with acting_as(who):
            assert queries.unread_count(who) == told


def run_queue(people: Cast) -> list[str]:
    with acting_as(people.service):
        batch = sending.claim()
    errors = [sending.send(notice, address) for notice, address in batch]
    with acting_as(people.service):
        for (notice, _), error in zip(batch, errors, strict=True):
            sending.settle(notice, error)
    return errors


def test_a_gateway_that_fails_is_tried_again_later_and_given_up_after_five(people: Cast) -> None:
    tell(people)

    def broken(address: str, title: str, body: str) -> None:
        raise OSError

    with patch.dict(sending._adapters, {"sms": broken}):
        assert run_queue(people) == ["OSError"]
        assert run_queue(people) == []
        for _ in range(4):
            with as_owner():
                Notice.objects.filter(channel="sms").update(not_before=NOON)
            assert run_queue(people) == ["OSError"]
    with as_owner():
        assert Notice.objects.get(channel="sms").state == "failed"


def test_a_message_goes_to_the_persons_own_number_and_once(people: Cast) -> None:
    tell(people)
    sent: list[tuple[str, str]] = []
    with patch.dict(sending._adapters, {"sms": lambda address, title, body: sent.append((address, body))}):
        with patch.object(sending, "_book", [lambda person, channel: "13800000000"]):
            assert run_queue(people) == [""]
            assert run_queue(people) == []
    assert sent == [("13800000000", "张建国您好,碧螺春已备好。")]
    with as_owner():
        assert Notice.objects.get(channel="sms").state == "sent"


def test_whoever_has_no_number_is_not_tried_again(people: Cast) -> None:
    tell(people)
    with patch.object(sending, "_book", [lambda person, channel: None]):
        run_queue(people)
    with as_owner():
        assert Notice.objects.get(channel="sms").state == "failed"


def test_the_minutely_job_sends_what_is_due_and_notes_each_outcome(people: Cast) -> None:
    tell(people)
    tell(people, "k2", at=dt.datetime(2099, 1, 1, 12, tzinfo=clock.SHANGHAI), person=2)
    with acting_as(people.county):
        number = jobs.defer("notices.send", jurisdiction=people.county.jurisdiction, by=people.county)
    assert run_jobs() == 1
    with as_owner():
        assert [n.state for n in Notice.objects.filter(channel="sms").order_by("id")] == ["sent", "queued"]
        assert JobRun.objects.get(pk=number).done == 1
