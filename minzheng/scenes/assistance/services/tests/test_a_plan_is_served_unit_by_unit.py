"""From the assessment to the last service: who decides, that a voucher is used once, and what the budget holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from minzheng.base import clock, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Service
from minzheng.data.registry.models import Organisation
from minzheng.office.benefits.budgets import do_set_shares
from minzheng.office.benefits.models import BudgetLine
from minzheng.office.ledger.funding import do_appropriate
from minzheng.scenes.assistance.aid import Consent
from minzheng.scenes.assistance.services import delivering, planning
from minzheng.scenes.assistance.services.models import Delivery, Evaluation, NeedsAssessment, ServicePlan, Voucher
from minzheng.scenes.assistance.tests.carrying import own
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker
from minzheng.testing.cast import COUNTY, VILLAGE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
CODE = "52320583MJ0000001A"
SERVICE = Service("任务 services.daily", COUNTY)
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.astimezone(clock.SHANGHAI).date())
    move(NOON)
    return move


@pytest.fixture
def zhang(db: None) -> Family:
    family = make_family(("张建国", "19500312", 1, "户主"), ("李秀英", "19520825", 2, "妻"))
    with as_owner():
        Organisation.objects.create(jurisdiction=VILLAGE, credit_code=CODE, name="玉山镇社工服务中心", kind="民办非企业单位",
                                    founded_on=dt.date(2018, 1, 1), status="存续", registered_capital_fen=1)
    return family


def item(**change: Any) -> planning.Item:
    return planning.Item(**{"kind": "care", "content": "上门照料", "provider": CODE, "unit": "time", "count": 3, "unit_fen": 0,
                            **change})


def assessed(people: Cast, family: Family, key: str = "a1") -> NeedsAssessment:
    with acting_as(people.clerk):
        return planning.do_assess(family.household.pk, levels={"care": (2, "行动不便,独居"), "visit": (1, "子女在外地"),
                                                               "mental": (0, "")},
                                  assessed_on=clock.today(), key=key, by=people.clerk)


def drafted(people: Cast, family: Family, *items: planning.Item, key: str = "p1", **change: Any) -> ServicePlan:
    base = assessed(people, family)
    values = {"person": family.head.pk, "items": items or (item(),), "starts_on": clock.today(),
              "ends_on": dt.date(2026, 12, 31), "consent": Consent(family.head.pk, clock.today(), "signed"), "key": key, **change}
    with acting_as(people.clerk):
        return planning.do_draft(base.pk, by=people.clerk, **values)


def started(people: Cast, family: Family, *items: planning.Item) -> ServicePlan:
    plan = drafted(people, family, *items)
    with acting_as(people.approver):
        return planning.do_start(plan.number, version=plan.version, by=people.approver)


def codes(plan: ServicePlan) -> list[str]:
    with as_owner():
        return [row.code for row in Voucher.objects.filter(item__plan=plan).order_by("item", "serial")]


def deliver(people: Cast, plan: ServicePlan, code: str, **change: Any) -> Delivery:
    with acting_as(people.village):
        values = {"item": plan.items.first().pk, "at": clock.now(), "place": "家里", "worker": "王护理", "code": code, "photos": [],
                  "text": "", **change}
        return delivering.do_deliver(plan.number, by=people.village, **values)


def daily() -> None:
    with as_worker(), acting_as(SERVICE):
        for step in (delivering.close_over, delivering.settle, delivering.give_back):
            while step(by=SERVICE):
                pass


def money(people: Cast) -> None:
    with acting_as(people.finance):
        do_set_shares(planning.SCHEME, COUNTY, from_month=dt.date(2026, 1, 1), reason="测试分担比例", by=people.finance,
                      shares={"central": 3333, "county": 6667})
        for source in ("central", "county"):
            do_appropriate(year=2026, source=source, scheme=planning.SCHEME, county=COUNTY, fen=100_000,
                           document=f"测试〔2026〕{source}", reason="测试预算", by=people.finance)


def line() -> tuple[int, int]:
    with as_owner():
        rows = BudgetLine.objects.filter(scheme=planning.SCHEME)
        return sum(row.reserved_fen for row in rows), sum(row.spent_fen for row in rows)


def test_a_service_is_planned_given_with_its_code_and_judged_by_the_household(people: Cast, zhang: Family) -> None:
    plan = started(people, zhang)
    citizen = own(people, zhang)
    with acting_as(citizen):
        shown = Voucher.objects.filter(delivery=None).order_by("serial").first()
        assert shown is not None
        code = shown.code
    made = deliver(people, plan, code)
    assert made.proof == "code" and made.voucher.serial == 1
    with acting_as(citizen):
        delivering.do_evaluate(made.pk, score=5, text="", by=citizen)
        with pytest.raises(Refused, match="评价过"):
            delivering.do_evaluate(made.pk, score=1, text="改为不满意", by=citizen)
    with as_owner():
        assert Evaluation.objects.get().by_person == zhang.head.pk


def test_a_code_is_used_once_and_not_more_units_than_planned(people: Cast, zhang: Family) -> None:
    plan = started(people, zhang)
    first, second, third = codes(plan)
    deliver(people, plan, first)
    before = state()
    with pytest.raises(Refused, match="用过"):
        deliver(people, plan, first)
    with pytest.raises(Refused, match="服务码"):
        deliver(people, plan, "abcdef")
    with pytest.raises(Refused, match="服务码"):
        deliver(people, plan, "")
    with pytest.raises(Refused, match="服务期"):
        deliver(people, plan, second, at=clock.now() + dt.timedelta(hours=1))
    assert state() == before
    deliver(people, plan, second)
    deliver(people, plan, third)
    with pytest.raises(Refused, match="用完"):
        deliver(people, plan, "", photos=[1])


def test_the_database_lets_nobody_change_a_delivery_or_use_a_voucher_twice(people: Cast, zhang: Family) -> None:
    plan = started(people, zhang)
    made = deliver(people, plan, codes(plan)[0])
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.filter(pk=made.pk).update(worker="别人")
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        made.pk = None
        made.save(force_insert=True)


def test_who_drafted_a_plan_does_not_decide_it_and_money_needs_the_county(people: Cast, zhang: Family) -> None:
    plan = drafted(people, zhang, item(unit_fen=5_000))
    before = state()
    with acting_as(people.clerk), pytest.raises(NotAllowed):
        planning.do_start(plan.number, version=plan.version, by=people.clerk)
    with acting_as(people.reviewer), pytest.raises(NotAllowed):
        planning.do_start(plan.number, version=plan.version, by=people.reviewer)
    with acting_as(people.approver), pytest.raises(Refused, match="分担比例"):
        planning.do_start(plan.number, version=plan.version, by=people.approver)
    assert state() == before
    with acting_as(people.reviewer):
        free = drafted(people, zhang, key="p2")
        planning.do_start(free.number, version=free.version, by=people.reviewer)
        with pytest.raises(Stale):
            planning.do_start(free.number, version=free.version, by=people.reviewer)


def test_money_is_held_spent_unit_by_unit_and_given_back(people: Cast, zhang: Family, noon: Any) -> None:
    money(people)
    plan = started(people, zhang, item(unit_fen=5_001), item(kind="visit", content="每周探访", count=2))
    assert line() == (15_003, 0)
    deliver(people, plan, codes(plan)[0])
    daily()
    daily()
    assert line() == (10_002, 5_001)
    noon(dt.datetime(2027, 1, 1, 1, tzinfo=clock.SHANGHAI))
    daily()
    with as_owner():
        assert ServicePlan.objects.get().state == "ended" and ServicePlan.objects.get().held_fen == 0
    assert line() == (0, 5_001)


def test_a_plan_beyond_the_budget_is_refused_and_nothing_is_held(people: Cast, zhang: Family) -> None:
    money(people)
    plan = drafted(people, zhang, item(unit_fen=90_000))
    before = state()
    with acting_as(people.approver), pytest.raises(Refused, match="预算"):
        planning.do_start(plan.number, version=plan.version, by=people.approver)
    assert state() == before


def test_a_plan_is_reviewed_when_due_and_stopped(people: Cast, zhang: Family, noon: Any) -> None:
    plan = started(people, zhang)
    with acting_as(people.clerk), pytest.raises(Refused, match="还没有到复核"):
        planning.do_review(plan.number, outcome="stop", text="已不需要服务,停止服务", version=plan.version, by=people.clerk)
    noon(NOON + dt.timedelta(days=91))
    with as_worker(), acting_as(SERVICE):
        flow.fire_due(clock.now(), by=SERVICE)
    with acting_as(people.clerk):
        row = planning.do_review(plan.number, outcome="go_on", text="上门看过,还需要继续照料", version=plan.version, by=people.clerk)
        assert row.state == "running"
        planning.do_stop(plan.number, reason="搬去和子女同住", version=row.version, by=people.clerk)
    with pytest.raises(Refused, match="已结束"):
        deliver(people, plan, codes(plan)[0])


@pytest.mark.parametrize(("change", "says"), [
    ({"items": ()}, "至少写一项"), ({"items": (item(kind="repair"),)}, "没有居家维修改造的需要"),
    ({"items": (item(provider="52320583MJ0000009X"),)}, "法人库"), ({"items": (item(count=0),)}, "数量"),
    ({"items": (item(count=61),)}, "数量"), ({"ends_on": dt.date(2026, 11, 1)}, "服务期"),
    ({"items": (item(unit_fen=1),), "ends_on": dt.date(2027, 1, 5)}, "跨年度"),
    ({"consent": Consent(-1, dt.date(2026, 11, 20), "signed")}, "同意人")])
def test_a_bad_plan_changes_nothing(people: Cast, zhang: Family, change: dict[str, Any], says: str) -> None:
    assessed(people, zhang)
    before = state()
    if "items" in change:
        items = change.pop("items")
        change["items"] = items
    with pytest.raises(Refused, match=says):
        drafted(people, zhang, **{"key": "bad", **change}) if "items" not in change else _draft_with(people, zhang, **change)
    assert state() == before


def _draft_with(people: Cast, family: Family, *, items: tuple[planning.Item, ...], **change: Any) -> None:
    base = assessed(people, family)
    values = {"person": family.head.pk, "starts_on": clock.today(), "ends_on": dt.date(2026, 12, 31),
              "consent": Consent(family.head.pk, clock.today(), "signed"), "key": "bad", **change}
    with acting_as(people.clerk):
        planning.do_draft(base.pk, items=items, by=people.clerk, **values)


def test_the_neighbour_and_another_citizen_reach_nothing(people: Cast, zhang: Family) -> None:
    plan = started(people, zhang)
    before = state()
    with acting_as(people.neighbour_clerk):
        assert not ServicePlan.objects.exists() and not Voucher.objects.exists()
        with pytest.raises(NotFound):
            delivering.do_deliver(plan.number, item=1, at=clock.now(), place="家里", worker="某人", code="1", photos=[], text="",
                                  by=people.neighbour_clerk)
    with acting_as(people.other_citizen):
        assert not ServicePlan.objects.exists() and not Voucher.objects.exists() and not Delivery.objects.exists()
    assert state() == before


def test_two_presses_make_one_plan(people: Cast, zhang: Family) -> None:
    assert drafted(people, zhang).pk == drafted(people, zhang).pk
