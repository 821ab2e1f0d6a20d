"""Needs assessment and plans: drafted by the township, agreed by the household, decided by another post."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minzheng.base import audit, clock, events, flow
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.base.scope.ranges import office_of
from minzheng.data.registry.models import Organisation
from minzheng.office.benefits import budgets
from minzheng.office.notices.actions import do_notify
from minzheng.scenes.assistance.aid import (
    Consent,
    check_consent,
    consented,
    household_for,
    limit,
    living_members,
    need_text,
    row_by_number,
)
from minzheng.scenes.assistance.services.kinds import KINDS, LEVELS, UNITS
from minzheng.scenes.assistance.services.models import (
    NEXT,
    PREFIX,
    STATES,
    NeedsAssessment,
    PlanItem,
    ServicePlan,
    Voucher,
)

PROCESS, SCHEME = "service_plan", "service"
PLANNERS = ("village_worker", "town_clerk", "county_clerk")
DECIDERS = ("town_reviewer", "county_approver", "county_leader")
PAYERS = ("county_approver", "county_leader")  # a paid plan takes money of the county's budget
READERS = (*PLANNERS, *DECIDERS, "city_officer", "province_officer")
STARTED, ENDED = "service.started", "service.ended"
LONGEST = dt.timedelta(days=366)
STANDING = "存续"


@dataclass(frozen=True)
class Item:
    """One service wanted: `provider` is the organisation's 统一社会信用代码."""

    kind: str
    content: str
    provider: str
    unit: str
    count: int
    unit_fen: int = 0


def get_plan_for(by: Officer, number: str, *, lock: bool = False) -> ServicePlan:
    found = row_by_number(ServicePlan, PREFIX, number, by=by, lock=lock, missing="没有找到这份服务计划,或它不在您的辖区。")
    if not lock:
        audit.record("service.read", by=by, obj_type="service_plan", obj_id=found.number, jurisdiction=found.jurisdiction,
                     subject_person=found.person, reason="查看服务计划")
    return found


def do_assess(household_id: int, *, levels: Mapping[str, tuple[int, str]], assessed_on: dt.date, key: str, by: Officer,
              case_code: str = "") -> NeedsAssessment:
    """需求评估: by kind a level (0 none, 1 needed, 2 urgent) and why. The same key again gives the first."""
    require_role(by, *PLANNERS)
    household = household_for(by, household_id)
    known = NeedsAssessment.objects.filter(key=key, recorded_by=by.account_id).first()
    if known is not None:
        return known
    if set(levels) - set(KINDS) or any(level not in LEVELS for level, _ in levels.values()):
        raise Refused("请从列表选择服务和需要的程度。")
    wanted = {kind: row for kind, row in levels.items() if row[0]}
    if not wanted:
        raise Refused("请至少选择一项需要的服务;都不需要的,不用登记评估。")
    for kind, (_, text) in wanted.items():
        if len(text.strip()) < 4:
            raise Refused(f"请写明为什么需要{KINDS[kind]}。", field=f"text_{kind}")
    if not clock.today() - dt.timedelta(days=90) <= assessed_on <= clock.today():
        raise Refused("评估日期应在最近 90 天内,且不晚于今天。", field="assessed_on")
    row = NeedsAssessment.objects.create(
        household_id=household.pk, jurisdiction=household.jurisdiction, case_code=case_code, assessed_on=assessed_on,
        found=json.dumps({kind: {"level": level, "text": text.strip()} for kind, (level, text) in wanted.items()},
                         ensure_ascii=False),
        key=key, recorded_by=by.account_id, recorded_name=by.name, recorded_at=clock.now())
    audit.record("service.assessed", by=by, obj_type="registry.household", obj_id=household.pk,
                 jurisdiction=row.jurisdiction, after={kind: level for kind, (level, _) in wanted.items()})
    return row


def provider_of(code: str) -> Organisation:
    """A standing organisation of the registry within the acting scope."""
    found = Organisation.objects.filter(credit_code=code.strip().upper(), status=STANDING).first()
    if found is None:
        raise Refused("法人库里没有这个存续的单位,请核对统一社会信用代码。", field="provider")
    return found


def do_draft(assessment: int, *, person: int, items: Sequence[Item], starts_on: dt.date, ends_on: dt.date, consent: Consent,
             key: str, by: Officer) -> ServicePlan:
    """制定服务计划 on an assessment of this household. The same key again gives the first."""
    require_role(by, *PLANNERS)
    base = NeedsAssessment.objects.filter(pk=assessment).first()
    if base is None:
        raise NotFound("没有找到这次评估,或它不在您的辖区。")
    household = household_for(by, base.household_id)
    known = ServicePlan.objects.filter(key=key, drafted_by=by.account_id).first()
    if known is not None:
        return known
    members = living_members(household)
    whom = members.get(person)
    if whom is None:
        raise Refused("服务对象须是这一户在世的家庭成员。", field="person")
    giver = check_consent(consent, whom, members)
    _check_days(starts_on, ends_on, items)
    needed = {kind for kind, row in json.loads(base.found).items() if row["level"]}
    most = limit("service.most", base.jurisdiction).value
    if not items:
        raise Refused("请至少写一项服务。")
    for item in items:
        _check_item(item, needed, most)
    providers = [provider_of(item.provider) for item in items]
    row = ServicePlan.objects.create(
        household_id=household.pk, jurisdiction=household.jurisdiction, person=whom.pk, person_name=whom.name,
        assessment=base, starts_on=starts_on, ends_on=ends_on, drafted_by=by.account_id, drafted_name=by.name, key=key,
        created_at=clock.now(), **consented(consent, giver))
    PlanItem.objects.bulk_create(
        PlanItem(plan=row, jurisdiction=row.jurisdiction, kind=item.kind, content=item.content.strip(),
                 provider=provider.pk, provider_name=provider.name, unit=item.unit, count=item.count, unit_fen=item.unit_fen)
        for item, provider in zip(items, providers, strict=True))
    _record("service.drafted", row, by, {"items": len(items), "fen": total_of(row)})
    return row


def _check_days(starts_on: dt.date, ends_on: dt.date, items: Sequence[Item]) -> None:
    if starts_on < clock.today() or ends_on < starts_on or ends_on - starts_on > LONGEST:
        raise Refused("服务期应从今天或以后开始,不超过一年。", field="ends_on")
    if any(item.unit_fen for item in items) and starts_on.year != ends_on.year:
        raise Refused("要付费的服务计划不能跨年度(预算按年度),请分成两份计划。", field="ends_on")


def _check_item(item: Item, needed: set[str], most: int) -> None:
    if item.kind not in KINDS or item.unit not in UNITS:
        raise Refused("请从列表选择服务和单位。", field="kind")
    if item.kind not in needed:
        raise Refused(f"评估中没有{KINDS[item.kind]}的需要,请先重新评估。", field="kind")
    if len(item.content.strip()) < 2:
        raise Refused("请写明服务的内容。", field="content")
    if not 1 <= item.count <= most:
        raise Refused(f"数量应在 1 到 {most} 之间。", field="count")
    if item.unit_fen < 0:
        raise Refused("单价不能小于 0。", field="unit_fen")


def total_of(plan: ServicePlan) -> int:
    return sum(item.unit_fen * item.count for item in plan.items.all())


def portions(plan: ServicePlan) -> dict[str, dict[str, int]]:
    """By item the price of one unit by funding source, as the shares of the plan's first month say. Whole units add up to
    what is held, since each is split by itself."""
    paid = [item for item in plan.items.all() if item.unit_fen]
    if not paid:
        return {}
    shares = budgets.shares_in_force(SCHEME, office_of(plan.jurisdiction, 3), plan.starts_on.replace(day=1))
    return {str(item.pk): budgets.split(item.unit_fen, shares) for item in paid}


def move_to(plan: ServicePlan, state: str, **changes: Any) -> None:
    """The only way in which the state changes."""
    if state not in NEXT[plan.state]:
        raise Refused(f"服务计划{STATES[plan.state]},不能改为{STATES[state]}。")
    plan.state, plan.version = state, plan.version + 1
    for name, value in changes.items():
        setattr(plan, name, value)
    plan.save(update_fields=["state", "version", *changes])


def check_decide(plan: ServicePlan, version: int, by: Officer) -> None:
    require_role(by, *DECIDERS)
    if plan.version != version:
        raise Stale("这份计划刚刚有变化,请刷新页面后再办理。")
    if plan.drafted_by == by.account_id:
        raise Refused("制定计划的人不能审核,请由另一位工作人员办理。")


def do_start(number: str, *, version: int, by: Officer) -> ServicePlan:
    """同意: the money is held, a voucher is made for each unit, the household learns its codes."""
    plan = get_plan_for(by, number, lock=True)
    check_decide(plan, version, by)
    if plan.ends_on < clock.today():
        raise Refused("服务期已经过去,请重新制定计划。")
    total = total_of(plan)
    if total:
        require_role(by, *PAYERS)
    if "running" not in NEXT[plan.state]:
        raise Stale(f"这份计划{plan.state_title},请刷新页面。")
    plan.held_at, plan.parts = office_of(plan.jurisdiction, 3) if total else "", portions(plan)
    hold(plan, "reserve", {item.pk: item.count for item in plan.items.all()})
    move_to(plan, "running", decided_name=by.name, decided_at=clock.now(), held_fen=total, held_at=plan.held_at,
            parts=plan.parts)
    for item in plan.items.all():
        Voucher.objects.bulk_create(Voucher(item=item, jurisdiction=plan.jurisdiction, serial=n, code=new_code())
                                    for n in range(1, item.count + 1))
    flow.start(PROCESS, subject=plan.number, jurisdiction=plan.jurisdiction, data={}, by=by)
    for person in {plan.person, plan.consent_person}:
        do_notify(STARTED, {"name": plan.person_name, "until": f"{plan.ends_on:%Y-%m-%d}"},
                  key=f"{plan.number}:started:{person}", jurisdiction=plan.jurisdiction, person=person)
    _record("service.started", plan, by, {"held_fen": total})
    events.emit("service.started", aggregate=plan.number, jurisdiction=plan.jurisdiction, payload={"plan": plan.number})
    return plan


def do_refuse(number: str, *, version: int, reason: str, by: Officer) -> ServicePlan:
    plan = get_plan_for(by, number, lock=True)
    check_decide(plan, version, by)
    why = need_text(reason, 4, "不同意的原因", "reason")
    move_to(plan, "refused", decided_name=by.name, decided_at=clock.now(), end_reason=why)
    _record("service.refused", plan, by, {}, why)
    return plan


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def hold(plan: ServicePlan, kind: str, units: Mapping[int, int], ref: str = "") -> None:
    """Moves the price of so many units of each item on the budget that the plan began with."""
    by_source: dict[str, int] = {}
    for item, parts in plan.parts.items():
        for source, fen in parts.items():
            by_source[source] = by_source.get(source, 0) + fen * units.get(int(item), 0)
    if any(by_source.values()):
        budgets.move(kind, year=plan.starts_on.year, scheme=SCHEME, county=plan.held_at, by_source=by_source,
                     ref=ref or f"{plan.number}:{kind}")


def do_review(number: str, *, outcome: str, text: str, version: int, by: Officer) -> ServicePlan:
    """复核 when its task is due: go on, or stop with the reason."""
    plan = get_plan_for(by, number, lock=True)
    if plan.version != version:
        raise Stale("这份计划刚刚有变化,请刷新页面后再办理。")
    words = need_text(text, 10, "复核的情况", "text")
    if outcome not in ("go_on", "stop"):
        raise Refused("请选择复核的结果。", field="outcome")
    task = next((t for t in flow.open_tasks(plan.number) if t.key == "review"), None)
    if task is None:
        raise Refused("这份计划还没有到复核的日子。要提前停止的,请用“停止服务”。")
    if task.status == "ready":
        task = flow.claim(task, by=by)
    flow.complete(task, by=by, outcome=outcome, version=task.version, comment=words)
    plan.reviewed_on, plan.version = clock.today(), plan.version + 1
    plan.save(update_fields=["reviewed_on", "version"])
    _record("service.reviewed", plan, by, {"outcome": outcome}, words)
    if outcome == "stop":
        end(plan, words, by=by)
    return plan


def do_stop(number: str, *, reason: str, version: int, by: Officer) -> ServicePlan:
    """停止服务 before its time: the household no longer wants or needs it."""
    require_role(by, *PLANNERS)
    plan = get_plan_for(by, number, lock=True)
    if plan.version != version:
        raise Stale("这份计划刚刚有变化,请刷新页面后再办理。")
    why = need_text(reason, 4, "停止的原因", "reason")
    if plan.state != "running":
        raise Refused(f"服务计划{plan.state_title},不能停止。")
    flow.cancel(plan.number, by=by, reason=why)
    end(plan, why, by=by)
    return plan


def end(plan: ServicePlan, reason: str, *, by: Actor) -> None:
    """No voucher of it can be used any more; the daily job gives back what was not used."""
    move_to(plan, "ended", end_reason=reason, ended_on=clock.today())
    do_notify(ENDED, {"name": plan.person_name, "reason": reason}, key=f"{plan.number}:ended", person=plan.person,
              jurisdiction=plan.jurisdiction)
    _record("service.ended", plan, by, {}, reason)


def _record(action: str, plan: ServicePlan, by: Actor, after: dict[str, Any], reason: str = "") -> None:
    audit.record(action, by=by, obj_type="service_plan", obj_id=plan.number, jurisdiction=plan.jurisdiction,
                 subject_person=plan.person, after=after, reason=reason)
