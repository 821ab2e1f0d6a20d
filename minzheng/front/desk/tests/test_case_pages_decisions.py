from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base import clock
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    case_of,
    closed,
    confirmed,
    decisions_on,
    get,
    hidden,
    neighbours_refused,
    open_keys,
    own,
    post,
    queries,
    text,
)
from minzheng.office.benefits.models import Entitlement, EntitlementAmount
from minzheng.office.decisions.models import Decision, Hearing, Service
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, as_owner
from minzheng.testing.background import deliver_events

pytestmark = pytest.mark.usefixtures("own_store")
WRONG = "核对时把别人的工资算进来了,金额有误。"
Patch = pytest.MonkeyPatch


def benefit() -> Entitlement:
    with as_owner():
        return Entitlement.objects.get()


def listed() -> list[tuple[str, int]]:
    with as_owner():
        return list(Publicity.objects.filter(kind="list").order_by("id").values_list("state", "amount_fen"))


def next_month() -> str:
    return (clock.today().replace(day=1) + dt.timedelta(days=32)).strftime("%Y-%m")


def hear(people: Cast, number: str, about: str) -> None:
    done = post(people.clerk, f"/desk/book/{number}/cut/hear", about=about, outcome="heard", person_name="张建国",
                told="核实到工资增加,拟调整待遇。", statement="同意调整。")
    assert done.status_code == 302, text(done)[:1500]


def decide(people: Cast, number: str, about: str, **more: str) -> None:
    page = get(people.approver, f"/desk/book/{number}/cut/")
    values = {"about": about, "version": hidden(page, "version"), "from_month": next_month(), "cause": "income",
              "reasons": "工资增加,经听取意见后调整。", "legal_basis": "《中华人民共和国社会救助法》第四十八条",
              "remedy": "可以向昆山市人民政府申请行政复议。", **more}
    done = post(people.approver, f"/desk/book/{number}/cut/decide", **values)
    assert done.status_code == 302, text(done)[:1500]


def test_from_the_case_a_benefit_is_cut_after_the_person_was_heard_and_the_paper_is_served(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number, before = benefit().number, decisions_on(code)[0].amount_fen
    page = text(get(people.clerk, f"/desk/cases/{code}/"))
    assert f"/desk/book/{number}/cut/" in page and "减发或终止(先听取意见)" in page
    hear(people, number, "cut")
    decide(people, number, "cut", monthly_fen="500")
    deliver_events()
    cut = decisions_on(code)[-1]
    assert (cut.kind, cut.amount_fen) == ("cut", 50_000)
    with as_owner():
        assert EntitlementAmount.objects.order_by("-id").first().fen == 50_000  # type: ignore[union-attr]
        assert Hearing.objects.get().pk == cut.hearing_id
    assert listed() == [("withdrawn", before), ("open", 50_000)]
    serve = f"/desk/cases/{code}/decisions/{cut.number}/serve/"
    assert get(people.clerk, serve).status_code == 200
    assert post(people.clerk, serve, method="left", served_on=clock.today(), receiver="张建国", relation="本人",
                witnesses="王芳").status_code == 422
    neighbours_refused(people, serve, method="post", served_on=clock.today(), receiver="张建国", relation="本人", tracking="1")
    assert post(people.approver, serve, method="post", served_on=clock.today(), receiver="张建国", relation="本人",
                tracking="EMS1").status_code in (403, 422)
    with as_owner():
        assert Service.objects.count() == 1
    assert post(people.clerk, serve, method="left", served_on=clock.today(), receiver="张建国", relation="本人",
                witnesses="王芳、赵六").status_code == 302
    with as_owner():
        assert Service.objects.get(decision=cut).receipt is not None
    assert "已经送达" in text(get(people.clerk, serve))


def test_an_end_takes_the_household_off_the_list(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number = benefit().number
    hear(people, number, "end")
    decide(people, number, "end")
    deliver_events()
    assert decisions_on(code)[-1].kind == "end"
    assert benefit().status == "ended" and [state for state, _ in listed()] == ["ended"]


def revoke(people: Cast, code: str, number: str) -> None:
    there = f"/desk/cases/{code}/decisions/{number}/revoke/"
    page = get(people.leader, there)
    assert page.status_code == 200 and "撤销以后" in text(page)
    done = post(people.leader, there, reasons=WRONG, legal_basis="民发〔2021〕57号第三十二条", remedy="可以申请行政复议。",
                seen=hidden(page, "seen"))
    assert done.status_code == 302, text(done)[:1500]
    deliver_events()


def test_only_a_leader_revokes_with_written_reasons(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    number = decisions_on(code)[0].number
    there = f"/desk/cases/{code}/decisions/{number}/revoke/"
    sent = {"reasons": WRONG, "legal_basis": "民发〔2021〕57号", "remedy": "可以申请行政复议。", "seen": case_of(code).version}
    for who in (people.clerk, people.approver, people.county, people.finance, people.city):
        assert "只有本县的县级负责人可以撤销" in text(get(who, there))
        assert post(who, there, **sent).status_code == 403
    neighbours_refused(people, there, **sent)
    assert post(people.leader, there, **{**sent, "reasons": "错了"}).status_code == 422
    assert post(people.leader, there, **{**sent, "seen": 1}).status_code == 409
    assert get(people.leader, f"/desk/cases/{code}/decisions/没有民决〔2026〕9号/revoke/").status_code == 404
    assert [d.revoked_at for d in decisions_on(code)] == [None]
    assert benefit().status == "active"


def test_a_revoked_confirmation_stops_the_money_until_it_is_decided_anew(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    wrong = decisions_on(code)[0]
    revoke(people, code, wrong.number)
    old, paper = decisions_on(code)
    assert old.revoked_at is not None and paper.kind == "revoke"
    assert benefit().status == "suspended" and [state for state, _ in listed()] == ["ended"]
    again = f"/desk/assistance/cases/{code}/decide-again/"
    assert again in text(get(people.approver, f"/desk/cases/{code}/"))
    version = case_of(code).version
    for who in (people.clerk, people.county, people.finance):
        assert post(who, again, outcome="confirm", comment="重新测算,情况属实。", version=version).status_code in (403, 422)
    neighbours_refused(people, again, outcome="confirm", comment="重新测算,情况属实。", version=version)
    assert len(decisions_on(code)) == 2
    assert post(people.approver, again, outcome="confirm", comment="重新测算,情况属实。", version=version).status_code == 302
    deliver_events()
    fresh = decisions_on(code)[-1]
    assert (fresh.kind, fresh.supersedes_id) == ("confirm", old.pk)
    assert benefit().status == "active" and listed()[-1] == ("open", fresh.amount_fen)
    # both papers are still to be served: the new one, and the revocation
    for row in (paper, fresh):
        assert get(people.clerk, f"/desk/cases/{code}/decisions/{row.number}/serve/").status_code == 200


def test_refusing_anew_ends_the_benefit_only_after_a_hearing(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    revoke(people, code, decisions_on(code)[0].number)
    again, sent = f"/desk/assistance/cases/{code}/decide-again/", {"outcome": "refuse", "comment": "家庭收入高于标准,不符合条件"}
    unheard = post(people.approver, again, **sent, version=case_of(code).version)
    assert unheard.status_code == 422 and "听取当事人意见" in text(unheard)
    assert len(decisions_on(code)) == 2 and benefit().status == "suspended"
    hear(people, benefit().number, "end")
    assert post(people.approver, again, **sent, version=case_of(code).version).status_code == 302
    assert decisions_on(code)[-1].kind == "refuse" and benefit().status == "ended"


def test_a_revoked_decision_is_not_served_and_the_task_waits_for_the_new_one(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    own(people, code)
    wrong = decisions_on(code)[0]
    revoke(people, code, wrong.number)
    assert open_keys(code) == {"serve"}
    taken = post(people.citizen, f"/my/cases/{code}/decisions/{wrong.number}/receive", consented="on")
    assert taken.status_code == 422
    with as_owner():
        assert not Service.objects.exists()
    again = f"/desk/assistance/cases/{code}/decide-again/"
    post(people.approver, again, outcome="confirm", comment="重新测算,情况属实。", version=case_of(code).version)
    fresh = decisions_on(code)[-1]
    assert post(people.citizen, f"/my/cases/{code}/decisions/{fresh.number}/receive", consented="on").status_code == 302
    deliver_events()
    assert case_of(code).state == "closed" and open_keys(code) == set()


def test_the_citizen_takes_the_decision_on_the_phone_and_the_process_ends(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    own(people, code)
    row = decisions_on(code)[0]
    there = f"/my/cases/{code}/decisions/{row.number}/receive"
    assert "签收决定书" in text(get(people.citizen, f"/my/cases/{code}/"))
    no = post(people.citizen, there)
    assert no.status_code == 422 and "请先勾选" in text(no)
    assert post(people.other_citizen, there, consented="on").status_code == 404
    assert post(people.clerk, there, consented="on").status_code == 403
    assert open_keys(code) == {"serve"}
    assert post(people.citizen, there, consented="on").status_code == 302
    assert post(people.citizen, there, consented="on").status_code == 422  # once only
    deliver_events()
    assert case_of(code).state == "closed" and open_keys(code) == set()
    assert listed() == [("open", row.amount_fen)]
    with as_owner():
        service = Service.objects.get()
    assert (service.method, service.receiver) == ("electronic", people.citizen.name) and service.receipt is not None
    assert "申请复议的期限" in text(get(people.citizen, f"/my/cases/{code}/"))


def test_the_pages_stay_cheap(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    own(people, code)
    number = decisions_on(code)[0].number
    with as_owner():
        assert Decision.objects.count() == 1
    for who, there in (
            (people.leader, f"/desk/cases/{code}/decisions/{number}/revoke/"),
            (people.clerk, f"/desk/cases/{code}/decisions/{number}/serve/"),
            (people.approver, f"/desk/assistance/cases/{code}/decide-again/"), (people.citizen, f"/my/cases/{code}/"),
            (people.leader, f"/desk/cases/{code}/")):
        assert queries(who, there) <= MOST_QUERIES, (there, queries(who, there))


def test_a_village_worker_records_the_hearing_and_does_not_see_the_book(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number = benefit().number
    there = f"/desk/book/{number}/cut/"
    assert there in text(get(people.village, f"/desk/cases/{code}/"))
    page = get(people.village, there)
    assert page.status_code == 200 and "记录听取意见" in text(page) and f"/desk/book/{number}/\"" not in text(page)
    done = post(people.village, f"{there}hear", about="cut", outcome="heard", person_name="张建国",
                told="核实到工资增加,拟调整待遇。", statement="同意调整。")
    assert done.status_code == 302, text(done)[:1500]
    with as_owner():
        assert Hearing.objects.get().account == people.village.account_id
    assert get(people.village, "/desk/book/").status_code == 403
    assert post(people.village, f"{there}decide", about="cut").status_code == 403


def test_an_end_may_run_out_over_six_months_after_the_hearing(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    """渐退: paid on as before until the month that the decision names, then it ends."""
    closed(people, zhang, monkeypatch)
    number = benefit().number
    hear(people, number, "end")
    page = get(people.approver, f"/desk/book/{number}/cut/")
    assert "渐退" in text(page)
    start = (clock.today().replace(day=1) + dt.timedelta(days=100)).replace(day=1)
    decide(people, number, "end", from_month=start.strftime("%Y-%m"), grace="on")
    row = benefit()
    assert row.status == "active" and row.grace_until == row.end_month == (start - dt.timedelta(days=1)).replace(day=1)
    assert "渐退期" in text(get(people.approver, f"/desk/book/{number}/"))


def test_running_out_is_refused_for_another_cause_than_a_risen_income(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number = benefit().number
    hear(people, number, "end")
    page = get(people.approver, f"/desk/book/{number}/cut/")
    refused = post(people.approver, f"/desk/book/{number}/cut/decide", about="end", version=hidden(page, "version"),
                   from_month=next_month(), cause="exclusive", grace="on", reasons="已在别处享受同类待遇。",
                   legal_basis="第四十八条", remedy="可以申请行政复议。")
    assert refused.status_code == 422 and "渐退只用于就业或收入增加" in text(refused)
    assert benefit().grace_until is None and len(decisions_on(code)) == 1


def test_a_revoked_end_brings_the_benefit_the_status_and_the_public_list_back(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number = benefit().number
    hear(people, number, "end")
    decide(people, number, "end")
    deliver_events()
    with as_owner():
        assert benefit().status == "ended" and Recognition.objects.get().ended_on is not None
    wrong = decisions_on(code)[-1]
    page = text(get(people.leader, f"/desk/cases/{code}/decisions/{wrong.number}/revoke/"))
    assert "列入下一次补发" in page
    revoke(people, code, wrong.number)
    assert (benefit().status, benefit().end_month) == ("active", None)
    assert "撤销决定后恢复" in text(get(people.approver, f"/desk/book/{number}/"))
    for _ in range(2):
        deliver_events()
    with as_owner():
        row = Recognition.objects.get()
        assert row.ended_on is None and {m.during.upper for m in row.members.all()} == {None}
    assert listed()[-1][0] == "open"


def test_a_revoked_cut_restores_the_amount(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    row = benefit()
    with as_owner():
        first = EntitlementAmount.objects.get().fen
    hear(people, row.number, "cut")
    decide(people, row.number, "cut", monthly_fen="100.00")
    wrong = decisions_on(code)[-1]
    revoke(people, code, wrong.number)
    with as_owner():
        assert [a.fen for a in EntitlementAmount.objects.order_by("id")] == [first, 10_000, first]
        assert EntitlementAmount.objects.order_by("id").last().decision == decisions_on(code)[-1].number


def test_a_run_out_longer_than_six_months_is_refused(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = closed(people, zhang, monkeypatch)
    number = benefit().number
    hear(people, number, "end")
    page = get(people.approver, f"/desk/book/{number}/cut/")
    far = (clock.today().replace(day=1) + dt.timedelta(days=300)).strftime("%Y-%m")
    refused = post(people.approver, f"/desk/book/{number}/cut/decide", about="end", version=hidden(page, "version"),
                   from_month=far, cause="income", grace="on", reasons="收入增加,渐退后终止。", legal_basis="第四十八条",
                   remedy="可以申请行政复议。")
    assert refused.status_code == 422 and "不超过 6 个月" in text(refused)
    assert benefit().grace_until is None and len(decisions_on(code)) == 1
