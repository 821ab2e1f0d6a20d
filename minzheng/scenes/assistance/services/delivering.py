"""A service given: recorded once a voucher by the field worker, judged by the household, settled on the budget."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from minzheng.base import audit, clock, flow
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Citizen, Officer, Service, require_role
from minzheng.scenes.assistance.aid import need_text
from minzheng.scenes.assistance.services.models import Delivery, Evaluation, PlanItem, ServicePlan, Voucher
from minzheng.scenes.assistance.services.planning import PLANNERS, end, get_plan_for, hold

WRONG_CODE = "服务码不对,或已经用过。请让对方打开手机“我的帮扶”看下一个服务码。"


def check_deliver(plan: ServicePlan, item: PlanItem | None, at: dt.datetime, code: str, photos: list[Any]) -> PlanItem:
    if plan.state != "running":
        raise Refused(f"服务计划{plan.state_title},不能登记服务。")
    if item is None:
        raise Refused("请选择是哪一项服务。", field="item")
    day = at.astimezone(clock.SHANGHAI).date()
    if not plan.starts_on <= day <= plan.ends_on or at > clock.now():
        raise Refused("服务时间应在服务期内,且不晚于现在。", field="at")
    if not code and not photos:
        raise Refused("请输入对方的服务码,或上传签字照片。", field="code")
    return item


def do_deliver(number: str, *, item: int, at: dt.datetime, place: str, worker: str, code: str, photos: list[int], text: str,
               by: Officer) -> Delivery:
    """Uses one voucher: the one with the code, or with a signed paper the next one. Each is used once, whoever presses
    twice or at the same time. `photos` are stored files."""
    require_role(by, *PLANNERS)
    plan = get_plan_for(by, number, lock=True)
    row = check_deliver(plan, plan.items.filter(pk=item).first(), at, code.strip(), photos)
    where, who = need_text(place, 2, "服务地点", "place"), need_text(worker, 2, "服务人员", "worker")
    voucher = _voucher(row, code.strip())
    try:
        with transaction.atomic():
            made = Delivery.objects.create(
                voucher=voucher, item=row, jurisdiction=plan.jurisdiction, at=at, place=where, worker=who,
                proof="code" if code.strip() else "signature", files=photos, note=text.strip(), recorded_by=by.account_id,
                recorded_name=by.name, recorded_at=clock.now())
    except IntegrityError as error:
        raise Refused(WRONG_CODE, field="code") from error
    audit.record("service.delivered", by=by, obj_type="service_plan", obj_id=plan.number, jurisdiction=plan.jurisdiction,
                 subject_person=plan.person, after={"item": row.pk, "serial": voucher.serial, "proof": made.proof})
    return made


def _voucher(item: PlanItem, code: str) -> Voucher:
    free = list(Voucher.objects.filter(item=item, delivery=None).order_by("serial"))
    if not free:
        raise Refused("这项服务的次数已经用完,需要增加的请重新制定计划。", field="item")
    if not code:
        return free[0]
    found = next((one for one in free if hmac.compare_digest(one.code, code)), None)
    if found is None:
        raise Refused(WRONG_CODE, field="code")
    return found


def do_evaluate(delivery: int, *, score: int, text: str, by: Citizen | Officer) -> Evaluation:
    """评价 of one delivery, once: by the household on the phone, or by an officer who asked it."""
    row = Delivery.objects.select_related("item__plan").filter(pk=delivery).first()
    if row is None:
        raise NotFound("没有找到这次服务。")
    plan = row.item.plan
    if isinstance(by, Officer):
        require_role(by, *PLANNERS)
        get_plan_for(by, plan.number)
        if row.recorded_by == by.account_id:
            raise Refused("登记服务的人不能代为评价,请由另一位工作人员回访。")
    if score not in range(1, 6):
        raise Refused("请选择 1 到 5 分。", field="score")
    if score <= 2 and len(text.strip()) < 4:
        raise Refused("请写明哪里不满意,我们会核实。", field="text")
    try:
        with transaction.atomic():
            made = Evaluation.objects.create(
                delivery=row, jurisdiction=row.jurisdiction, score=score, text=text.strip(), by_name=by.name,
                by_person=by.person_id if isinstance(by, Citizen) else None, at=clock.now())
    except IntegrityError as error:
        raise Refused("这次服务已经评价过了。", field="score") from error
    audit.record("service.evaluated", by=by, obj_type="service_plan", obj_id=plan.number, jurisdiction=plan.jurisdiction,
                 subject_person=plan.person, after={"score": score})
    return made


def settle(*, by: Service, limit: int = 200) -> int:
    """Deliveries not yet on the budget: each spends the price of its unit, once by its number. Run until 0."""
    rows = list(Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("item__plan")
                .filter(settled_at=None).order_by("id")[:limit])
    for row in rows:
        hold(row.item.plan, "spend", {row.item_id: 1}, f"service-delivery:{row.pk}")
        row.settled_at = clock.now()
        row.save(update_fields=["settled_at"])
    return len(rows)


def close_over(*, by: Service, limit: int = 200) -> int:
    """Plans whose days are over end by themselves. Run until 0."""
    rows = list(ServicePlan.objects.select_for_update(skip_locked=True).filter(state="running", ends_on__lt=clock.today())
                .order_by("id")[:limit])
    for plan in rows:
        flow.cancel(plan.number, by=by, reason="服务期届满")
        end(plan, "服务期届满", by=by)
    return len(rows)


def give_back(*, by: Service, limit: int = 200) -> int:
    """What ended plans did not use goes back to the budget, after all their deliveries are settled. Run until 0."""
    unsettled = Delivery.objects.filter(item__plan=OuterRef("pk"), settled_at=None)
    rows = list(ServicePlan.objects.select_for_update(skip_locked=True).filter(~Exists(unsettled), state="ended", held_fen__gt=0)
                .order_by("id")[:limit])
    for plan in rows:
        left = {item.pk: item.count - item.deliveries.count() for item in plan.items.all()}
        hold(plan, "release", left)
        plan.held_fen = 0
        plan.save(update_fields=["held_fen"])
    return len(rows)
