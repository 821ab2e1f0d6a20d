"""Acceptance (接受对账结果) by a county approver, who did not import: only then do the households go on being paid."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from minzheng.base import audit, clock, events, jobs
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.data.ingest.actions import batch_for
from minzheng.data.ingest.models import ACCEPTED as BATCH_ACCEPTED
from minzheng.data.ingest.models import LOADED, TURNED_DOWN, Batch
from minzheng.data.registry import household_of
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.office.benefits.months import add_months, first_of
from minzheng.scenes.assistance.legacy.models import ACCEPTED, DROPPED, REFUSED, WAITING, LegacyHousehold
from minzheng.scenes.assistance.recognitions.actions import Recognised, do_recognise

SCHEME = "dibao"


@dataclass(frozen=True)
class Ground:
    """What a recognition takes from a case; here there is none, the batch stands for it."""

    jurisdiction: str
    code: str
    household: int | None
    applicant: int
    applicant_name: str


def months() -> tuple[dt.date, dt.date]:
    """The months from which we may pay: this one or the next. The old system pays what is before."""
    return first_of(clock.today()), add_months(first_of(clock.today()), 1)


def _check(number: str, by: Officer) -> Batch:
    require_role(by, "county_approver")
    batch = batch_for(number, lock=True)
    if batch.jurisdiction != by.jurisdiction:
        raise NotAllowed("对账结果由该县(市、区)的审批岗位接受。")
    if batch.by_account in by.hands:
        raise NotAllowed("导入的人不能自己接受对账结果。请由另一位审批人员办理。")
    if batch.state != LOADED:
        raise Refused(f"批次{batch.get_state_display()},现在不能接受或退回。")
    return batch


def waiting(batch: Batch) -> tuple[int, int]:
    """Households and fen a month that wait for acceptance; what the approver puts the name to."""
    rows = LegacyHousehold.objects.filter(batch=batch.pk, state=WAITING)
    return rows.count(), int(rows.aggregate(fen=Sum("monthly_fen"))["fen"] or 0)


def do_accept(number: str, *, first_month: dt.date, seen: tuple[int, int], by: Officer) -> Batch:
    """Accepts what the page showed (`seen`: households, fen a month) and queues the taking over."""
    with transaction.atomic():
        batch = _check(number, by)
        if first_month not in months():
            raise Refused("起发月只能是本月或下月,以前的月份由原系统发放。", field="first_month")
        if waiting(batch) != seen:
            raise Refused("待接受的户数或金额有变化,请刷新页面核对后再接受。")
        batch.state, batch.options = BATCH_ACCEPTED, {"first_month": first_month.isoformat()}
        _close(batch, by)
        batch.run = jobs.defer("legacy.accept", jurisdiction=batch.jurisdiction, by=by, batch=batch.pk)
        batch.save(update_fields=["state", "options", "closed_by", "closed_name", "closed_at", "run"])
        audit.record("ingest.accept", by=by, obj_type="ingest_batch", obj_id=batch.number, jurisdiction=batch.jurisdiction,
                     after={"households": seen[0], "fen": seen[1], "first_month": first_month.isoformat()})
    return batch


def do_turn_down(number: str, *, reason: str, by: Officer) -> Batch:
    """退回: nothing is paid; a corrected upload may bring the same households again."""
    if len(reason.strip()) < 4:
        raise Refused("请写明原因(至少四个字)。", field="reason")
    with transaction.atomic():
        batch = _check(number, by)
        batch.state, batch.note = TURNED_DOWN, reason.strip()
        _close(batch, by)
        batch.save(update_fields=["state", "note", "closed_by", "closed_name", "closed_at"])
        LegacyHousehold.objects.filter(batch=batch.pk, state=WAITING).update(state=DROPPED)
        audit.record("ingest.turn_down", by=by, obj_type="ingest_batch", obj_id=batch.number,
                     jurisdiction=batch.jurisdiction, reason=reason.strip())
    return batch


def _close(batch: Batch, by: Officer) -> None:
    batch.closed_by, batch.closed_name, batch.closed_at = by.account_id, by.name, clock.now()


def take_over(row: LegacyHousehold, batch: Batch, by: Actor) -> str:
    """Entitlement and recognition of one household; "" or why not. May run twice."""
    month = dt.date.fromisoformat(batch.options["first_month"])
    decided = min(clock.today(), month - dt.timedelta(days=1))
    code = f"{batch.number}-{row.number}"
    home = household_of(row.head)
    household = home.pk if home else None
    try:
        with transaction.atomic():
            made = do_grant(
                scheme=SCHEME, case_code=code, decision=code, decided_on=decided, jurisdiction=row.jurisdiction,
                household_id=household, head_person=row.head, members=[Covered(**member) for member in row.members],
                payee=Payee(row.payee_name, row.payee_account, row.payee_id_number), monthly_fen=row.monthly_fen, by=by)
            do_recognise(
                Ground(row.jurisdiction, code, household, row.head, row.head_name),  # type: ignore[arg-type]
                "single" if len(row.members) == 1 else "dibao", decision=code, by=by,
                people=[Recognised(m["person_id"], m["name"], m["relation"]) for m in row.members])
            row.state, row.entitlement, row.reason = ACCEPTED, made.number, ""
            row.save(update_fields=["state", "entitlement", "reason"])
    except Refused as refusal:
        row.state, row.reason = REFUSED, refusal.reason
        row.save(update_fields=["state", "reason"])
        return refusal.reason
    events.emit("legacy.taken_over", aggregate=f"legacy:{row.pk}", jurisdiction=row.jurisdiction,
                payload={"household": row.pk, "entitlement": row.entitlement})
    return ""
