"""对决定的异议: a task with a limit for a leader who did not decide, a written answer that the person reads."""

from __future__ import annotations

import pytest

from minzheng.base import clock, flow, workdays
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    closed,
    decisions_on,
    get,
    hidden,
    neighbours_refused,
    officer,
    own,
    post,
    queries,
    text,
)
from minzheng.office.decisions.models import Objection
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import COUNTY

pytestmark = pytest.mark.usefixtures("own_store")
Patch = pytest.MonkeyPatch
SAID = "我妻子的工资已经停发,金额算错了。"
MAINTAIN = {"outcome": "maintain", "answer": "经复核,核对报告和工资单一致,原决定认定事实清楚。",
            "legal_basis": "《中华人民共和国社会救助法》第十八条", "remedy": "可以向昆山市人民政府申请行政复议。"}


def objected(people: Cast, zhang: Family, monkeypatch: Patch) -> str:
    """The citizen objects on the phone to the decision on a closed case."""
    code = closed(people, zhang, monkeypatch)
    own(people, code)
    page = get(people.citizen, f"/my/cases/{code}/")
    assert f"decision:{decisions_on(code)[-1].number}" in text(page)
    done = post(people.citizen, f"/my/cases/{code}/object", about=f"decision:{decisions_on(code)[-1].number}", text=SAID,
                version=hidden(page, "version"))
    assert done.status_code == 302, text(done)[:1500]
    return code


def rows() -> list[Objection]:
    with as_owner():
        return list(Objection.objects.order_by("id"))


def answer(who: object, code: str, **changes: str) -> object:
    address = f"/desk/cases/{code}/appeals/1/"
    page = get(who, address)
    return post(who, address, **{**MAINTAIN, "version": hidden(page, "version"), **changes})


def test_it_waits_in_the_leaders_worklist_with_a_limit_and_the_answer_reaches_the_person(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    with as_owner():
        task = flow.open_tasks(f"{code}-Y1")[0]
    assert task.role == "county_leader" and workdays.between(clock.today(), task.due_at.date()) in (9, 10)
    listed = get(people.leader, "/desk/", tab="office")
    assert f"/desk/cases/{code}/appeals/1/" in text(listed) and "答复对决定的异议" in text(listed)
    assert SAID in text(get(people.leader, f"/desk/cases/{code}/appeals/1/"))
    assert queries(people.leader, f"/desk/cases/{code}/appeals/1/") <= MOST_QUERIES
    assert queries(people.leader, f"/desk/cases/{code}/") <= MOST_QUERIES

    assert answer(people.leader, code).status_code == 302
    (row,) = rows()
    assert row.outcome == "maintain" and row.answered_by == people.leader.account_id and row.document
    with as_owner():
        assert not flow.open_tasks(f"{code}-Y1")
    assert len(decisions_on(code)) == 1 and decisions_on(code)[0].revoked_at is None
    seen = get(people.citizen, f"/my/cases/{code}/")
    assert MAINTAIN["answer"] in text(seen) and "维持原决定" in text(seen)
    paper = get(people.citizen, f"/my/cases/{code}/objections/1.pdf")
    assert paper.status_code == 200 and b"".join(paper).startswith(b"%PDF")
    deliver_events()
    assert "异议已答复" in text(get(people.citizen, "/my/messages/"))


def test_revoking_goes_through_the_act_that_revokes(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    assert answer(people.leader, code, outcome="revoke").status_code == 302
    first, second = decisions_on(code)
    assert first.revoked_at is not None and second.kind == "revoke" and second.supersedes_id == first.pk
    assert rows()[0].outcome == "revoke"


def test_whoever_took_the_decision_cannot_answer_and_the_page_says_who_is_missing(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    with as_owner():
        Objection.objects.update(decided_by=people.leader.account_id)
    page = get(people.leader, f"/desk/cases/{code}/appeals/1/")
    assert "这个决定由您作出" in text(page) and "没有另一名在岗的县级负责人" in text(page)
    refused = post(people.leader, f"/desk/cases/{code}/appeals/1/", **MAINTAIN, version=1)
    assert refused.status_code == 403 and rows()[0].answered_at is None
    other = officer("county_leader", COUNTY, "另一负责人")
    assert "没有另一名在岗" not in text(get(people.leader, f"/desk/cases/{code}/appeals/1/"))
    assert answer(other, code).status_code == 302 and rows()[0].answered_by == other.account_id


def test_clerks_approvers_neighbours_and_other_citizens_cannot_answer(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    address = f"/desk/cases/{code}/appeals/1/"
    for who in (people.clerk, people.approver, people.city, people.province):
        assert get(who, address).status_code == 200
        assert post(who, address, **MAINTAIN, version=1).status_code == 403
    neighbours_refused(people, address, f"/desk/cases/{code}/appeals/new/", **MAINTAIN, version="1")
    assert get(people.other_citizen, f"/my/cases/{code}/objections/1.pdf").status_code == 404
    assert rows()[0].answered_at is None and len(decisions_on(code)) == 1


def test_a_second_objection_waits_for_the_answer_to_the_first(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    page = get(people.citizen, f"/my/cases/{code}/")
    again = post(people.citizen, f"/my/cases/{code}/object", about="decision", text=SAID, version=hidden(page, "version"))
    assert again.status_code == 422 and "正在复核" in text(again) and len(rows()) == 1


def test_short_reasons_a_stale_page_and_an_answer_twice_are_refused(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    assert answer(people.leader, code, answer="不对").status_code == 422
    assert answer(people.leader, code, version="7").status_code == 409
    assert rows()[0].answered_at is None
    assert answer(people.leader, code).status_code == 302
    assert post(people.leader, f"/desk/cases/{code}/appeals/1/", **MAINTAIN, version=3).status_code == 422
    assert rows()[0].outcome == "maintain"


def test_a_clerk_registers_an_objection_for_somebody_at_the_window(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    page = get(people.clerk, f"/desk/cases/{code}/appeals/new/")
    sent = {"number": decisions_on(code)[-1].number, "text": SAID, "version": hidden(page, "version")}
    assert post(people.approver, f"/desk/cases/{code}/appeals/new/", **sent).status_code == 403 and rows() == []
    assert post(people.clerk, f"/desk/cases/{code}/appeals/new/", **sent).status_code == 302
    (row,) = rows()
    assert row.text == SAID and row.account == people.clerk.account_id


def test_a_decision_revoked_meanwhile_can_only_be_answered_as_revoked(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = objected(people, zhang, monkeypatch)
    number = decisions_on(code)[0].number
    page = get(people.leader, f"/desk/cases/{code}/decisions/{number}/revoke/")
    assert post(people.leader, f"/desk/cases/{code}/decisions/{number}/revoke/", reasons="核对时把别人的工资算进来了。",
                legal_basis="《中华人民共和国社会救助法》第十八条", remedy="可以申请行政复议。",
                seen=hidden(page, "seen")).status_code == 302
    assert answer(people.leader, code, outcome="maintain").status_code == 422
    assert answer(people.leader, code, outcome="revoke", answer="原决定已经撤销,将重新作出决定。").status_code == 302
    assert len(decisions_on(code)) == 2 and rows()[0].outcome == "revoke"
