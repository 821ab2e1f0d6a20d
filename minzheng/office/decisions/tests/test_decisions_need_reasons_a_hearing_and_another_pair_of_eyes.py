from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.cases.models import Case
from minzheng.office.decisions import actions, hearings, queries
from minzheng.office.decisions.actions import Draft, do_decide, do_revoke
from minzheng.office.decisions.models import Decision, Hearing, HearingTry
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.teahouse import make_case, published

MONTH = dt.date(2026, 12, 1)
CONFIRM = Draft("confirm", "两位茶客,符合章程。", ["茶馆章程第二条"], amount_fen=12_300, from_month=MONTH,
                assessment={"amount_fen": 12_300, "conditions": [{"title": "茶客人数", "value": 2}]})
REFUSE = Draft("refuse", "茶杯照片与章程第三条要求不符。", ["茶馆章程第三条"], remedy="可在收到之日起申请复议")
CUT = Draft("cut", "茶客减少一位,按章程第五条减少茶点。", ["茶馆章程第五条"], amount_fen=6_000, from_month=MONTH,
            remedy="可在收到之日起申请复议")


@pytest.fixture
def case(people: Cast) -> Iterator[Case]:
    with published():
        yield make_case(created_by=people.clerk.account_id)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def decide(case: Case, draft: Draft, by: Officer) -> Decision:
    with acting_as(by):
        return do_decide(fresh(case), draft, by=by)


def hear(case: Case, by: Officer, **changes: Any) -> Hearing:
    values = {"about": "cut", "outcome": "heard", "person_name": "张建国", "told": "拟减少茶点",
              "statement": "不同意"} | changes
    with acting_as(by):
        return hearings.do_hear(case.code, by=by, **values)


def nothing_decided(case: Case, state: str = "accepted") -> None:
    with as_owner():
        assert not Decision.objects.exists()
        assert fresh(case).state == state


def test_a_confirmed_case_is_decided_and_keeps_the_assessment_of_that_day(people: Cast, case: Case) -> None:
    decision = decide(case, CONFIRM, people.approver)
    with acting_as(people.approver):
        found = queries.standing_decision(case)
        assert found is not None and found.assessed == CONFIRM.assessment
        assert found.number == decision.number and found.document
        assert fresh(case).state == "decided"


def test_numbers_run_without_gaps_even_when_a_decision_fails(people: Cast, case: Case) -> None:
    first = decide(case, CONFIRM, people.approver)
    with pytest.raises(Refused):
        decide(case, CONFIRM, people.leader)
    second = decide(make_case(2, household=101, applicant=9), CONFIRM, people.approver)
    assert first.number.endswith("〕1号") and second.number.endswith("〕2号")


@pytest.mark.parametrize("who", ["province", "city", "county", "clerk", "village", "reviewer", "finance",
                                 "data_officer"])
def test_only_the_countys_deciders_decide(people: Cast, case: Case, who: str) -> None:
    with pytest.raises(NotAllowed):
        decide(case, CONFIRM, getattr(people, who))
    nothing_decided(case)


def test_the_township_decides_where_the_county_has_delegated_it(people: Cast) -> None:
    with published():
        delegated = make_case(flags={"delegated": True})
        assert decide(delegated, CONFIRM, people.reviewer).decided_by == people.reviewer.account_id


def test_the_neighbouring_county_sees_neither_case_nor_decision(people: Cast, case: Case) -> None:
    number = decide(case, CONFIRM, people.approver).number
    with acting_as(people.neighbour):
        assert not Decision.objects.exists()
        with pytest.raises(NotFound):
            actions.get_decision_for(people.neighbour, number)
        with pytest.raises(DatabaseError), transaction.atomic():
            do_decide(case, replace(CONFIRM, kind="refuse", amount_fen=None, remedy="复议复议"), by=people.neighbour)


def test_whoever_entered_the_case_does_not_decide_it(people: Cast) -> None:
    with published():
        own = make_case(created_by=people.approver.account_id)
        with pytest.raises(NotAllowed, match="录入"):
            decide(own, CONFIRM, people.approver)
        nothing_decided(own)


@pytest.mark.parametrize(("change", "field"), [
    ({"kind": "revoke"}, "kind"), ({"kind": "burn"}, "kind"), ({"reasons": " "}, "reasons"),
    ({"legal_basis": [" "]}, "legal_basis"), ({"amount_fen": None}, "amount_fen"), ({"amount_fen": 0}, "amount_fen"),
    ({"amount_fen": 2_147_483_648}, "amount_fen"), ({"from_month": None}, "from_month"),
    ({"from_month": dt.date(2026, 12, 2)}, "from_month"),
    ({"kind": "refuse", "reasons": "章程不符"}, "reasons"),
    ({"kind": "refuse", "reasons": "茶杯照片与章程第三条要求不符"}, "remedy"),
    ({"kind": "refuse", "reasons": "茶杯照片与章程第三条要求不符", "remedy": "复议"}, "amount_fen"),
])
def test_an_incomplete_decision_is_refused(people: Cast, case: Case, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        decide(case, replace(CONFIRM, **change), people.approver)
    assert refusal.value.field == field
    nothing_decided(case)


@pytest.mark.parametrize("state", ["submitted", "supplement", "withdrawn", "closed"])
def test_a_case_that_is_not_accepted_is_not_decided(people: Cast, case: Case, state: str) -> None:
    with as_owner():
        Case.objects.filter(pk=case.pk).update(state=state)
    with pytest.raises(Refused):
        decide(case, CONFIRM, people.approver)
    nothing_decided(case, state)


def test_a_cut_without_a_hearing_is_refused(people: Cast, case: Case) -> None:
    with pytest.raises(Refused, match="听取"):
        decide(case, CUT, people.approver)
    nothing_decided(case)


def test_a_hearing_about_an_end_does_not_carry_a_cut_and_none_carries_two(people: Cast, case: Case) -> None:
    hear(case, people.clerk, about="end")
    with pytest.raises(Refused, match="听取"):
        decide(case, CUT, people.approver)
    hearing = hear(case, people.clerk)
    assert decide(case, CUT, people.approver).hearing == hearing
    with pytest.raises(Refused, match="听取"):
        decide(case, CUT, people.approver)


def test_whoever_is_called_unreachable_was_tried_three_times(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        for count in range(3):
            with pytest.raises(Refused, match=f"记录了 {count} 次"):
                hearings.do_hear(case.code, by=people.clerk, about="cut", outcome="unreachable", person_name="张建国",
                                 told="拟减少茶点")
            hearings.do_try(case.code, by=people.clerk, way="phone", text="无人接听")
    assert hear(case, people.clerk, outcome="unreachable", statement="").tries == 3


@pytest.mark.parametrize(("change", "field"), [
    ({"about": "confirm"}, "about"), ({"outcome": "maybe"}, "outcome"), ({"statement": " "}, "statement"),
    ({"told": ""}, "told"), ({"person_name": ""}, "person_name"),
    ({"heard_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}, "heard_at"),
    ({"outcome": "deceased", "statement": ""}, "statement"),
])
def test_an_incomplete_hearing_is_refused(people: Cast, case: Case, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        hear(case, people.clerk, **change)
    assert refusal.value.field == field
    with as_owner():
        assert not Hearing.objects.exists()


def test_what_was_decided_cannot_be_changed_or_deleted_even_by_the_owner(people: Cast, case: Case) -> None:
    decide(case, CONFIRM, people.approver)
    with as_owner():
        for change in ({"amount_fen": 1}, {"reasons": "改"}, {"assessment": "{}"}, {"document": 99}, {"decided_by": 1}):
            with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
                Decision.objects.update(**change)
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            Decision.objects.all().delete()
        assert Decision.objects.get().amount_fen == 12_300


def test_a_leader_revokes_a_wrong_decision_and_a_new_one_takes_its_place(people: Cast, case: Case) -> None:
    wrong = decide(case, CONFIRM, people.approver)
    with acting_as(people.leader):
        paper = do_revoke(wrong.number, by=people.leader, reasons="茶客人数核对有误,应为三位。",
                          legal_basis=["茶馆章程第九条"])
        assert (paper.kind, paper.supersedes) == ("revoke", wrong)
        assert queries.standing_decision(case) is None
        with pytest.raises(Refused, match="已经撤销"):
            do_revoke(wrong.number, by=people.leader, reasons="茶客人数核对有误,应为三位。", legal_basis=["第九条"])
    with pytest.raises(Refused):
        decide(case, CONFIRM, people.approver)
    right = decide(case, replace(CONFIRM, amount_fen=15_000, supersedes=wrong.number), people.approver)
    with acting_as(people.approver):
        assert queries.standing_decision(case) == right


def test_nobody_revokes_the_own_decision_and_only_leaders_revoke(people: Cast, case: Case) -> None:
    wrong = decide(case, CONFIRM, people.leader)
    for who in (people.leader, people.approver, people.county, people.clerk, people.city):
        with acting_as(who), pytest.raises(NotAllowed):
            do_revoke(wrong.number, by=who, reasons="茶客人数核对有误,应为三位。", legal_basis=["茶馆章程第九条"])
    with as_owner():
        assert Decision.objects.get().revoked_at is None
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.update(revoked_by=people.leader.account_id)


def test_a_citizen_reads_the_own_decision_only(people: Cast, case: Case) -> None:
    decide(case, CONFIRM, people.approver)
    hear(case, people.clerk)
    with acting_as(people.clerk):
        hearings.do_try(case.code, by=people.clerk, way="visit", text="不在家")

    def seen(who: Citizen) -> tuple[int, int]:
        with acting_as(who):
            with pytest.raises(DatabaseError), transaction.atomic():
                HearingTry.objects.count()
            return Decision.objects.count(), Hearing.objects.count()

    assert seen(people.citizen) == (1, 1)
    assert seen(people.other_citizen) == (0, 0)


def test_decisions_follow_the_case_to_another_jurisdiction(people: Cast, case: Case) -> None:
    decide(case, CONFIRM, people.approver)
    with as_owner():
        Case.objects.filter(pk=case.pk).update(jurisdiction="320581100000")
    with acting_as(people.neighbour):
        assert Decision.objects.count() == 1
    with acting_as(people.approver):
        assert not Decision.objects.exists()
