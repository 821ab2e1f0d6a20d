from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from minzheng.base import clock
from minzheng.base.audit.models import AuditRecord
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.events.models import OutboxEvent
from minzheng.office.cases.actions import close
from minzheng.office.cases.models import Case
from minzheng.office.publicity import actions
from minzheng.office.publicity.models import Objection, Publicity
from minzheng.office.publicity.queries import Shown, open_notices
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import OTHER_VILLAGE, TOWNSHIP, VILLAGE
from minzheng.testing.teahouse import make_case, published


@pytest.fixture
def case(people: Cast) -> Iterator[Case]:
    with published():
        yield make_case()


@pytest.fixture
def notice(people: Cast, case: Case) -> Publicity:
    with acting_as(people.reviewer):
        return actions.do_publish(case, amount_fen=12_300, days=7, by=people.reviewer)


def events(name: str) -> int:
    with as_owner():
        return OutboxEvent.objects.filter(name=name).count()


def backdate(notice: Publicity, days: int) -> None:
    with as_owner():
        Publicity.objects.filter(pk=notice.pk).update(starts_on=notice.starts_on - dt.timedelta(days),
                                                      ends_on=clock.today() - dt.timedelta(days - 7))


def objections() -> int:
    with as_owner():
        return Objection.objects.count()


def test_the_public_reads_name_members_and_amount_only(people: Cast, notice: Publicity) -> None:
    (shown,) = open_notices(VILLAGE)
    assert shown == Shown(notice.ticket, "张建国", 2, 12_300)
    assert [f.name for f in fields(Shown)] == ["ticket", "name", "members", "amount_fen"]
    with connection.cursor() as cursor:
        cursor.execute("select * from publicity_open(%s, 'case', %s, 5)", [VILLAGE, clock.today()])
        assert [column.name for column in cursor.description] == ["ticket", "name", "members", "amount_fen"]
    assert [s.name for s in open_notices(TOWNSHIP)] == ["张建国"]
    assert open_notices(OTHER_VILLAGE) == []
    assert open_notices(VILLAGE, kind="list") == []


def test_seven_days_are_counted_after_the_day_it_starts(notice: Publicity) -> None:
    assert notice.starts_on == clock.today() and notice.ends_on == clock.today() + dt.timedelta(7)


@pytest.mark.parametrize("division", ["320583000000", "320500000000", "32", "", "abcdefghijkl", "000000000000"])
def test_nobody_browses_a_county(notice: Publicity, division: str) -> None:
    with pytest.raises(Refused):
        open_notices(division)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select * from publicity_open(%s, 'case', %s, 5)", [division, clock.today()])


def test_a_visitor_reaches_neither_table(people: Cast, notice: Publicity) -> None:
    for model in (Publicity, Objection):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            model.objects.count()
    with acting_as(people.citizen):
        assert Publicity.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Objection.objects.count()
    with acting_as(people.other_citizen):
        assert Publicity.objects.count() == 0


def end(people: Cast) -> None:
    with acting_as(people.service):
        actions.do_end(Case.objects.get(), by=people.service)


def test_one_that_has_ended_disappears_at_midnight_and_tells_its_case_once(people: Cast, notice: Publicity) -> None:
    backdate(notice, 7)
    assert len(open_notices(VILLAGE)) == 1
    with pytest.raises(Refused, match="才满期"):
        end(people)
    with as_owner():
        assert Publicity.objects.get().state == "open"
    backdate(notice, 8)
    assert open_notices(VILLAGE) == []
    end(people)
    end(people)
    with as_owner():
        assert Publicity.objects.get().state == "ended"
    assert events("publicity.ended") == 1


@pytest.mark.parametrize(("state", "title"), [("withdrawn", "申请人撤回"), ("ended", "终止办理")])
def test_nothing_is_shown_of_a_case_that_ended_without_a_decision(
        people: Cast, notice: Publicity, state: str, title: str) -> None:
    with acting_as(people.clerk):
        close(Case.objects.get(), state, title, by=people.clerk)
    deliver_events()
    assert open_notices(VILLAGE) == []
    with as_owner():
        assert Publicity.objects.get().state == "withdrawn"


def test_anybody_may_object_while_it_is_shown_and_the_case_is_called_once(people: Cast, notice: Publicity) -> None:
    actions.do_object_to(notice.ticket, text="这家有三套茶具", source="10.0.0.1")
    actions.do_object_to(notice.ticket, text="补充一点:还有茶山", source="10.0.0.2", name="赵六", phone="13812346620")
    assert events("publicity.disputed") == 1
    assert len(open_notices(VILLAGE)) == 1
    with acting_as(people.clerk):
        first, second = Objection.objects.order_by("id")
        assert (first.text, first.name, second.name, second.phone) == ("这家有三套茶具", None, "赵六", "13812346620")
        assert Publicity.objects.get().state == "disputed"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select text, name, phone, source from publicity_objection order by id desc limit 1")
        stored = b"".join(bytes(value) for value in cursor.fetchone())
        assert "茶山".encode() not in stored and b"13812346620" not in stored and b"10.0.0.2" not in stored
        assert AuditRecord.objects.filter(action="publicity.dispute").count() == 2


def test_an_objection_to_what_is_gone_or_unknown_is_refused(people: Cast, notice: Publicity) -> None:
    backdate(notice, 8)
    for ticket in (notice.ticket, uuid4()):
        with pytest.raises(NotFound):
            actions.do_object_to(ticket, text="这家有三套茶具", source="10.0.0.1")
    assert objections() == 0 and events("publicity.disputed") == 0


def test_the_sixth_objection_of_a_day_from_one_source_is_refused(notice: Publicity) -> None:
    for _ in range(5):
        actions.do_object_to(notice.ticket, text="这家有三套茶具", source="10.0.0.1")
    with pytest.raises(Refused, match="太多"):
        actions.do_object_to(notice.ticket, text="这家有三套茶具", source="10.0.0.1")
    actions.do_object_to(notice.ticket, text="这家有三套茶具", source="10.0.0.9")
    assert objections() == 6


@pytest.mark.parametrize(("text", "name"), [("短", ""), ("长" * 2001, ""), ("这家有三套茶具", "名" * 65)])
def test_an_unreadable_objection_is_refused(notice: Publicity, text: str, name: str) -> None:
    with pytest.raises(Refused):
        actions.do_object_to(notice.ticket, text=text, name=name, source="10.0.0.1")
    assert objections() == 0


def test_an_objection_is_answered_once_by_those_who_publish(people: Cast, notice: Publicity) -> None:
    actions.do_object_to(notice.ticket, text="这家有三套茶具", source="10.0.0.1")
    with as_owner():
        number = Objection.objects.get().pk
    for who in (people.village, people.finance, people.province, people.neighbour_clerk):
        with acting_as(who), pytest.raises((NotAllowed, NotFound)):
            actions.do_answer(number, by=who, answer="已上门核实,茶具为借用。", upheld=False)
    with acting_as(people.reviewer):
        actions.do_answer(number, by=people.reviewer, answer="已上门核实,茶具为借用。", upheld=False)
        with pytest.raises(Refused, match="已经答复"):
            actions.do_answer(number, by=people.reviewer, answer="已上门核实,茶具为借用。", upheld=True)
        assert Objection.objects.get().upheld is False


def test_a_case_is_not_shown_twice_and_a_withdrawn_notice_starts_afresh(
        people: Cast, case: Case, notice: Publicity) -> None:
    with acting_as(people.reviewer):
        with pytest.raises(Refused, match="正在公示"):
            actions.do_publish(case, amount_fen=99, days=7, by=people.reviewer)
        actions.do_withdraw_publicity(case.code, by=people.reviewer, reason="金额有误")
        actions.do_publish(case, amount_fen=9_900, days=7, by=people.reviewer)
    assert [s.amount_fen for s in open_notices(VILLAGE)] == [9_900]


@pytest.mark.parametrize("who", ["village", "province", "finance", "neighbour_clerk", "neighbour"])
def test_others_publish_nothing(people: Cast, case: Case, who: str) -> None:
    other = getattr(people, who)
    with acting_as(other), pytest.raises((NotAllowed, DatabaseError)), transaction.atomic():
        actions.do_publish(case, amount_fen=12_300, days=7, by=other)
    assert open_notices(VILLAGE) == []


def test_the_long_term_list_shows_the_present_amount_until_the_benefit_ends(people: Cast, case: Case) -> None:
    with acting_as(people.approver):
        actions.do_list(case, amount_fen=12_300, by=people.approver)
        actions.do_list(case, amount_fen=8_000, by=people.approver, members=1)
    assert [(s.members, s.amount_fen) for s in open_notices(VILLAGE, kind="list")] == [(1, 8_000)]
    with acting_as(people.approver):
        actions.do_unlist(case, by=people.approver)
        actions.do_unlist(case, by=people.approver)
    assert open_notices(VILLAGE, kind="list") == []
