from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer, Service
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import amount_in_force
from minzheng.office.cases.actions import do_withdraw
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.notices.models import Notice
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.recognitions.queries import in_force
from minzheng.scenes.assistance.reviews.opening import do_open, recognition_for
from minzheng.scenes.assistance.reviews.sweeping import do_expire, do_tell
from minzheng.scenes.assistance.tekun.tests import supported
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import COUNTY
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
HEARD = {"way": "visit", "result": "heard", "person_name": "吴阿妹", "told": "拟终止供养,儿子已回来赡养", "statement": "同意"}
GONE = {"found": "儿子从外地回来,有赡养能力", "cause": "obligor"}


def supported_already(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch, *unmet: str) -> Recognition:
    carrying.served(people, supported.confirmed(people, wu, monkeypatch, *unmet))
    with acting_as(people.clerk):
        return Recognition.objects.get()


def recognised_already(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> Recognition:
    code = carrying.applied(people, zhang, "edge", wage_fen=400_000)
    carrying.surveyed(people, code)
    carrying.published(people, code, monkeypatch)
    carrying.confirmed(people, code)
    carrying.served(people, code)
    with acting_as(people.clerk):
        return Recognition.objects.get()


def opened(people: Cast, row: Recognition, about: str = "change", key: str = "r1") -> str:
    with acting_as(people.clerk):
        return do_open(recognition_for(row.pk), about=about, text="儿子从外地回来了", key=key, channel="window",
                       by=people.clerk).code


def decided(people: Cast, code: str, outcome: str = "approve") -> None:
    with acting_as(people.approver):
        month = (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    carrying.act(people.approver, code, "decide", outcome, "情况属实,同意提请", data={"from_month": month})


def keys(people: Cast, code: str) -> set[str]:
    return carrying.open_keys(people, code)


def test_support_ends_after_publicity_hearing_and_decision_from_the_next_month(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    code = opened(people, row)
    carrying.act(people.clerk, code, "verify", "end", data=GONE)
    with acting_as(people.clerk):
        notice = Publicity.objects.get(kind="case", state="open")
        assert (notice.amount_fen, notice.members) == (0, 1)
        assert (notice.ends_on - notice.starts_on).days == 7  # type: ignore[operator]
    assert keys(people, code) == set()
    carrying.published_out(code, monkeypatch)
    assert keys(people, code) == {"hear"}
    carrying.act(people.clerk, code, "hear", "heard", data=HEARD)
    decided(people, code)
    first_without = (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    with acting_as(people.approver):
        benefit = Entitlement.objects.get()
        assert (benefit.status, benefit.end_month) == (ENDED, add_months(first_without, -1))
        decision = Decision.objects.get(kind="end")
        assert decision.terms == "终止特困人员认定。" and decision.hearing is not None and decision.remedy
        assert Recognition.objects.get().ended_on == first_without
        assert in_force(clock.today()).exists() and not in_force(first_without).exists()
        assert not Publicity.objects.filter(kind="list", state="open").exists()
    carrying.served(people, code)
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"


def test_a_status_without_money_ends_after_a_hearing_without_publicity(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = opened(people, recognised_already(people, zhang, monkeypatch))
    carrying.act(people.clerk, code, "verify", "end", data={"found": "全家收入明显增加", "cause": "means"})
    assert keys(people, code) == {"hear"}
    carrying.act(people.clerk, code, "hear", "heard", data={**HEARD, "person_name": "张建国"})
    decided(people, code)
    with acting_as(people.approver):
        assert Recognition.objects.get().end_cause == "review"
        assert Decision.objects.get(kind="end").amount_fen is None


def test_who_still_fits_keeps_it_and_the_next_review_is_a_year_later(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = opened(people, recognised_already(people, zhang, monkeypatch), "due")
    carrying.act(people.clerk, code, "verify", "keep", data={"found": "收入没有变化", "cause": ""})
    with acting_as(people.clerk):
        row = Recognition.objects.get()
        assert Case.objects.get(code=code).state == "closed"
        assert (row.ended_on, row.review_due) == (None, clock.today() + relativedelta(months=12))
        assert Decision.objects.filter(kind="end").count() == 0


def test_the_approver_may_decline_and_nothing_changes(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = opened(people, recognised_already(people, zhang, monkeypatch))
    carrying.act(people.clerk, code, "verify", "end", data={"found": "收入增加", "cause": "means"} | {"found": "收入增加一些"})
    carrying.act(people.clerk, code, "hear", "heard", data=HEARD)
    decided(people, code, "decline")
    with acting_as(people.clerk):
        assert Recognition.objects.get().ended_on is None
        assert Case.objects.get(code=code).state == "closed"


def test_unreachable_takes_three_recorded_tries(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = opened(people, recognised_already(people, zhang, monkeypatch))
    carrying.act(people.clerk, code, "verify", "end", data={"found": "全家已搬走", "cause": "away"})
    gone = {**HEARD, "result": "unreachable", "statement": ""}
    before = state()
    with pytest.raises(Refused, match="至少联系 3 次"):
        carrying.act(people.clerk, code, "hear", "heard", data=gone)
    assert state() == before
    for number in range(3):
        carrying.act(people.clerk, code, "hear", "try", data={**gone, "result": "", "told": f"第 {number + 1} 次电话无人接听"})
    carrying.act(people.clerk, code, "hear", "heard", data=gone)
    assert keys(people, code) == {"decide"}


def care(people: Cast, row: Recognition, wu: Family, outcome: str, *unmet: str) -> str:
    code = opened(people, row, "care")
    carrying.cosigned(people, code, "self_care")
    carrying.act(people.clerk, code, "self_care", outcome, data=supported.abilities(wu, *unmet))
    return code


def test_more_care_is_paid_from_the_next_month_without_a_hearing(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    month = (clock.today().replace(day=1) + dt.timedelta(days=64)).replace(day=1)
    with acting_as(people.approver):
        before = amount_in_force(Entitlement.objects.get().pk, month)
    code = care(people, row, wu, "change", "eat", "bed", "walk", "bath")
    assert keys(people, code) == {"decide"}
    decided(people, code)
    with acting_as(people.approver):
        decision = Decision.objects.latest("id")
        assert decision.kind == "confirm" and "照料护理费(全护理)" in decision.terms
        assert amount_in_force(Entitlement.objects.get().pk, month) == decision.amount_fen > before
        assert Recognition.objects.get().ended_on is None


def test_less_care_is_heard_before_it_is_cut(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch, "eat", "bed", "walk", "bath")
    code = care(people, row, wu, "change")
    assert keys(people, code) == {"hear"}
    carrying.act(people.clerk, code, "hear", "heard", data=HEARD)
    decided(people, code)
    with acting_as(people.approver):
        decision = Decision.objects.latest("id")
        assert decision.kind == "cut" and decision.hearing is not None
        assert amount_in_force(Entitlement.objects.get().pk, decision.from_month) == decision.amount_fen


def test_a_new_assessment_is_due_in_ten_working_days_and_its_outcome_is_what_the_abilities_give(
        people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    code = opened(people, row, "care")
    with acting_as(people.clerk):
        (task,) = flow.open_tasks(code)
        assert (task.key, task.limit_amount, task.limit_unit) == ("self_care", 10, "workday")
    carrying.cosigned(people, code, "self_care")
    before = state()
    with pytest.raises(Refused, match="类别不变"):
        carrying.act(people.clerk, code, "self_care", "change", data=supported.abilities(wu))
    assert state() == before
    carrying.act(people.clerk, code, "self_care", "same", data=supported.abilities(wu))
    with acting_as(people.clerk):
        assert Case.objects.get(code=code).state == "closed"


@pytest.mark.parametrize(("stage", "birth", "why"), [("", "20150101", "未满 18 周岁"), ("高中", "20080101", "仍在就读高中")])
def test_minors_and_pupils_stay(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch, stage: str, birth: str,
                                why: str) -> None:
    row = supported_already(people, wu, monkeypatch)
    with as_owner():
        wu.head.birth_date, wu.head.school_stage = dt.date.fromisoformat(birth), stage
        wu.head.save(update_fields=["birth_date", "school_stage"])
    code = opened(people, row)
    before = state()
    with pytest.raises(Refused, match=why):
        carrying.act(people.clerk, code, "verify", "end", data={"found": "年满十八", "cause": "adult"} | {"found": "年满十八周岁"})
    assert state() == before


def test_what_cannot_be_reviewed_is_refused(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    code = opened(people, row)
    assert opened(people, row) == code
    before = state()
    with pytest.raises(Refused, match="未办结"):
        opened(people, row, key="r2")
    for by in (people.neighbour_clerk, people.neighbour):
        with acting_as(by), pytest.raises(NotFound):
            recognition_for(row.pk)
    for by in (people.village, people.approver, people.neighbour_clerk):
        with pytest.raises((NotAllowed, NotFound)):
            carrying.act(by, code, "verify", "end", data=GONE)
    with pytest.raises(Refused, match="请选择不再符合的原因"):
        carrying.act(people.clerk, code, "verify", "end", data={**GONE, "cause": ""})
    assert state() == before


def test_a_recognition_runs_out_by_itself_after_one_notice_a_month_before(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = recognised_already(people, zhang, monkeypatch)
    service = Service("到期", COUNTY)
    with as_owner():
        Recognition.objects.update(valid_to=clock.today() + dt.timedelta(20), review_due=None)
    with acting_as(service):
        assert [do_tell(by=service), do_tell(by=service), do_expire(by=service)] == [1, 0, 0]
    with acting_as(people.clerk):
        assert Notice.objects.filter(template="recognition.runs_out", channel="inapp").count() == 3
    later = clock.now() + dt.timedelta(21)
    monkeypatch.setattr(clock, "now", lambda: later)
    with acting_as(service):
        assert [do_expire(by=service), do_expire(by=service)] == [1, 0]
        row.refresh_from_db()
    assert (row.end_cause, row.ended_on) == ("expired", clock.today())


def test_a_review_that_falls_due_opens_its_case_once(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    recognised_already(people, zhang, monkeypatch)
    service = Service("到期", COUNTY)
    with as_owner():
        Recognition.objects.update(review_due=clock.today() + dt.timedelta(20))
    with acting_as(service):
        assert [do_tell(by=service), do_tell(by=service)] == [1, 0]
        case = Case.objects.get(matter="review")
    assert keys(people, case.code) == {"verify"}


def post(client: Client, by: Any, url: str, **data: Any) -> Any:
    return sign_in(client, by).post(url, data)


def test_the_citizen_reports_and_the_officers_pages_show_it(
        people: Cast, wu: Family, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    me = carrying.own(people, wu)
    sign_in(client, me)
    assert "特困人员" in client.get("/my/assistance/recognitions/").content.decode()
    url = f"/my/assistance/recognitions/{row.pk}/report/"
    assert "自理能力有变化" in client.get(url).content.decode()
    before = state()
    page = client.post(url, {"about": "care", "text": "短", "key": "c1"})
    assert page.status_code == 422 and state() == before
    for _ in range(2):
        assert client.post(url, {"about": "care", "text": "摔了一跤,起不了床", "key": "c1"}).status_code == 302
    with acting_as(people.clerk):
        code = Case.objects.get(matter="review").code
    assert "摔了一跤" in client.get(f"/my/cases/{code}/").content.decode()
    sign_in(client, people.clerk)
    text = client.get(f"/desk/cases/{code}/").content.decode()
    assert "摔了一跤" in text and "能独立吃饭" in text and "按现在的情况测算" in text
    ledger = client.get("/desk/assistance/recognitions/").content.decode()
    assert "登记变化、复核" in ledger and "特困人员" in ledger and "吴阿妹" not in ledger
    sign_in(client, people.neighbour_clerk)
    assert "登记变化、复核" not in client.get("/desk/assistance/recognitions/").content.decode()
    assert client.get(f"/desk/assistance/recognitions/{row.pk}/review/").status_code == 404
    sign_in(client, people.other_citizen)
    assert client.get(url).status_code == 404


def test_the_citizen_takes_a_report_back(people: Cast, wu: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    me = carrying.own(people, wu)
    with acting_as(me):
        case = do_open(recognition_for(row.pk), about="change", text="报错了,没有变化", key="c1", channel="phone", by=me)
    with acting_as(me):
        do_withdraw(case.code, by=me, reason="没有变化", version=case.version)
    assert keys(people, case.code) == set()


def test_officers_open_it_by_the_page(people: Cast, wu: Family, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = supported_already(people, wu, monkeypatch)
    url = f"/desk/assistance/recognitions/{row.pk}/review/"
    page = post(client, people.clerk, url, about="", text="儿子回来了", key="k")
    assert page.status_code == 422
    done = post(client, people.clerk, url, about="change", text="儿子回来了,有能力赡养", key="k")
    assert done.status_code == 302
    assert isinstance(people.clerk, Officer)
    assert post(client, people.finance, url, about="change", text="儿子回来了,有能力赡养", key="k2").status_code == 403
