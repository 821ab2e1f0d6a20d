from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.actions import do_withdraw
from minzheng.office.cases.identifying import do_identify
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.ledger.models import ImprestFund, ImprestMove
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.temporary.models import Emergency
from minzheng.scenes.assistance.temporary.tests.conftest import act, given, register
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.verification.models import VerificationRequest
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.cast import VILLAGE


def balance(people: Cast) -> int:
    with acting_as(people.clerk):
        return ImprestFund.objects.get().balance_fen


def test_a_small_sum_is_decided_by_the_township_and_paid_without_check_or_publicity(
        people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0])
    with acting_as(people.clerk):
        total = flow.clock_of(code, "total")
        assert total is not None and total.due_at <= clock.now() + dt.timedelta(days=4)
    act(people.reviewer, code, "town_decide", "grant")
    act(people.clerk, code, "give", "given", data=given())
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"
        assert (Decision.objects.get().amount_fen, ImprestMove.objects.get(kind="pay").papers) == (60_000, True)
        assert not VerificationRequest.objects.exists() and not Publicity.objects.exists()
    assert balance(people) == 240_000


def test_pay_first_then_paper(people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0], urgent=True)
    act(people.clerk, code, "pay_first", "paid", data=given(50_000))
    assert balance(people) == 250_000
    with acting_as(people.clerk):
        task = flow.open_tasks(code)[0]
        assert (task.key, ImprestMove.objects.get(kind="pay").papers) == ("explain", False)
        assert task.due_at is not None
        with pytest.raises(Refused):
            do_withdraw(code, by=people.clerk, reason="不要了", version=Case.objects.get(code=code).version)
    act(people.clerk, code, "explain", "done", data={"explanation": "当晚失火,无处安身,先行发放。"})
    act(people.reviewer, code, "confirm_after", "confirm")
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"
        assert Decision.objects.get().amount_fen == 50_000
        assert ImprestMove.objects.get(kind="pay").papers


def test_an_unknown_person_is_helped_and_named_later(people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, name="老李", sex=1, birth_year=1960, urgent=True)
    act(people.clerk, code, "pay_first", "paid", data=given(20_000, receiver="老李", signed="老李"))
    with acting_as(people.clerk):
        case = Case.objects.get(code=code)
        assert (case.applicant, case.applicant_name) == (None, "老李(自述)")
        do_identify(code, zhou.head.pk, by=people.clerk, reason="身份证补交,与本人相符", version=case.version)
        assert Case.objects.get(code=code).applicant == zhou.head.pk


def test_the_same_event_is_helped_once(people: Cast, zhou: Family, fund: Any) -> None:
    register(people.clerk, id_number=zhou.numbers[0], urgent=True)
    with pytest.raises(Refused, match="不能重复"):
        register(people.clerk, id_number=zhou.numbers[0], key="k2")
    register(people.clerk, name="老李", sex=1, birth_year=1960, key="k3")
    with pytest.raises(Refused, match="不能重复"):
        register(people.clerk, name="老李", sex=1, birth_year=1960, key="k4")
    with acting_as(people.clerk):
        assert Case.objects.count() == 2


def test_a_double_click_opens_one_case(people: Cast, zhou: Family, fund: Any) -> None:
    codes = {register(people.clerk, id_number=zhou.numbers[0]) for _ in range(2)}
    assert len(codes) == 1


@pytest.mark.parametrize("wrong", [
    {"asked_fen": 0}, {"happened_on": dt.date(2026, 1, 1)}, {"happened_on": dt.date(2999, 1, 1)}, {"reason": " "}, {"what": 9},
    {"way": "gold"}, {"place": "320581100001"}, {"id_number": "", "name": ""}, {"urgent": True, "asked_fen": 2_000_000}])
def test_bad_input_changes_nothing(people: Cast, zhou: Family, fund: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        register(people.clerk, **{"id_number": zhou.numbers[0], **wrong})
    with acting_as(people.clerk):
        assert not Case.objects.exists() and not Emergency.objects.exists()


def test_more_than_the_fund_holds_is_not_given(people: Cast, zhou: Family, fund: Any) -> None:
    from minzheng.office.ledger import imprest

    with acting_as(people.clerk):
        imprest.do_pay(fund.jurisdiction, "temporary", fen=290_000, ref="x", case_code="X", receiver="某", method="cash", note="",
                       by=people.clerk)
    code = register(people.clerk, id_number=zhou.numbers[0], urgent=True)
    with pytest.raises(Refused, match="余额"):
        act(people.clerk, code, "pay_first", "paid", data=given())
    with pytest.raises(Refused, match="最多"):
        act(people.clerk, code, "pay_first", "paid", data=given(60_001))
    with pytest.raises(Refused, match="签收"):
        act(people.clerk, code, "pay_first", "paid", data=given(1_000, signed=""))
    assert balance(people) == 10_000
    with acting_as(people.clerk):
        assert Emergency.objects.get().state == "open"


def test_who_registered_does_not_decide(people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0])
    for by in (people.clerk, people.village, people.approver):
        with pytest.raises((NotAllowed, Refused)):
            act(by, code, "town_decide", "grant")
    with acting_as(people.clerk):
        assert not Decision.objects.exists()


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk"])
def test_the_neighbour_neither_sees_nor_registers_here(people: Cast, zhou: Family, fund: Any, who: str) -> None:
    register(people.clerk, id_number=zhou.numbers[0])
    by = getattr(people, who)
    with acting_as(by):
        assert not Emergency.objects.exists()
    with pytest.raises((NotAllowed, NotFound, Refused)):
        register(by, id_number=zhou.numbers[0], key="n")


def test_a_larger_one_goes_to_the_countys_meeting_and_the_bank(people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0], asked_fen=900_000)
    act(people.clerk, code, "review", "accept", "入院抢救,情况属实。")
    meeting = {"held_on": clock.today(), "members": "陈敏、何平", "minutes": "经讨论,同意按实际需要救助。", "fixed_fen": 800_000}
    with pytest.raises(Refused, match="至少"):
        act(people.county, code, "meeting", "done", data=meeting)
    act(people.county, code, "meeting", "done", data=meeting | {"members": "陈敏、何平、徐正"})
    act(people.approver, code, "county_decide", "confirm")
    with acting_as(people.county):
        row = Entitlement.objects.get(scheme="temporary")
        decided = Decision.objects.get().amount_fen
        assert row.once and row.start_month == row.end_month
        assert decided is not None and 0 < decided <= 800_000
        assert Case.objects.get(code=code).state == "decided"
    act(people.clerk, code, "serve", "served", data={"method": "left", "served_on": clock.today(), "receiver": "周大海",
                                                     "receiver_relation": "本人", "witnesses": "王芳、赵六", "tracking": ""})
    with acting_as(people.county):
        assert Case.objects.get(code=code).state == "closed"


def test_a_refusal_is_written_with_its_remedy_and_the_event_may_be_told_again(people: Cast, zhou: Family, fund: Any) -> None:
    code = register(people.clerk, id_number=zhou.numbers[0])
    act(people.reviewer, code, "town_decide", "refuse", "经了解,所述火灾没有发生。")
    with acting_as(people.clerk):
        decision = Decision.objects.get()
        assert decision.kind == "refuse" and "复议" in decision.remedy
    assert balance(people) == 300_000
    act(people.clerk, code, "serve", "served", data={"method": "left", "served_on": clock.today(), "receiver": "周大海",
                                                     "receiver_relation": "本人", "witnesses": "王芳、赵六", "tracking": ""})
    register(people.clerk, id_number=zhou.numbers[0], key="again")


def test_the_page_registers_and_shows_the_case(people: Cast, zhou: Family, fund: Any, client: Client) -> None:
    url = "/desk/assistance/temporary/new"
    sign_in(client, people.clerk)
    page = client.get(url)
    assert page.status_code == 200 and "备用金余额" in page.content.decode()
    post = {"key": "p", "id_number": zhou.numbers[0], "place": VILLAGE, "where": "菜场", "what": "1",
            "happened_on": clock.today().isoformat(), "reason": "家中失火,衣被烧毁", "way": "money", "asked_fen": "600"}
    assert client.post(url, post | {"asked_fen": "六百"}).status_code == 422
    page = client.post(url, post)
    assert page.status_code == 200, page.content.decode()[-3000:]
    with acting_as(people.clerk):
        code = Case.objects.get().code
    shown = client.get(f"/desk/cases/{code}/")
    assert shown.status_code == 200 and "小额快救" in shown.content.decode()
    for who in (people.finance, people.citizen):
        assert sign_in(client, who).post(url, post).status_code == 403


def test_the_case_page_of_an_unnamed_person_opens_at_every_step(people: Cast, fund: Any, client: Client) -> None:
    code = register(people.clerk, name="老李", sex=1, birth_year=1960, urgent=True)
    url = f"/desk/cases/{code}/"
    sign_in(client, people.clerk)
    assert "身份待核实" in client.get(url).content.decode()
    act(people.clerk, code, "pay_first", "paid", data=given(20_000, receiver="老李", signed="老李"))
    assert "待补" in sign_in(client, people.clerk).get("/desk/assistance/temporary/funds").content.decode()
    assert client.get(url).status_code == 200
    act(people.clerk, code, "explain", "done", data={"explanation": "当晚失火,无处安身,先行发放。"})
    assert sign_in(client, people.reviewer).get(url).status_code == 200
    act(people.reviewer, code, "confirm_after", "confirm")
    for path in (url, f"{url}print/receipt", f"{url}print/approval", "/desk/cases/"):
        assert client.get(path).status_code == 200


def test_the_person_is_named_when_the_papers_are_there(people: Cast, zhou: Family, fund: Any, client: Client) -> None:
    code = register(people.clerk, name="老周", sex=1, birth_year=1970, urgent=True)
    url = f"/desk/assistance/temporary/cases/{code}/identify"
    sign_in(client, people.clerk)
    assert "核实身份" in client.get(f"/desk/cases/{code}/").content.decode()
    with acting_as(people.clerk):
        version = Case.objects.get(code=code).version
    post = {"id_number": zhou.numbers[0], "reason": "补来身份证原件", "version": version}
    assert client.post(url, post | {"reason": ""}).status_code == 422
    assert sign_in(client, people.neighbour_clerk).post(url, post).status_code == 404
    assert sign_in(client, people.clerk).post(url, post).status_code == 302
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).applicant == zhou.head.pk
    assert client.get(url).status_code == 404
    with pytest.raises(Refused, match="不能重复申请"):
        register(people.clerk, id_number=zhou.numbers[0], key="again")


def test_who_was_helped_for_the_event_is_not_named_a_second_time(people: Cast, zhou: Family, fund: Any, client: Client) -> None:
    code = register(people.clerk, name="老周", sex=1, birth_year=1970, urgent=True)
    act(people.clerk, code, "pay_first", "paid", data=given(20_000))
    other = register(people.clerk, id_number=zhou.numbers[0], key="other", urgent=True)
    act(people.clerk, other, "pay_first", "paid", data=given(20_000))
    act(people.clerk, other, "explain", "done", data={"explanation": "当晚失火,无处安身,先行发放。"})
    act(people.reviewer, other, "confirm_after", "confirm")
    with acting_as(people.clerk):
        version = Case.objects.get(code=code).version
    answer = sign_in(client, people.clerk).post(f"/desk/assistance/temporary/cases/{code}/identify", {
        "id_number": zhou.numbers[0], "reason": "补来身份证原件", "version": version})
    assert answer.status_code == 422 and "同一件事" in answer.content.decode()
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).applicant is None
