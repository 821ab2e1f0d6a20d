from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base import clock, events
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    SERVED,
    act,
    act_by_page,
    case_of,
    decisions_on,
    get,
    neighbours_refused,
    open_keys,
    post,
    queries,
    submitted,
    text,
)
from minzheng.office.cases.models import CaseEvent, CaseMember
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import VILLAGE

pytestmark = pytest.mark.usefixtures("own_store")
FACTS = "11 月 20 日、23 日两次上门,申请人拒绝提供收入情况,也不让进门。"


def address(code: str) -> str:
    return f"/desk/assistance/cases/{code}/stop/"


def accepted(people: Cast, family: Family) -> str:
    code = submitted(people, family)
    act(people.clerk, code, "review", "accept")
    return code


def test_refusal_to_cooperate_is_proposed_decided_and_served(people: Cast, zhang: Family) -> None:
    code = accepted(people, zhang)
    there = address(code)
    assert there in text(get(people.clerk, f"/desk/cases/{code}/"))
    sent = {"cause": "refused", "reason": FACTS, "version": case_of(code).version}
    for who in (people.approver, people.reviewer, people.village, people.finance):
        assert post(who, there, **sent).status_code in (403, 422)
    neighbours_refused(people, there, **sent)
    assert post(people.clerk, there, **{**sent, "reason": "不配合"}).status_code == 422
    assert post(people.clerk, there, **{**sent, "version": 99}).status_code == 409
    assert "stop" not in case_of(code).flags
    assert post(people.clerk, there, **sent).status_code == 302
    assert case_of(code).state == "accepted" and open_keys(code) >= {"visit"}
    assert FACTS in text(get(people.approver, there))
    version = case_of(code).version
    yes = {"agree": "yes", "comment": "事实清楚,同意终止。", "version": version}
    for who in (people.clerk, people.finance):
        assert post(who, there, **yes).status_code in (403, 422)
    assert decisions_on(code) == []
    assert post(people.approver, there, **yes).status_code == 302
    row = decisions_on(code)[0]
    assert row.kind == "refuse" and "第二十九条" in row.legal_basis and FACTS in row.reasons and row.remedy
    assert open_keys(code) == {"serve"} and case_of(code).state == "decided"
    done = act_by_page(people.clerk, code, "serve", "served", **{**SERVED, "served_on": clock.today().isoformat()})
    assert done.status_code == 302, text(done)[:1500]
    assert case_of(code).state == "closed" and open_keys(code) == set()


def test_a_declined_proposal_lets_the_case_go_on(people: Cast, zhang: Family) -> None:
    code = accepted(people, zhang)
    before = open_keys(code)
    post(people.clerk, address(code), cause="refused", reason=FACTS, version=case_of(code).version)
    done = post(people.approver, address(code), agree="no", comment="请再联系一次申请人。", version=case_of(code).version)
    assert done.status_code == 302
    case = case_of(code)
    assert case.state == "accepted" and "stop" not in case.flags and open_keys(code) == before
    assert decisions_on(code) == []


def test_who_never_completes_the_papers_is_not_taken_in_and_told_in_writing(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    act(people.clerk, code, "review", "supplement", data={"missing": "重特大疾病诊断证明"})
    assert open_keys(code) == set()
    assert post(people.clerk, address(code), cause="refused", reason=FACTS, version=case_of(code).version).status_code == 302
    assert case_of(code).state == "rejected" and open_keys(code) == {"serve"}
    act(people.clerk, code, "serve", "served", data={**SERVED, "served_on": clock.today()})
    assert open_keys(code) == set() and case_of(code).closed_at is not None


def test_the_clerk_records_a_death_and_the_case_ends(people: Cast, zhang: Family) -> None:
    code = accepted(people, zhang)
    sent = {"cause": "death", "reason": "家属持死亡证明来窗口,11 月 22 日去世。", "version": case_of(code).version}
    assert post(people.reviewer, address(code), **sent).status_code == 403
    assert case_of(code).state == "accepted"
    assert post(people.clerk, address(code), **sent).status_code == 302
    assert case_of(code).state == "ended" and open_keys(code) == set()
    assert post(people.clerk, address(code), **{**sent, "version": case_of(code).version}).status_code == 422


def tell_of_death(people: Cast, person: int) -> None:
    with acting_as(people.county):
        events.emit("registry.person_died", aggregate=f"person:{person}", jurisdiction=VILLAGE,
                    payload={"person_id": person, "death_date": dt.date(2026, 11, 22).isoformat()})
    deliver_events()


def test_a_registered_death_ends_a_single_household_and_only_notes_it_for_others(people: Cast, zhang: Family) -> None:
    code = accepted(people, zhang)
    tell_of_death(people, zhang.head.pk)
    assert case_of(code).state == "accepted"
    with as_owner():
        assert CaseEvent.objects.filter(kind="applicant_died").count() == 1
        CaseMember.objects.exclude(person=zhang.head.pk).update(counted=False, reason="不共同生活")
    tell_of_death(people, zhang.head.pk)
    assert case_of(code).state == "ended" and open_keys(code) == set()


def test_the_pages_stay_cheap(people: Cast, zhang: Family) -> None:
    code = accepted(people, zhang)
    assert queries(people.clerk, address(code)) <= MOST_QUERIES
    assert queries(people.clerk, f"/desk/cases/{code}/") <= MOST_QUERIES
