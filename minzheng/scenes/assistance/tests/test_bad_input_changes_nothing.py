"""Applications and steps that cannot be: each is refused in words, and no table but the record of refusals has changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.divisions.models import Division
from minzheng.base.errors import NotAllowed, Refused, Stale
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.office.cases.acts import do_act
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for, make_family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import (
    VISIT,
    act,
    photo,
    published_out,
    reviewed,
    submitted,
)
from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import URL, filled
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import NEIGHBOUR_COUNTY, VILLAGE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])


@pytest.fixture
def own_store(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def test_a_household_of_an_abolished_village_is_sent_to_its_successor(people: Cast, zhang: Family, client: Client) -> None:
    with as_owner():
        heir = Division.objects.get(code="320583100002")
        Division.objects.filter(code=VILLAGE).update(valid_to=clock.today(), successor=heir.code)
    sign_in(client, people.clerk)
    before = state()
    page = client.post(URL, filled(zhang))
    assert page.status_code == 422 and f"{heir.name}({heir.code})" in page.content.decode()
    assert state() == before


def test_the_same_form_twice_writes_nothing_the_second_time(people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.clerk)
    first = client.post(URL, filled(zhang))
    before = state()
    second = client.post(URL, filled(zhang))
    assert first.status_code == second.status_code == 200
    assert state() == before


def test_a_member_with_a_benefit_in_another_county_is_not_confirmed(
        people: Cast, zhang: Family, own_store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wife = zhang.people[1]
    with acting_as(people.neighbour):
        do_grant(scheme="dibao", case_code="C1", decision="常决1", decided_on=dt.date(2026, 1, 5), jurisdiction="320581100001",
                 household_id=None, head_person=wife.pk, members=[Covered(wife.pk, wife.name, "本人")], monthly_fen=50_000,
                 payee=Payee(wife.name, "9900000000000018", zhang.numbers[1]), by=people.neighbour)
    code = reviewed(people, zhang)
    published_out(code, monkeypatch)
    before = state()
    with pytest.raises(Refused, match="已在其他家庭或其他地方享受"):
        act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    assert state() == before
    with acting_as(people.approver):
        assert Case.objects.get(code=code).state == "accepted"


def test_a_member_of_another_households_open_case_is_refused(people: Cast, zhang: Family) -> None:
    shen = make_family(("沈萍", "19860219", 2, "户主"), number="2")
    submitted(people, zhang)
    listed = application_for(shen, key="k2")
    members = [*listed.members, replace(application_for(zhang).members[1], relation="其他", reason="分户居住")]
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="李秀英已在"):
        do_apply(replace(listed, members=members), by=people.clerk)
    assert state() == before


def test_the_dead_are_not_listed_as_members(people: Cast, zhang: Family) -> None:
    with as_owner():
        zhang.people[1].death_date = dt.date(2026, 1, 1)
        zhang.people[1].save(update_fields=["death_date"])
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="已登记死亡"):
        do_apply(application_for(zhang), by=people.clerk)
    assert state() == before


@pytest.mark.parametrize("field,text", [
    ("m-0-wage_fen", "1000000.01"), ("m-0-wage_fen", "-1"), ("m-0-wage_fen", "1e5"), ("m-0-wage_fen", "1.005"),
    ("financial_fen", "99999999999999999999"), ("vehicles", "-1"), ("houses", "21"), ("payee", "999999"), ("phone", "02583590000"),
    ("cause", "money"), ("m-0-relation", "邻居"), ("m-1-person", "abc"), ("m-TOTAL_FORMS", "21"), ("m-TOTAL_FORMS", "-3")])
def test_what_is_out_of_range_or_not_on_the_form_is_refused(
        people: Cast, zhang: Family, client: Client, field: str, text: str) -> None:
    sign_in(client, people.clerk)
    before = state()
    page = client.post(URL, filled(zhang) | {field: text})
    assert page.status_code == 422, page.status_code
    assert state() == before


def test_a_visit_in_the_future_is_refused(people: Cast, zhang: Family, client: Client, own_store: None) -> None:
    code = submitted(people, zhang)
    act(people.clerk, code, "review", "accept")
    with acting_as(people.clerk):
        case, task = Case.objects.get(code=code), next(t for t in flow.open_tasks(code) if t.key == "visit")
    sign_in(client, people.clerk)
    before = state()
    page = client.post(f"/desk/cases/{code}/tasks/{task.pk}/", {
        **VISIT, "remote": "", "visited_on": clock.today() + dt.timedelta(days=1), "outcome": "done", "comment": "",
        "case_version": case.version, "task_version": task.version, "photos": photo()["photos"]})
    assert page.status_code == 422 and "visited_on" in page.content.decode()
    assert state() == before


def test_a_stale_page_and_a_task_of_another_case_change_nothing(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    with acting_as(people.clerk):
        other = do_apply(application_for(make_family(("沈萍", "19860219", 2, "户主"), number="2"), key="k2"), by=people.clerk)
        task, foreign = flow.open_tasks(code)[0], flow.open_tasks(other.code)[0]
    before = state()
    for number, version, error in ((task.pk, 99, Stale), (foreign.pk, 1, Refused)):
        with acting_as(people.clerk), pytest.raises(error):
            do_act(code, number, by=people.clerk, outcome="accept", comment="", data={}, files={}, case_version=version,
                   task_version=task.version)
    assert state() == before


def test_an_outcome_that_the_page_does_not_offer_is_refused(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    before = state()
    for outcome in ("confirm", "agree", "", "done"):
        with pytest.raises(Refused, match="请选择办理结果"):
            act(people.clerk, code, "review", outcome)
    assert state() == before


def test_whoever_took_the_case_in_does_not_confirm_it(
        people: Cast, zhang: Family, own_store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    published_out(code, monkeypatch)
    with as_owner():
        Case.objects.filter(code=code).update(created_by=people.approver.account_id)
    before = state()
    with pytest.raises((NotAllowed, Refused)):
        act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    assert state() == before


def test_the_neighbour_county_itself_is_no_village(people: Cast, zhang: Family) -> None:
    """A place above the township never becomes a case's place."""
    with as_owner():
        zhang.head.jurisdiction = NEIGHBOUR_COUNTY
        zhang.head.save(update_fields=["jurisdiction"])
    before = state()
    with pytest.raises(Refused), acting_as(people.province):
        do_apply(application_for(zhang), by=people.province)
    assert state() == before
