"""From the officer's form to the department's answer, and what a bad department, a second press or a neighbour changes."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base import clock, flow
from minzheng.base.audit import trail_of
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.data.exchange.models import ExchangeRecord
from minzheng.office.notices.models import Notice
from minzheng.scenes.assistance.aid import Consent
from minzheng.scenes.assistance.referrals import actions
from minzheng.scenes.assistance.referrals.models import NEXT, OPEN, STATES, Referral, ReferralEvent
from minzheng.scenes.assistance.referrals.tests.conftest import look, refer, rounds
from minzheng.scenes.assistance.tests.carrying import own
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.unchanged import state
from simulators.server import Simulators

pytestmark = pytest.mark.django_db(databases=["default", "aside"])


def at_the_department(departments: Simulators, code: str = "social_security") -> list[tuple[str, str]]:
    return departments.desks[code].store.connection.execute("SELECT number, request FROM referrals").fetchall()


def kinds(row: Referral) -> list[str]:
    with as_owner():
        return list(ReferralEvent.objects.filter(referral=row).order_by("id").values_list("kind", flat=True))


def test_it_is_sent_accepted_and_done_and_the_person_is_told(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    rounds()
    assert look(row).state == "sent" and look(row).receipt
    rounds()
    assert look(row).state == "accepted"
    rounds()
    done = look(row)
    assert done.state == "done" and "岗位" in done.answer and done.given_on == clock.today() and done.step == ""
    assert kinds(row) == ["made", "sent", "accepted", "done"]
    with as_owner():
        assert Notice.objects.filter(person=zhang.head.pk, template="referral.told").count() >= 2
    with acting_as(people.clerk):
        assert flow.open_tasks(row.number) == []
    before = departments.desks["social_security"].asked
    rounds(2)
    assert departments.desks["social_security"].asked == before


def test_only_the_minimum_leaves(people: Cast, zhang: Family, departments: Simulators) -> None:
    refer(people, zhang)
    rounds()
    (_, request), = at_the_department(departments)
    sent = json.loads(request)
    assert sent["subject"] == {"id_number": zhang.numbers[0], "name": "张建国"}
    assert set(sent["query"]) == {"referral", "ask", "ask_title", "basis", "office"}
    assert "失业半年" not in request and "16000000001" not in request and "李秀英" not in request
    with as_owner():
        assert set(ExchangeRecord.objects.values_list("subject_person", flat=True)) == {zhang.head.pk}


def test_a_phone_number_leaves_only_where_the_person_wants_it(people: Cast, zhang: Family, departments: Simulators) -> None:
    refer(people, zhang, phone=True)
    rounds()
    assert json.loads(at_the_department(departments)[0][1])["query"]["phone"] == "16000000001"


@pytest.mark.parametrize("fault", [{"down": "503"}, {"down": "refuse"}, {"wrong": "signature"}, {"wrong": "body"}])
def test_a_dead_or_lying_department_loses_and_doubles_nothing(people: Cast, zhang: Family, departments: Simulators,
                                                              fault: dict[str, str]) -> None:
    row = refer(people, zhang)
    desk = departments.desks["social_security"]
    for name, value in fault.items():
        if value == "refuse":
            desk.switches.set({"down": "503"})
        else:
            desk.switches.set({name: value})
    rounds(3)
    waiting = look(row)
    assert waiting.state == "queued" and waiting.step == "send" and waiting.attempts == 3 and waiting.problem
    assert kinds(row) == ["made", "unreached"]
    desk.switches.clear()
    from minzheng.data.exchange.breaker import BREAKER
    BREAKER.reset()
    rounds()
    assert look(row).state == "sent" and len(at_the_department(departments)) == 1


def test_an_answer_lost_on_the_way_back_is_asked_for_again_without_a_double(people: Cast, zhang: Family,
                                                                            departments: Simulators) -> None:
    row = refer(people, zhang)
    desk = departments.desks["social_security"]
    desk.switches.set({"wrong": "signature"})
    rounds(2)
    assert len(at_the_department(departments)) == 1 and look(row).state == "queued"
    desk.switches.clear()
    rounds()
    assert look(row).state == "sent" and len(at_the_department(departments)) == 1


def test_a_department_that_lost_the_number_hears_it_again(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    rounds()
    departments.desks["social_security"].store.connection.execute("DELETE FROM referrals")
    rounds(2)
    assert look(row).state == "sent" and len(at_the_department(departments)) == 1
    rounds(2)
    assert look(row).state == "done"


def test_an_answer_that_says_nothing_is_not_believed(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    rounds()
    departments.desks["social_security"].switches.set({"referral": "garbled"})
    rounds()
    kept = look(row)
    assert kept.state == "sent" and "没有采信" in kept.problem and kept.answer == ""


def test_a_refusal_by_the_department_leaves_a_task_to_tell_the_person(people: Cast, zhang: Family,
                                                                      departments: Simulators) -> None:
    departments.desks["social_security"].switches.set({"referral": "decline"})
    row = refer(people, zhang)
    rounds(2)
    assert look(row).state == "declined" and "不符合" in look(row).answer
    with acting_as(people.clerk):
        assert [task.key for task in flow.open_tasks(row.number)] == ["tell"]
        actions.do_tell(row.number, text="已当面告知,改为推荐参加街道招聘会", by=people.clerk)
        assert flow.open_tasks(row.number) == []


def test_what_is_late_is_reported_to_the_next_level(people: Cast, zhang: Family, departments: Simulators) -> None:
    departments.desks["social_security"].switches.set({"referral": "wait"})
    row = refer(people, zhang)
    rounds()
    with as_owner():
        assert flow.escalate(clock.now() + dt.timedelta(days=30)) == 1
    with acting_as(people.county):
        assert {(task.kind, task.level) for task in flow.open_tasks(row.number)} == {("task", 4), ("notice", 3)}


def test_a_reminder_is_heard_at_the_department(people: Cast, zhang: Family, departments: Simulators) -> None:
    departments.desks["social_security"].switches.set({"referral": "wait"})
    row = refer(people, zhang)
    rounds()
    with acting_as(people.clerk):
        actions.do_remind(row.number, version=look(row).version, by=people.clerk)
        with pytest.raises(Stale):
            actions.do_remind(row.number, version=look(row).version - 1, by=people.clerk)
    assert look(row).reminders == 1


def test_a_withdrawal_reaches_the_department(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    rounds()
    with acting_as(people.clerk):
        actions.do_withdraw(row.number, reason="本人不再同意转介", version=look(row).version, by=people.clerk)
    rounds()
    assert look(row).state == "withdrawn" and look(row).step == ""
    states = departments.desks["social_security"].store.connection.execute("SELECT state FROM referrals").fetchall()
    assert states == [("withdrawn",)]


def test_what_never_left_is_withdrawn_in_silence(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    with as_owner():
        Referral.objects.update(next_at=clock.now() - dt.timedelta(minutes=1))
    with acting_as(people.clerk):
        actions.do_withdraw(row.number, reason="填错了,撤回", version=look(row).version, by=people.clerk)
    rounds()
    assert look(row).step == "" and at_the_department(departments) == []


def test_an_answer_by_telephone_ends_it(people: Cast, zhang: Family, departments: Simulators) -> None:
    row = refer(people, zhang)
    rounds()
    with acting_as(people.clerk):
        actions.do_take_answer(row.number, outcome="done", text="来电:已安排公益性岗位", given_on=clock.today(),
                               version=look(row).version, by=people.clerk)
    assert look(row).state == "done" and look(row).step == ""


def test_two_presses_make_one_referral(people: Cast, zhang: Family, departments: Simulators) -> None:
    first, second = refer(people, zhang), refer(people, zhang)
    assert first.pk == second.pk
    with pytest.raises(Refused, match="正在办理"):
        refer(people, zhang, key="r2")
    rounds()
    assert len(at_the_department(departments)) == 1


@pytest.mark.parametrize(("change", "says"), [
    ({"consent": Consent(-1, dt.date(2026, 11, 1), "signed")}, "同意人"), ({"reason": "太短"}, "原因"),
    ({"department": "police"}, "转介到哪里"), ({"ask": "money"}, "转介到哪里"), ({"basis": "recognised"}, "没有有效的认定"),
    ({"person": 10**9}, "家庭成员")])
def test_a_refused_referral_changes_nothing(people: Cast, zhang: Family, change: dict[str, object], says: str) -> None:
    before = state()
    whom = zhang.head
    values = {"person": whom.pk, "department": "employment", "ask": "work", "basis": "other", "phone": False, "key": "r1",
              "reason": "失业半年,愿意工作,需要推荐岗位", "consent": Consent(whom.pk, clock.today(), "signed"), **change}
    with acting_as(people.clerk), pytest.raises(Refused, match=says):
        actions.do_refer(zhang.household.pk, by=people.clerk, **values)
    assert state() == before


def test_nobody_consents_for_another_adult_and_a_guardian_does_for_a_child(people: Cast, zhang: Family) -> None:
    head, wife, child = zhang.people
    with pytest.raises(Refused, match="本人同意"):
        refer(people, zhang, person=1, consent=Consent(head.pk, clock.today(), "signed"))
    with pytest.raises(Refused, match="18 周岁"):
        refer(people, zhang, person=2, department="education", ask="fee", consent=Consent(child.pk, clock.today(), "signed"))
    row = refer(people, zhang, person=2, department="education", ask="fee", key="r9")
    assert row.consent_name == "张建国" and wife.pk != row.consent_person


def test_the_neighbour_and_posts_without_the_role_reach_nothing(people: Cast, zhang: Family) -> None:
    row = refer(people, zhang)
    before = state()
    with acting_as(people.neighbour_clerk):
        assert not Referral.objects.exists()
        with pytest.raises(NotFound):
            actions.get_referral_for(people.neighbour_clerk, row.number)
        with pytest.raises(NotFound):
            actions.do_refer(zhang.household.pk, person=zhang.head.pk, department="employment", ask="work", basis="other",
                             reason="试一试能不能转介", consent=Consent(zhang.head.pk, clock.today(), "signed"), phone=False,
                             key="n", by=people.neighbour_clerk)
    with acting_as(people.finance), pytest.raises(NotAllowed):
        actions.do_withdraw(row.number, reason="无权撤回", version=1, by=people.finance)
    assert state() == before


def test_a_citizen_sees_the_own_referral_and_no_other(people: Cast, zhang: Family) -> None:
    refer(people, zhang)
    with acting_as(own(people, zhang)):
        assert Referral.objects.count() == 1
    with acting_as(people.other_citizen):
        assert Referral.objects.count() == 0


def test_every_look_is_on_record_for_the_person(people: Cast, zhang: Family) -> None:
    row = refer(people, zhang)
    with acting_as(people.county):
        actions.get_referral_for(people.county, row.number)
        assert {record.action for record in trail_of("referral", row.number)} >= {"referral.made", "referral.read"}


def test_what_a_referral_says_is_never_changed(people: Cast, zhang: Family) -> None:
    from django.db import DatabaseError, transaction

    row = refer(people, zhang)
    with acting_as(people.clerk), pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.filter(pk=row.pk).update(message_mac=b"x")
    with acting_as(people.clerk), pytest.raises(DatabaseError), transaction.atomic():
        ReferralEvent.objects.filter(referral=row).update(text="x")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(STATES)), max_size=8))
def test_no_order_of_answers_leaves_an_end(moves: list[str]) -> None:
    """The state machine alone: ends are final, and only drawn ways are gone."""
    now = "queued"
    for wanted in moves:
        if wanted in NEXT[now]:
            assert now in OPEN
            now = wanted
        elif now not in OPEN:
            assert NEXT[now] == ()
