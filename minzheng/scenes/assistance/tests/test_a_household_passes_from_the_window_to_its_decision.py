from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from PIL import Image

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, Service
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.actions import do_withdraw
from minzheng.office.cases.acts import do_act
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY


def photo() -> Any:
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils.datastructures import MultiValueDict

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(buffer, "JPEG")
    return MultiValueDict({"photos": [SimpleUploadedFile("家中.jpg", buffer.getvalue(), "image/jpeg")]})


def act(by: Officer, code: str, key: str, outcome: str, comment: str = "", data: Any = None, files: Any = None) -> None:
    with acting_as(by):
        case = get_case_for(by, code, sensitive=False)
        task = next(t for t in flow.open_tasks(code) if t.key == key)
        do_act(code, task.pk, by=by, outcome=outcome, comment=comment, data=data or {}, files=files or {},
               case_version=case.version, task_version=task.version)


VISIT = {"visited_on": dt.date(2026, 11, 20), "living": "住房一套,家具简单。", "conclusion": "情况属实。", "remote": False,
         "remote_reason": "", "vehicles_exempt": 0, "houses_exempt": 0, "visitor_sign": "", "visitor_sign_typed": "李建国",
         "household_sign": "", "household_sign_typed": "张建国"}


def submitted(people: Cast, family: Family) -> str:
    with acting_as(people.clerk):
        return do_apply(application_for(family), by=people.clerk).code


def reviewed(people: Cast, family: Family) -> str:
    """Up to the end of the publicity: accepted, checked, visited by two, agreed, published for its days."""
    code = submitted(people, family)
    act(people.clerk, code, "review", "accept")
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": True}, by=service)
    with acting_as(people.clerk):
        visit = next(t for t in flow.open_tasks(code) if t.key == "visit")
        flow.cosign(flow.claim(visit, by=people.clerk), accounts=[people.village.account_id], by=people.clerk)
    with acting_as(people.village):
        flow.sign(visit.pk, by=people.village)
    act(people.clerk, code, "visit", "done", data=VISIT, files=photo())
    act(people.reviewer, code, "town_review", "agree")
    return code


def published_out(code: str, monkeypatch: pytest.MonkeyPatch, county: str = COUNTY) -> None:
    """Eight days later the timers go off."""
    later = clock.now() + dt.timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    service = Service("时限", county)
    with acting_as(service):
        flow.fire_due(clock.now(), by=service, limit=50)


def test_the_household_is_confirmed_and_paid_from_the_next_month(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    with acting_as(people.clerk):
        notice = Publicity.objects.get()
    assert (notice.name, notice.members) == ("张建国", 3)
    published_out(code, monkeypatch)
    act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    with acting_as(people.approver):
        decision, entitlement = Decision.objects.get(), Entitlement.objects.get()
        assert decision.kind == "confirm"
        assert decision.amount_fen == notice.amount_fen
        assert entitlement.start_month == (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        assert Case.objects.get(code=code).state == "decided"
    serve = {"method": "left", "served_on": clock.today(), "receiver": "张建国", "receiver_relation": "本人",
             "witnesses": "王芳、赵六", "tracking": ""}
    act(people.clerk, code, "serve", "served", data=serve)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"
        assert [s.state for s in flow.steps(code)] == ["done"] * 7


def test_a_second_click_on_submit_finds_the_first_case(people: Cast, zhang: Family) -> None:
    with acting_as(people.clerk):
        first = do_apply(application_for(zhang), by=people.clerk)
        again = do_apply(application_for(zhang), by=people.clerk)
        assert again.code == first.code
        assert Case.objects.count() == 1


def test_a_household_with_an_open_case_cannot_apply_twice(people: Cast, zhang: Family) -> None:
    submitted(people, zhang)
    with acting_as(people.clerk):
        with pytest.raises(Refused, match="不能重复申请"):
            do_apply(application_for(zhang, key="another"), by=people.clerk)
    with acting_as(people.clerk):
        assert Case.objects.count() == 1


def test_an_unsigned_authorisation_refuses_the_whole_application(people: Cast, zhang: Family) -> None:
    from dataclasses import replace

    whole = application_for(zhang)
    members = [replace(whole.members[0], signed=False), *whole.members[1:]]
    with acting_as(people.clerk), pytest.raises(Refused, match="授权书"):
        do_apply(replace(whole, members=members), by=people.clerk)
    with acting_as(people.clerk):
        assert not Case.objects.exists()


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk"])
def test_the_neighbour_county_neither_finds_nor_acts_on_the_case(people: Cast, zhang: Family, who: str) -> None:
    code = submitted(people, zhang)
    by = getattr(people, who)
    with acting_as(by):
        assert not Case.objects.exists()
        with pytest.raises(NotFound):
            get_case_for(by, code)
        with pytest.raises(NotFound):
            do_withdraw(code, by=by, reason="看看", version=1)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "submitted"


@pytest.mark.parametrize("who", ["province", "city", "county", "village", "reviewer", "approver", "finance", "data_officer"])
def test_only_the_township_clerk_accepts_an_application(people: Cast, zhang: Family, who: str) -> None:
    code = submitted(people, zhang)
    with pytest.raises((NotAllowed, NotFound)):
        act(getattr(people, who), code, "review", "accept")
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "submitted"


def test_a_stale_page_changes_nothing(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    with acting_as(people.clerk):
        task = flow.open_tasks(code)[0]
        with pytest.raises(Stale):
            do_act(code, task.pk, by=people.clerk, outcome="accept", comment="", data={}, files={}, case_version=99,
                   task_version=task.version)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "submitted"


def test_a_rich_household_cannot_be_confirmed_against_the_rules(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(people.clerk):
        code = do_apply(application_for(zhang, wage_fen=3_000_000), by=people.clerk).code
    act(people.clerk, code, "review", "accept")
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": True}, by=service)
    with acting_as(people.clerk):
        visit = next(t for t in flow.open_tasks(code) if t.key == "visit")
        flow.cosign(flow.claim(visit, by=people.clerk), accounts=[people.village.account_id], by=people.clerk)
    with acting_as(people.village):
        flow.sign(visit.pk, by=people.village)
    act(people.clerk, code, "visit", "done", data=VISIT, files=photo())
    with pytest.raises(Refused, match="不符合条件"):
        act(people.reviewer, code, "town_review", "agree")
    with acting_as(people.clerk):
        assert not Publicity.objects.exists()
    act(people.reviewer, code, "town_review", "disagree", "人均收入高于标准")
    act(people.approver, code, "county_review", "refuse", "经核对,家庭人均月收入高于本地低保标准")
    with acting_as(people.approver):
        assert Decision.objects.get().kind == "refuse"
        assert not Entitlement.objects.exists()


def test_a_citizen_withdraws_and_nobody_can_go_on(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    with as_owner():
        Case.objects.filter(code=code).update(applicant=people.citizen.person_id)
    with acting_as(people.other_citizen), pytest.raises(NotFound):
        do_withdraw(code, by=people.other_citizen, reason="不想办了", version=1)
    with acting_as(people.citizen):
        do_withdraw(code, by=people.citizen, reason="不想办了", version=1)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "withdrawn"
        assert not flow.open_tasks(code)
