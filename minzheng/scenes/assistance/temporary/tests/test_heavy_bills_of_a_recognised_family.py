"""支出型临时救助: a recognised family's bills are looked at and nothing else; publicity, the county's decision, one payment."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer
from minzheng.data.registry.models import Person
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.ledger.runs import do_build_urgent
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.recognitions.actions import Recognised, do_recognise, end
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.temporary import expenses
from minzheng.scenes.assistance.temporary.models import Expense
from minzheng.scenes.assistance.temporary.tests.conftest import act, given, register
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import published_out
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import COUNTY
from minzheng.testing.unchanged import state

NEW = "/desk/assistance/expenses/new"
ASKED = 300_000


@pytest.fixture
def rigid(people: Cast, zhang: Family) -> Recognition:
    return recognise(people, zhang, "rigid")


def recognise(people: Cast, family: Family, kind: str) -> Recognition:
    ground: Any = SimpleNamespace(jurisdiction=family.household.jurisdiction, code="K1", household=family.household.pk,
                                  applicant=family.head.pk, applicant_name=family.head.name)
    relations = ("本人", "配偶", "子女")
    with acting_as(people.approver):
        return do_recognise(ground, kind, [Recognised(p.pk, p.name, r) for p, r in zip(family.people, relations, strict=True)],
                            decision=f"认〔2026〕{kind}", by=people.approver, valid_to=clock.today() + dt.timedelta(300))


def year(family: Family, medical_fen: int = 250_000) -> dict[str, int]:
    return {"living_year_fen": 0, "other_rigid_year_fen": 0, f"medical_year_fen_{family.head.pk}": medical_fen}


def applied(people: Cast, family: Family, row: Recognition, *, key: str = "e1", medical_fen: int = 250_000) -> str:
    with acting_as(people.clerk):
        return expenses.do_apply(row, expenses.household(row, people.clerk), year=year(family, medical_fen), asked_fen=ASKED,
                                 reason="住院费用自负部分太大", phone="16000000001", key=key, channel="window", by=people.clerk).code


def proven(people: Cast, family: Family, code: str, medical_fen: int = 200_000) -> None:
    act(people.clerk, code, "review", "accept")
    act(people.clerk, code, "bills", "done", data={**year(family, medical_fen), "until": clock.today(), "bills": 4,
                                                   "note": "医保结算单四张,金额相符"})


def decided(people: Cast, family: Family, row: Recognition, monkeypatch: pytest.MonkeyPatch, by: Officer | None = None) -> str:
    code = applied(people, family, row)
    proven(people, family, code)
    act(people.reviewer, code, "town_review", "agree")
    published_out(code, monkeypatch)
    act(by or people.approver, code, "county_decide", "confirm")
    return code


@pytest.mark.parametrize("kind", ["rigid", "edge"])
def test_what_the_bills_prove_is_published_decided_paid_once_and_served(
        people: Cast, zhang: Family, fund: Any, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    row = recognise(people, zhang, kind)
    code = decided(people, zhang, row, monkeypatch)
    with acting_as(people.county):
        benefit, notice = Entitlement.objects.get(scheme="temporary"), Publicity.objects.get()
        assert (Decision.objects.get().amount_fen, notice.amount_fen, notice.members) == (200_000, 200_000, 3)
        assert (benefit.persons, benefit.once) == (3, True)
        assert Case.objects.get(code=code).state == "decided"
    with acting_as(people.cashier):
        run = do_build_urgent("temporary", COUNTY, by=people.cashier)
        assert run is not None and run.total_fen == 200_000
    act(people.clerk, code, "serve", "served", data={**carrying.SERVE, "served_on": clock.today()})
    with acting_as(people.county):
        assert Case.objects.get(code=code).state == "closed"
        assert not Publicity.objects.filter(kind="list").exists()


def test_a_family_that_nobody_recognised_is_shown_the_way(people: Cast, zhang: Family, fund: Any, client: Client) -> None:
    before = state()
    page = sign_in(client, people.clerk).post(NEW, {"id_number": zhang.numbers[0]})
    assert page.status_code == 422 and "刚性支出困难家庭认定" in page.content.decode()
    assert {k: v for k, v in state().items() if "case" in k} == {k: v for k, v in before.items() if "case" in k}


def test_a_recognition_that_ended_meanwhile_is_not_taken_in(people: Cast, zhang: Family, rigid: Recognition, fund: Any) -> None:
    code = applied(people, zhang, rigid)
    with acting_as(people.approver):
        end(Recognition.objects.get(pk=rigid.pk), cause="review", on=clock.today(), by=people.approver)
    before = state()
    with pytest.raises(Refused, match="还没有认定"):
        act(people.clerk, code, "review", "accept")
    assert state() == before


def test_bills_prove_no_more_than_was_declared_and_nothing_proven_is_not_agreed(
        people: Cast, zhang: Family, rigid: Recognition, fund: Any) -> None:
    code = applied(people, zhang, rigid)
    with pytest.raises(Refused, match="不能多于申报"):
        proven(people, zhang, code, 999_999)
    act(people.clerk, code, "bills", "done", data={**year(zhang, 0), "until": clock.today(), "bills": 0, "note": "没有可以认可的票据"})
    with pytest.raises(Refused, match="不符合支出型"):
        act(people.reviewer, code, "town_review", "agree")


def test_the_years_cap_counts_what_any_of_the_family_got_anywhere(
        people: Cast, zhang: Family, rigid: Recognition, fund: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(people, zhang, rigid, monkeypatch)
    with acting_as(people.clerk):
        keys = expenses.keys_of([p.pk for p in zhang.people])
        assert expenses.given_to(keys) == expenses.given_to(keys[:1]) == 200_000
    code = applied(people, zhang, rigid, key="e2", medical_fen=2_000_000)
    with acting_as(people.clerk):
        found = expenses.assess(Case.objects.get(code=code))
    assert found.eligible and "已发 2,000 元" in next(c.value for c in found.conditions if "本年度累计" in c.title)


def test_who_surveyed_gives_no_opinion_and_others_do_nothing(people: Cast, zhang: Family, rigid: Recognition, fund: Any) -> None:
    code = applied(people, zhang, rigid)
    before = state()
    for by in (people.village, people.reviewer, people.approver, people.neighbour_clerk):
        with pytest.raises((NotAllowed, NotFound, Refused)):
            act(by, code, "review", "accept")
    assert state() == before


def test_a_refusal_is_written_and_served(people: Cast, zhang: Family, rigid: Recognition, fund: Any) -> None:
    code = applied(people, zhang, rigid)
    proven(people, zhang, code)
    act(people.reviewer, code, "town_review", "disagree", "票据与病情不符,建议不予救助。")
    act(people.approver, code, "county_decide", "refuse", "经核实,票据不是本人医疗支出。")
    with acting_as(people.county):
        assert Decision.objects.get().kind == "refuse" and not Entitlement.objects.exists() and not Expense.objects.exists()
    act(people.clerk, code, "serve", "served", data={**carrying.SERVE, "served_on": clock.today()})


def test_the_neighbour_neither_sees_nor_applies(people: Cast, zhang: Family, rigid: Recognition, client: Client) -> None:
    address = f"/desk/assistance/expenses/{rigid.pk}/new"
    assert sign_in(client, people.neighbour_clerk).get(address).status_code == 404
    assert sign_in(client, people.neighbour_clerk).post(NEW, {"id_number": zhang.numbers[0]}).status_code == 422
    for who in (people.finance, people.citizen):
        assert sign_in(client, who).get(NEW).status_code == 403


def test_the_window_page_takes_the_family_in_once(people: Cast, zhang: Family, rigid: Recognition, client: Client) -> None:
    sign_in(client, people.clerk)
    assert client.get(NEW).status_code == 200
    address = client.post(NEW, {"id_number": zhang.numbers[1]}).url
    assert "不再核对收入和财产" in client.get(address).content.decode()
    post = {"key": "w1", "asked_fen": "3000", "phone": "16000000001", "reason": "住院自负太多", f"medical_year_fen_{zhang.head.pk}": "2500"}
    assert client.post(address, post | {"asked_fen": "三千"}).status_code == 422
    assert client.post(address, post | {f"medical_year_fen_{zhang.head.pk}": ""}).status_code == 422
    codes = {client.post(address, post).url for _ in range(2)}
    assert len(codes) == 1
    page = client.get(codes.pop()).content.decode()
    assert "自负医疗费" in page and "支出型" in page and "income" not in page


def test_a_citizen_applies_on_the_phone_and_follows(people: Cast, zhang: Family, client: Client) -> None:
    with as_owner():  # the cast's numbers of citizens may be those of this test's people
        Account.objects.filter(pk=people.other_citizen.account_id).update(person_id=999_001)
    citizen = carrying.own(people, zhang)
    address = "/my/assistance/expenditure/"
    sign_in(client, citizen)
    assert "先申请认定" in client.get(address).content.decode()
    recognise(people, zhang, "rigid")
    assert "刚性支出困难家庭" in client.get(address).content.decode()
    post = {"key": "p1", "asked_fen": "3000", "phone": "16000000001", "reason": "住院自负太多", f"medical_year_fen_{zhang.head.pk}": "2500"}
    answer = client.post(address, post)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    page = client.get(answer.url)
    assert page.status_code == 200 and "我填报的支出" in page.content.decode()
    with acting_as(people.clerk):
        code = Case.objects.get().code
        assert Person.objects.filter(pk=Case.objects.get().applicant).exists()
        assert [t.key for t in flow.open_tasks(code)] == ["review"]
    act(people.clerk, code, "review", "accept")
    assert sign_in(client, people.other_citizen).get(answer.url).status_code == 404


def test_an_urgent_help_counts_for_the_year_too(people: Cast, zhang: Family, rigid: Recognition, fund: Any) -> None:
    code = register(people.clerk, id_number=zhang.numbers[0], urgent=True)
    act(people.clerk, code, "pay_first", "paid", data=given(60_000, receiver="张建国", signed="张建国"))
    with acting_as(people.clerk):
        assert expenses.given_to(expenses.keys_of([zhang.head.pk])) == 60_000
