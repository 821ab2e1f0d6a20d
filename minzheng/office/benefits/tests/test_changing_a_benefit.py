from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from minzheng.base import events
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.events.consuming import Event
from minzheng.base.identity.officer import Service
from minzheng.office.benefits import changing
from minzheng.office.benefits.consumers import review_on_move, stop_on_death
from minzheng.office.benefits.due import due_of
from minzheng.office.benefits.granting import Covered, do_grant
from minzheng.office.benefits.models import EntitlementAmount, EntitlementMember, EntitlementPause, Review
from minzheng.office.benefits.tests.kit import (
    DEC,
    MUG,
    NEIGHBOUR_VILLAGE,
    NOV,
    OCT,
    OTHER_VILLAGE,
    TEAPOT,
    TODAY,
    VILLAGE,
    counts,
    fresh,
    grant,
    grant_args,
    run_outbox,
    set_day,
)
from minzheng.testing import Cast, acting_as, as_owner

HEARD = dt.date(2026, 11, 20)
TABLES = ("benefits_entitlementamount", "benefits_entitlementpause", "benefits_entitlementchange", "benefits_review")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def change(people: Cast, row, **changes):
    args = {"from_month": DEC, "monthly_fen": 100_000, "decision": "茶变字1号", "reason": "收入变化", "by": people.approver}
    with acting_as(changes.get("by", people.approver)):
        return changing.do_change_amount(row.number, **{**args, **changes})


def due(people: Cast, row, month: dt.date) -> int:
    with acting_as(people.approver):
        return due_of(row.pk, TEAPOT, fresh(people, row).jurisdiction, month)


def death_of(person: int, number: int = 1, day: str = "2026-11-20") -> Event:
    return Event(number, "registry.person_died", f"person:{person}", 1, VILLAGE,
                 {"person_id": person, "death_date": day}, None, Service("死亡通报", "320000000000"))


def deliver(work, event: Event) -> None:
    with acting_as(event.by):
        work(event)


def test_a_new_amount_is_a_dated_row_and_the_old_one_stays(people: Cast) -> None:
    row = grant(people)
    change(people, row)
    assert (due(people, row, NOV), due(people, row, DEC)) == (96_500, 100_000)
    with acting_as(people.approver):
        assert EntitlementAmount.objects.count() == 2


def test_an_amount_is_never_edited_or_deleted_even_by_the_owner(people: Cast) -> None:
    row = grant(people)
    for verb in (lambda: EntitlementAmount.objects.update(fen=1), lambda: EntitlementAmount.objects.all().delete()):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            verb()
    assert due(people, row, NOV) == 96_500


@pytest.mark.parametrize(("changes", "said"), [
    ({"monthly_fen": 90_000}, "听取当事人意见"),
    ({"monthly_fen": 90_000, "heard_on": dt.date(2026, 11, 25)}, "不能晚于今天"),
    ({"monthly_fen": 90_000, "heard_on": HEARD, "from_month": NOV}, "只能从下个月起"),
    ({"from_month": dt.date(2026, 8, 1)}, "起算月份"), ({"from_month": dt.date(2028, 1, 1)}, "起算月份"),
    ({"from_month": dt.date(2026, 12, 2)}, "当月 1 日"), ({"decision": ""}, "决定书"), ({"reason": " "}, "原因"),
    ({"monthly_fen": 0}, "月标准"), ({"leaving": [5]}, "不在保障人员"),
])  # fmt: skip
def test_a_faulty_change_is_refused_and_nothing_changes(people: Cast, changes: dict, said: str) -> None:
    row = grant(people)
    before = counts(*TABLES)
    with pytest.raises(Refused, match=said):
        change(people, row, **changes)
    assert counts(*TABLES) == before and fresh(people, row).version == row.version


def test_a_cut_after_a_hearing_counts_from_next_month(people: Cast) -> None:
    row = grant(people)
    change(people, row, monthly_fen=50_000, heard_on=HEARD)
    assert (due(people, row, NOV), due(people, row, DEC)) == (96_500, 50_000)


def test_a_member_who_leaves_is_free_for_another_benefit(people: Cast) -> None:
    row = grant(people, n=701)
    change(people, row, monthly_fen=50_000, heard_on=HEARD, leaving=[7011])
    assert fresh(people, row).persons == 1
    with acting_as(people.approver):
        args = grant_args(people.approver, n=702, scheme=MUG, head_person=7011, decided_on=dt.date(2026, 11, 24),
                          members=[Covered(7011, "茶小杯", "户主")])
        assert do_grant(**args).start_month == DEC


def test_every_stopping_verb_is_for_the_posts_that_have_it(people: Cast) -> None:
    verbs = {
        "suspend": (lambda row, by: changing.do_suspend(row.number, cause="income", reason="收入变化", by=by),
                    changing.STOP_ROLES),
        "end": (lambda row, by: changing.do_end(row.number, cause="death", last_month=NOV, reason="死亡", by=by),
                changing.GRANT_ROLES),
        "change": (lambda row, by: changing.do_change_amount(
            row.number, from_month=DEC, monthly_fen=99_000, decision="x", reason="x", by=by), changing.GRANT_ROLES),
        "move": (lambda row, by: changing.do_move(row.number, to=OTHER_VILLAGE, household_id=None, reason="搬迁", by=by),
                 changing.STOP_ROLES),
        "grace": (lambda row, by: changing.do_start_grace(row.number, cause="income", until=DEC, decision="x", reason="就业", by=by),
                  changing.GRANT_ROLES),
    }  # fmt: skip
    for name, (verb, roles) in verbs.items():
        for officer in people.officers():
            row = grant(people)
            before = counts(*TABLES)
            with acting_as(officer):
                if officer.role in roles and officer.reaches(VILLAGE):
                    verb(row, officer)
                    continue
                with pytest.raises(NotFound if officer.role in roles else NotAllowed):
                    verb(row, officer)
            assert counts(*TABLES) == before, (name, officer.role)
        row = grant(people)
        with acting_as(people.citizen), pytest.raises(NotAllowed):
            verb(row, people.citizen)


def test_a_suspended_benefit_is_not_due_until_it_is_resumed(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.county):
        changing.do_suspend(row.number, cause="income", reason="收入变化", by=people.county)
        changing.do_suspend(row.number, cause="income", reason="再点一次", by=people.county)
    assert (due(people, row, OCT), due(people, row, NOV), due(people, row, DEC)) == (96_500, 0, 0)
    assert counts("benefits_entitlementpause") == {"benefits_entitlementpause": 1}


@pytest.mark.parametrize(("arrears", "november"), [(True, 96_500), (False, 0)])
def test_resuming_says_whether_the_pause_is_paid_afterwards(
        people: Cast, monkeypatch: pytest.MonkeyPatch, arrears: bool, november: int) -> None:
    row = grant(people)
    with acting_as(people.county):
        changing.do_suspend(row.number, cause="income", reason="收入变化", by=people.county)
    set_day(monkeypatch, dt.date(2026, 12, 3))
    with acting_as(people.approver):
        changing.do_resume(row.number, reason="核实无误", arrears=arrears, by=people.approver)
        assert EntitlementPause.objects.get().to_month == NOV
    assert (due(people, row, NOV), due(people, row, DEC)) == (november, 96_500)


def test_resuming_what_is_not_suspended_is_refused(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.approver), pytest.raises(Refused, match="没有暂停"):
        changing.do_resume(row.number, reason="x", arrears=False, by=people.approver)


def test_ending_frees_the_members_and_needs_a_hearing_unless_dead(people: Cast) -> None:
    row = grant(people, n=703)
    with acting_as(people.approver):
        with pytest.raises(Refused, match="听取当事人意见"):
            changing.do_end(row.number, cause="income", last_month=NOV, reason="收入超标", decision="x", by=people.approver)
        with pytest.raises(Refused, match="决定书"):
            changing.do_end(row.number, cause="income", last_month=NOV, reason="x", heard_on=HEARD, by=people.approver)
        changing.do_end(row.number, cause="income", last_month=NOV, reason="收入超标", decision="x", heard_on=HEARD,
                        by=people.approver)
        again = grant_args(people.approver, n=704, head_person=7030, decided_on=TODAY,
                           members=[Covered(7030, "茶小壶", "户主")])
        assert do_grant(**again).start_month == DEC
        with pytest.raises(Refused, match="已终止"):
            change(people, row)
    assert (due(people, row, NOV), due(people, row, DEC)) == (96_500, 0)


def test_grace_lasts_six_months_at_most(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.approver):
        with pytest.raises(Refused, match="不超过 6 个月"):
            changing.do_start_grace(row.number, cause="income", until=dt.date(2027, 6, 1), decision="x", reason="就业", by=people.approver)
        changing.do_start_grace(row.number, cause="income", until=dt.date(2027, 5, 1), decision="x", reason="就业", by=people.approver)
    assert (due(people, row, dt.date(2027, 5, 1)), due(people, row, dt.date(2027, 6, 1))) == (96_500, 0)


def test_a_move_within_the_county_takes_all_rows_along(people: Cast) -> None:
    row = grant(people)
    change(people, row)
    with acting_as(people.county):
        changing.do_move(row.number, to=OTHER_VILLAGE, household_id=5, reason="搬迁", by=people.county)
        with pytest.raises(Refused, match="由迁入地"):
            changing.do_move(row.number, to=NEIGHBOUR_VILLAGE, household_id=5, reason="搬迁", by=people.county)
    with acting_as(people.village):
        assert not EntitlementAmount.objects.exists() and not EntitlementMember.objects.exists()
    with acting_as(people.township):
        assert set(EntitlementAmount.objects.values_list("jurisdiction", flat=True)) == {OTHER_VILLAGE}


def test_the_death_of_the_head_suspends_at_once_and_opens_one_review(people: Cast) -> None:
    row = grant(people)
    deliver(stop_on_death, death_of(row.head_id))
    deliver(stop_on_death, death_of(row.head_id, number=2))
    now = fresh(people, row)
    assert (now.status, now.on_hold, due(people, row, NOV)) == ("suspended", True, 0)
    with acting_as(people.approver):
        assert list(Review.objects.values_list("cause", "holds")) == [("death", True)]


def test_the_death_of_another_member_holds_the_payment_for_review(people: Cast) -> None:
    row = grant(people)
    deliver(stop_on_death, death_of(row.head_id + 1))
    now = fresh(people, row)
    assert (now.status, now.on_hold) == ("active", True)
    with acting_as(people.approver):
        changing.do_close_review(row.number, f"death:{row.head_id + 1}", outcome="已核减一人", by=people.approver)
        with pytest.raises(Refused, match="已办结"):
            changing.do_close_review(row.number, f"death:{row.head_id + 1}", outcome="再点一次", by=people.approver)
    assert not fresh(people, row).on_hold


def test_a_death_is_heard_in_whatever_county_the_person_is_paid(people: Cast) -> None:
    with acting_as(people.neighbour):
        there = do_grant(**grant_args(people.neighbour, jurisdiction=NEIGHBOUR_VILLAGE))
    deliver(stop_on_death, death_of(there.head_id))
    with acting_as(people.neighbour):
        there.refresh_from_db()
        assert there.status == "suspended"


@pytest.mark.parametrize(("to", "held"), [(OTHER_VILLAGE, False), (NEIGHBOUR_VILLAGE, True)])
def test_a_move_opens_a_review_and_holds_only_when_it_leaves_the_county(people: Cast, to: str, held: bool) -> None:
    row = grant(people)
    event = Event(7, "registry.person_moved", "person:1", 1, VILLAGE, {"person_id": row.head_id, "to": to}, None,
                  Service("迁移", "320000000000"))
    deliver(review_on_move, event)
    deliver(review_on_move, event)
    assert fresh(people, row).on_hold is held
    with acting_as(people.approver):
        assert Review.objects.count() == 1


def test_a_death_arrives_through_the_outbox(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = grant(people)
    with acting_as(people.data_officer):
        events.emit("registry.person_died", aggregate=f"person:{row.head_id}", jurisdiction=VILLAGE,
                    payload={"person_id": row.head_id, "death_date": "2026-11-20"})
    run_outbox(monkeypatch)
    assert fresh(people, row).status == "suspended"
