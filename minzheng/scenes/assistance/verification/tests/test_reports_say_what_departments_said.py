from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection

from minzheng.base.audit import accesses_of
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.scenes.assistance.verification import (
    Signature,
    checked_values,
    do_authorise,
    do_issue_report,
    do_object,
    do_recheck,
    do_request_check,
    do_retry,
    do_withdraw,
    facts_of,
    get_request_for,
    latest_report,
    read_own_report,
    read_report,
    requests_of,
)
from minzheng.scenes.assistance.verification.models import Objection, Report, VerificationRequest
from minzheng.scenes.assistance.verification.reports import VALID_DAYS
from minzheng.scenes.assistance.verification.tests.conftest import CASE, FATHER, SIGNED, Desk
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import TOWNSHIP


def issue(desk: Desk, request: VerificationRequest, **kw: Any) -> dict[str, Any]:
    county = desk.people.county
    with acting_as(county):
        report = do_issue_report(request.number, by=county, **kw)
        return read_report(report.number, by=county, reason="审核")


def test_a_report_sums_by_household_and_shows_what_was_not_declared(desk: Desk) -> None:
    content = issue(desk, desk.run(desk.request(financial_fen=500000, vehicles=0, houses=1)))
    assert content["complete"] is True
    assert content["household"] == {
        "size": 3, "income_fen": 300000, "financial_fen": 2500025, "vehicles": 1, "houses": 1}
    assert [(d["who"], d["kind"], d["declared"], d["found"]) for d in content["differences"]] == [
        ("张建国", "wage_fen", 250000, 300000), ("全家", "financial_fen", 500000, 2500025), ("全家", "vehicles", 0, 1)]
    flags = {(flag["who"], flag["flag"]) for flag in content["flags"]}
    assert {("张建国", "车辆"), ("张建国", "企业高管"), ("张建国", "税务"), ("李秀英", "房产"), ("李秀英", "金融资产"),
            ("李秀英", "姓名不符")} == flags
    assert content["contradictions"] == []
    assert content["members"][0]["id"].startswith("3299****") and f"{VALID_DAYS} 天(示例值)" == content["validity"]


def test_departments_that_contradict_one_another_are_shown_side_by_side(desk: Desk) -> None:
    for code in ("funeral", "marriage", "tax"):
        desk.departments.desks[code].switches.contradictory = True
    content = issue(desk, desk.run(desk.request()))
    father = {c["title"]: {side["source"] for side in c["sides"]} for c in content["contradictions"]
              if c["who"] == "张建国"}
    assert father == {"生存状态": {"民政(殡葬)", "公安(户籍)"}, "婚姻状况": {"公安(户籍)", "民政(婚姻登记)"},
                      "工资": {"税务", "人力资源社会保障"}}
    assert ("张建国", "死亡") in {(flag["who"], flag["flag"]) for flag in content["flags"]}


def test_a_partial_report_needs_a_reason_and_names_who_is_silent(desk: Desk) -> None:
    desk.departments.desks["bank"].switches.down = "503"
    desk.departments.desks["tax"].switches.wrong = "signature"
    request = desk.run(desk.request())
    with acting_as(desk.people.county), pytest.raises(Refused, match="没有反馈"):
        do_issue_report(request.number, by=desk.people.county)
    content = issue(desk, request, reason="急难情形,先行审核")
    assert content["complete"] is False
    results = {s["name"]: s["result"] for s in content["members"][0]["sources"]}
    assert (results["银行"], results["税务"], results["公安(户籍)"]) == ("未应答", "签名不符", "已反馈")
    assert "银行" in next(f["detail"] for f in content["flags"] if f["flag"] == "完整性")


def test_before_any_answer_there_is_no_report(desk: Desk) -> None:
    request = desk.request()
    with acting_as(desk.people.county), pytest.raises(Refused, match="还没有结果"):
        do_issue_report(request.number, by=desk.people.county, reason="急")
    with as_owner():
        assert not Report.objects.exists()


def test_a_report_cannot_be_changed_and_a_changed_one_is_not_shown(desk: Desk) -> None:
    number = issue(desk, desk.run(desk.request()))["number"]
    for verb in ("UPDATE verification_report SET digest = ''", "DELETE FROM verification_report"):
        with pytest.raises(DatabaseError, match="never changed"), as_owner():
            connection.cursor().execute(verb)
    with as_owner():
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.cursor().execute("ALTER TABLE verification_report DISABLE TRIGGER verification_report_keep")
        report = Report.objects.get(number=number)
        Report.objects.filter(pk=report.pk).update(content=report.content.replace("300000", "200000"))
    with acting_as(desk.people.county), pytest.raises(Refused, match="签名验证不通过"):
        read_report(number, by=desk.people.county, reason="审核")


def test_reading_needs_a_reason_and_every_member_can_see_it(desk: Desk) -> None:
    number = issue(desk, desk.run(desk.request()))["number"]
    with acting_as(desk.people.county), pytest.raises(Refused, match="用途"):
        read_report(number, by=desk.people.county, reason=" ")
    with acting_as(desk.people.citizen):
        purposes = [access.purpose for access in accesses_of(1)]
    for wanted in ("登记核对授权书", "向各部门核对家庭经济状况", "收到各部门核对结果", "出具核对报告",
                   "查看核对结果:审核"):
        assert any(purpose.startswith(wanted) for purpose in purposes), wanted


def test_a_citizen_reads_the_own_part_only(desk: Desk) -> None:
    number = issue(desk, desk.run(desk.request()))["number"]
    with acting_as(desk.people.citizen):
        content = read_own_report(number, by=desk.people.citizen)
    assert [member["name"] for member in content["members"]] == ["张建国"]
    assert "李秀英" not in str(content) and "household" not in content
    other = desk.people.other_citizen
    with acting_as(desk.people.clerk):
        stranger = replace(FATHER, person=2, name=other.name)
        form = do_authorise(by=desk.people.clerk, case_code="another", jurisdiction=TOWNSHIP, people=[stranger],
                            signatures=[Signature(2, other.name, SIGNED)])
    with acting_as(desk.people.county):
        do_request_check(by=desk.people.county, case_code="another", jurisdiction=TOWNSHIP, people=[stranger],
                         authorisation=form.number)
    with acting_as(other):
        assert [request.case_code for request in VerificationRequest.objects.all()] == ["another"]
        assert not Report.objects.exists()
        with pytest.raises(NotFound):
            read_own_report(number, by=other)


def test_the_rules_get_facts_with_their_source_and_day(desk: Desk) -> None:
    request = desk.run(desk.request())
    with acting_as(desk.people.county):
        facts = facts_of(request, by=desk.people.county)
        checked = checked_values(CASE)
        assert checked_values("another").members == {}
    wage = next(f for f in facts if f["kind"] == "wage_fen")
    assert (wage["person"], wage["amount_fen"], wage["source"], wage["as_of"]) == (1, 300000, "税务", "2026-06-30")
    assert checked.members[1]["wage_fen"].origin == "税务(2026-06-30)"
    assert checked.members[1]["executive"].value is True
    assert (checked.household["financial_fen"].value, checked.household["houses"].value) == (2500025, 1)
    assert set(checked.members[12]) == set()


def test_an_objection_leads_to_a_recheck_of_the_disputed_departments_only(desk: Desk) -> None:
    desk.departments.desks["tax"].switches.contradictory = True
    first = desk.run(desk.request())
    number = issue(desk, first)["number"]
    clerk, county, citizen = desk.people.clerk, desk.people.county, desk.people.citizen
    with acting_as(citizen):
        objection = do_object(number, by=citizen, person=1, statement="工资没有这么高", departments=["tax"])
        with pytest.raises(NotAllowed):
            do_object(number, by=citizen, person=11, statement="替妻子", departments=["tax"])
    with acting_as(clerk), pytest.raises(Refused, match="已经提出"):
        do_object(number, by=clerk, person=1, statement="又提", departments=["tax"])
    desk.departments.desks["tax"].switches.clear()
    with acting_as(county):
        request = do_recheck(objection.number, by=county)
        with pytest.raises(Refused, match="已经进入"):
            do_recheck(objection.number, by=county)
    before = desk.asked()
    assert desk.run(request).status == "complete"
    assert {code: n - before[code] for code, n in desk.asked().items() if n != before[code]} == {"tax": 1}
    content = issue(desk, request)
    assert (content["kind"], content["household"]["income_fen"]) == ("异议重新核对", 300000)
    assert {s["name"] for s in content["members"][0]["sources"] if not s["carried"]} == {"税务"}
    with acting_as(county):
        assert latest_report(CASE).number == content["number"]


def test_two_objections_to_one_check_are_checked_again_together(desk: Desk) -> None:
    first = desk.run(desk.request())
    number = issue(desk, first)["number"]
    clerk, county = desk.people.clerk, desk.people.county
    with acting_as(clerk):
        wages = do_object(number, by=clerk, person=1, statement="工资没有这么高", departments=["tax"])
        do_object(number, by=clerk, person=11, statement="存款是别人的", departments=["bank", "marriage"])
    with acting_as(county):
        request = do_recheck(wages.number, by=county)
    before = desk.asked()
    assert desk.run(request).status == "complete"
    assert {code: n - before[code] for code, n in desk.asked().items() if n != before[code]} == {
        "tax": 1, "bank": 1, "marriage": 1}
    with as_owner():
        assert {(row.status, row.recheck_id) for row in Objection.objects.all()} == {("rechecking", request.pk)}


@pytest.mark.parametrize("wrong, why", [
    ({"statement": " "}, "写明"), ({"departments": []}, "选择"), ({"departments": ["nobody"]}, "选择"),
    ({"person": 99}, "没有这个人")])
def test_an_incomplete_objection_is_refused(desk: Desk, wrong: dict[str, Any], why: str) -> None:
    number = issue(desk, desk.run(desk.request()))["number"]
    values = {"person": 1, "statement": "不对", "departments": ["tax"]} | wrong
    with acting_as(desk.people.clerk), pytest.raises(Refused, match=why):
        do_object(number, by=desk.people.clerk, **values)
    with as_owner():
        assert not Objection.objects.exists()


def test_the_neighbour_county_is_refused_on_every_verb_and_nothing_changes(desk: Desk) -> None:
    desk.departments.desks["bank"].switches.down = "503"
    request = desk.run(desk.request())
    report = issue(desk, request, reason="先行")["number"]
    with acting_as(desk.people.clerk):
        objection = do_object(report, by=desk.people.clerk, person=1, statement="不对", departments=["tax"]).number
    neighbour = desk.people.neighbour

    def state() -> list[Any]:
        with as_owner():
            return [list(model.objects.order_by("id").values()) for model in (VerificationRequest, Report, Objection)]

    before, asked = state(), desk.asked()
    with acting_as(neighbour):
        verbs = (
            lambda: get_request_for(neighbour, request.number),
            lambda: do_issue_report(request.number, by=neighbour, reason="看"),
            lambda: read_report(report, by=neighbour, reason="看"),
        )
        for verb in verbs:
            with pytest.raises((NotFound, NotAllowed)):
                verb()
        clerk = desk.people.neighbour_clerk
        for verb in (lambda: do_object(report, by=clerk, person=1, statement="x", departments=["tax"]),
                     lambda: do_recheck(objection, by=clerk), lambda: do_retry(request.number, by=clerk),
                     lambda: do_withdraw(f"{CASE}-SQ1", by=clerk, reason="x")):
            with pytest.raises((NotFound, NotAllowed)):
                verb()
        assert requests_of(neighbour, CASE) == [] and latest_report(CASE) is None
        assert checked_values(CASE).members == {}
        with pytest.raises(NotAllowed):
            facts_of(request, by=neighbour)
    assert state() == before and desk.asked() == asked
