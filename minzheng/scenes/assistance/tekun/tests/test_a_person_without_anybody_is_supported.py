from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Service
from minzheng.data.registry.models import Organisation
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tekun.models import Care, SelfCare, SpotCheck
from minzheng.scenes.assistance.tekun.tests import supported
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import COUNTY, PROVINCE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
SON = {"name": "吴小明", "relation": "子女"}


def test_the_person_is_paid_two_parts_from_the_next_month(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = supported.confirmed(people, wu, monkeypatch, "bath")
    with acting_as(people.approver):
        decision, benefit, row = Decision.objects.get(), Entitlement.objects.get(), Recognition.objects.get()
        assert "吴阿妹基本生活费" in decision.terms and "照料护理费(半护理)" in decision.terms
        assert decision.amount_fen == benefit.amounts.get().fen if hasattr(benefit, "amounts") else True
        assert (benefit.scheme, benefit.persons) == ("tekun", 1)
        assert benefit.start_month == (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        assert (row.kind, row.persons, row.valid_to, row.review_due) == ("tekun", 1, None, None)
        notice = Publicity.objects.get(kind="case")
        assert (notice.members, notice.amount_fen) == (1, decision.amount_fen)
        assert SelfCare.objects.get().band == "half"
        assert Care.objects.get().carer == "周素芬"
    carrying.served(people, code)
    with acting_as(people.approver):
        assert Case.objects.get(code=code).state == "closed"


@pytest.mark.parametrize(("unmet", "band"), [
    ((), "self"), (("eat",), "half"), (("eat", "bed", "bath"), "half"), (("eat", "bed", "bath", "walk"), "full"),
    (("eat", "dress", "bed", "toilet", "walk", "bath"), "full")])
def test_the_band_follows_the_six_abilities(people: Cast, wu: Family, unmet: tuple[str, ...], band: str) -> None:
    code = supported.applied(people, wu)
    carrying.surveyed(people, code)
    supported.assess(people, code, wu, *unmet)
    with acting_as(people.clerk):
        row = SelfCare.objects.get()
    assert row.band == band and len(row.assessors) == 2


def test_one_assessor_alone_is_refused(people: Cast, wu: Family) -> None:
    code = supported.applied(people, wu)
    carrying.surveyed(people, code)
    before = state()
    with pytest.raises(Refused):
        carrying.act(people.clerk, code, "self_care", "done", data=supported.abilities(wu))
    assert state() == before


def test_an_obligor_who_can_support_stands_against_it_and_one_who_cannot_does_not(people: Cast, wu: Family) -> None:
    of = {**SON, "of": wu.head.pk}
    code = supported.applied(people, wu, {**of, "able": "able"})
    supported.surveyed(people, code, wu)
    before = state()
    with pytest.raises(Refused, match="不符合条件"):
        carrying.act(people.reviewer, code, "town_review", "agree")
    assert state() == before
    carrying.act(people.reviewer, code, "town_review", "disagree", "儿子有履行能力")
    supported.visited_if_drawn(people, code)
    carrying.act(people.approver, code, "county_review", "refuse", "儿子有赡养能力,不符合特困人员条件")
    with acting_as(people.approver):
        decision = Decision.objects.get()
        assert decision.kind == "refuse" and decision.serve_by is not None
        assert not Recognition.objects.exists() and not Entitlement.objects.exists()
    with acting_as(people.clerk):
        again = supported.applied(people, wu, {**of, "able": "disabled"}, key="k2")
    supported.surveyed(people, again, wu)
    carrying.act(people.reviewer, again, "town_review", "agree")


def test_each_stage_has_its_own_clock(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = supported.applied(people, wu)
    supported.surveyed(people, code, wu)
    with acting_as(people.approver):
        survey = flow.clock_of(code, "survey")
        assert survey is not None and (survey.limit_amount, survey.limit_unit, survey.stopped_at) == (15, "workday", None)
        assert Case.objects.get(code=code).due_at == survey.due_at
    carrying.published(people, code, monkeypatch)
    with acting_as(people.approver):
        survey, confirm = flow.clock_of(code, "survey"), flow.clock_of(code, "confirm")
        assert survey is not None and survey.stopped_at is not None
        assert survey.stopped_at < clock.now() - dt.timedelta(days=7)
        assert confirm is not None and (confirm.limit_amount, confirm.limit_unit) == (15, "workday")
        assert Case.objects.get(code=code).due_at == confirm.due_at
    supported.visited_if_drawn(people, code)
    carrying.confirmed(people, code)
    with acting_as(people.approver):
        assert flow.clock_of(code, "confirm").stopped_at is not None  # type: ignore[union-attr]


def test_the_first_case_of_a_county_is_visited_by_it_before_anybody_confirms(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = supported.applied(people, wu)
    supported.surveyed(people, code, wu)
    carrying.published(people, code, monkeypatch)
    with acting_as(people.approver):
        row = SpotCheck.objects.get()
    assert row.drawn and row.serial == 1 and row.percent == 30
    assert carrying.open_keys(people, code) == {"county_visit"}
    with acting_as(people.neighbour):
        assert not SpotCheck.objects.exists()


def test_the_timer_draws_at_the_province_and_nobody_draws_for_another_county(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = supported.applied(people, wu)
    supported.surveyed(people, code, wu)
    carrying.act(people.reviewer, code, "town_review", "agree")
    later = clock.now() + dt.timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    service = Service("时限", PROVINCE)
    with acting_as(service):
        flow.fire_due(clock.now(), by=service, limit=50)
    assert carrying.open_keys(people, code) == {"county_visit"}
    with pytest.raises(ProgrammingError, match="another county"), acting_as(people.neighbour), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tekun_drawn(%s, 2026)", [COUNTY])


def test_an_institution_must_stand_in_the_register(people: Cast, wu: Family) -> None:
    code = supported.applied(people, wu)
    carrying.surveyed(people, code)
    supported.assess(people, code, wu)
    with as_owner():
        Organisation.objects.create(jurisdiction=COUNTY, credit_code="12320583MB0000001X", name="玉山敬老院", kind="机关事业单位",
                                    founded_on=dt.date(2000, 1, 1), status="存续", registered_capital_fen=0)
        Organisation.objects.create(jurisdiction=COUNTY, credit_code="12320583MB0000002X", name="旧敬老院", kind="机关事业单位",
                                    founded_on=dt.date(2000, 1, 1), status="注销", registered_capital_fen=0)
    for number, why in (("12320583MB0000009X", "法人库里没有"), ("12320583MB0000002X", "已注销")):
        before = state()
        with pytest.raises(Refused, match=why):
            carrying.act(people.clerk, code, "arrange", "done",
                         data=supported.at_home(wu, place="institution", institution=number))
        assert state() == before
    carrying.act(people.clerk, code, "arrange", "done",
                 data=supported.at_home(wu, place="institution", institution="12320583MB0000001X"))
    with acting_as(people.clerk):
        assert Care.objects.get().institution_name == "玉山敬老院"


def test_who_has_a_benefit_of_the_same_group_is_refused_by_the_database(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(people.neighbour):
        do_grant(scheme="dibao", case_code="C1", decision="常决1", decided_on=dt.date(2026, 1, 5), jurisdiction="320581100001",
                 household_id=None, head_person=wu.head.pk, members=[Covered(wu.head.pk, "吴阿妹", "本人")], monthly_fen=50_000,
                 payee=Payee("吴阿妹", "9900000000000018", wu.numbers[0]), by=people.neighbour)
    code = supported.applied(people, wu)
    supported.surveyed(people, code, wu)
    carrying.published(people, code, monkeypatch)
    supported.visited_if_drawn(people, code)
    before = state()
    with pytest.raises(Refused, match="已在其他家庭或其他地方享受"):
        carrying.confirmed(people, code)
    assert state() == before


@pytest.mark.parametrize("who", ["neighbour_clerk", "village", "approver", "province"])
def test_only_the_townships_clerk_assesses(people: Cast, wu: Family, who: str) -> None:
    code = supported.applied(people, wu)
    carrying.surveyed(people, code)
    before = state()
    with pytest.raises((NotAllowed, NotFound)):
        carrying.act(getattr(people, who), code, "self_care", "done", data=supported.abilities(wu))
    assert state() == before


def form_of(wu: Family, **changed: Any) -> dict[str, Any]:
    from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import filled

    person = wu.head.pk
    return filled(wu) | {"m-0-wage_fen": "", f"x-asks_{person}": "on", f"x-place_{person}": "home", f"x-alone_{person}": "on"} | {
        key.format(person): value for key, value in changed.items()}


def test_the_window_asks_for_obligors_or_that_there_are_none(people: Cast, wu: Family, client: Client) -> None:
    sign_in(client, people.clerk)
    for changed, why in (({"x-alone_{}": ""}, "请填写法定义务人"), ({"x-asks_{}": ""}, "申请人本人应是申请供养的人"),
                         ({"x-name0": "吴小明"}, "第 1 位义务人"),
                         ({"x-of0": wu.head.pk, "x-name0": "吴小明", "x-relation0": "子女", "x-able0": "able"}, "不要再勾选")):
        before = state()
        page = client.post("/desk/assistance/tekun/new", form_of(wu, **changed))
        assert page.status_code == 422 and why in page.content.decode(), why
        assert state() == before
    assert client.post("/desk/assistance/tekun/new", form_of(wu)).status_code == 200
    again = client.post("/desk/assistance/tekun/new", form_of(wu))
    assert again.status_code == 200
    with acting_as(people.clerk):
        case = Case.objects.get()
    text = client.get(f"/desk/cases/{case.code}/").content.decode()
    assert "申请供养的人" in text and "分散供养(本人意愿)" in text and "没有" in text


def test_pages_of_its_tasks_show_and_the_citizen_reads_the_decision(
        people: Cast, wu: Family, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = supported.applied(people, wu)
    carrying.surveyed(people, code)
    sign_in(client, people.clerk)
    text = client.get(f"/desk/cases/{code}/").content.decode()
    assert "能独立吃饭" in text and "无劳动能力" not in text.split("规则核对")[0]
    supported.assess(people, code, wu, "eat", "bed", "bath", "walk")
    assert "照料服务协议" in client.get(f"/desk/cases/{code}/").content.decode()
    carrying.act(people.clerk, code, "arrange", "done", data=supported.at_home(wu))
    carrying.published(people, code, monkeypatch)
    supported.visited_if_drawn(people, code)
    carrying.confirmed(people, code)
    sign_in(client, carrying.own(people, wu))
    page = client.get(f"/my/cases/{code}/").content.decode()
    assert "照料护理费(全护理)" in page and "基本生活费" in page
    assert client.get("/my/assistance/tekun/").status_code == 200
