"""Preparing, submitting, approving and returning a month's list. The clerk prepares, another person approves."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from minzheng.base import audit, clock, events, jobs
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import level_of
from minzheng.data.brain import rules
from minzheng.office.benefits.months import add_months, check_month, first_of
from minzheng.office.benefits.records import need_reason
from minzheng.office.ledger.runs import BACK_MONTHS
from minzheng.scenes.assistance.price import listing
from minzheng.scenes.assistance.price.funding import SCHEME, check_budget, total
from minzheng.scenes.assistance.price.models import (
    APPROVED,
    DONE,
    DRAFT,
    OPEN,
    PLANNED,
    RETURNED,
    SUBMITTED,
    VOID,
    Batch,
)

__all__ = ["READERS", "SCHEME", "batch_for", "do_approve", "do_prepare", "do_return", "do_submit", "do_withdraw", "months"]
PREPARER, APPROVER = "county_clerk", "county_approver"
READERS = (PREPARER, APPROVER, "county_finance", "county_cashier", "county_leader")


def months() -> list[dt.date]:
    """Months that can still be paid for, the latest first."""
    this = first_of(clock.today())
    return [add_months(this, -back) for back in range(BACK_MONTHS)]


def batch_for(number: str, *, lock: bool = False) -> Batch:
    """A batch by its number within the scope in force; NotFound beyond it."""
    digits = number.removeprefix("JB")
    rows = Batch.objects.filter(pk=int(digits)) if number.startswith("JB") and digits.isdigit() and digits.isascii() \
        and len(digits) <= 18 else Batch.objects.none()
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound("没有这个批次,或不在您的管辖范围内。")
    return row


def _own(by: Officer, role: str, county: str) -> None:
    require_role(by, role)
    if level_of(by.jurisdiction) != 3 or by.jurisdiction != county:
        raise NotAllowed("价格临时补贴由该县(市、区)本级办理,请转给当地。")


def do_prepare(month: dt.date, *, by: Officer) -> Batch:
    """The list of a month as benefits stand now. An open list of the month is given again; who has the month's
    supplement already is passed over, so a second list holds only those who joined later."""
    county = by.jurisdiction
    _own(by, PREPARER, county)
    if check_month(month) not in months():
        raise Refused(f"补贴月份应在最近 {BACK_MONTHS} 个月以内,不能早于或晚于。", field="month")
    with transaction.atomic():
        _one_at_a_time(county)
        known = Batch.objects.filter(jurisdiction=county, month=month, state__in=OPEN).first()
        if known is not None:
            return known
        each, found = listing.rates(county, month)
        if not found.eligible:
            raise Refused(f"{month:%Y年%m月}未达到启动条件。{found.sentence}。", field="month")
        made = Batch.objects.create(month=month, jurisdiction=county, each=each, assessment=rules.assessment_to_json(found),
                                    made_by=by.account_id, made_name=by.name, made_at=clock.now())
        listing.write_lines(made)
        if not made.count:
            raise Refused(_nobody(made), field="month")
        _tell("price.prepared", made, by)
    return made


def _nobody(batch: Batch) -> str:
    when = f"{batch.month:%Y年%m月}"
    if batch.had:
        return f"{when}的享受对象都已列入价格临时补贴({batch.had} 人),没有后来新增的人。"
    return f"{when}没有可以发放的享受对象。"


def do_submit(number: str, *, by: Officer) -> Batch:
    """To the approver. Refused when the budget does not have it."""
    with transaction.atomic():
        row = _locked(number, PREPARER, by)
        if row.state == SUBMITTED:
            return row
        if row.state != DRAFT:
            raise Refused(f"批次{row.get_state_display()},不能报审。")
        check_budget(row)
        row.state = SUBMITTED
        row.save(update_fields=["state"])
        _tell("price.submitted", row, by)
    return row


def do_withdraw(number: str, *, by: Officer) -> Batch:
    """The clerk's own list that is not approved is set aside; a new one can be made."""
    with transaction.atomic():
        row = _locked(number, PREPARER, by)
        if row.state == VOID:
            return row
        if row.state not in (DRAFT, SUBMITTED):
            raise Refused(f"批次{row.get_state_display()},不能作废。")
        row.state = VOID
        row.save(update_fields=["state"])
        _tell("price.withdrawn", row, by)
    return row


def do_approve(number: str, *, seen: tuple[int, int], by: Officer) -> Batch:
    """Approves what the page showed (`seen`: lines, fen) and queues the adding. Once; the same approver again changes
    nothing."""
    with transaction.atomic():
        row = _locked(number, APPROVER, by)
        if row.state in (APPROVED, DONE) and row.answered_by == by.account_id:
            return row
        _check_answer(row, by)
        if not (seen == (row.count, row.fen) == total(row, PLANNED)):
            raise Stale("名单的户数或金额与您看到的不一致,请刷新页面核对后再审批。")
        if listing.rates(row.jurisdiction, row.month)[0] != row.each:
            raise Refused("测算之后价格指数或标准有更正,每人补贴已不同。请退回,重新测算后再报审。")
        check_budget(row)
        row.run = jobs.defer("price.add", jurisdiction=row.jurisdiction, by=by, batch=row.pk)
        _answer(row, APPROVED, "", by)
        _tell("price.approved", row, by)
    return row


def do_return(number: str, *, reason: str, by: Officer) -> Batch:
    """退回: nothing is added; the clerk makes a new list."""
    with transaction.atomic():
        row = _locked(number, APPROVER, by)
        _check_answer(row, by)
        _answer(row, RETURNED, need_reason(reason), by)
        _tell("price.returned", row, by, reason=reason)
    return row


def _check_answer(row: Batch, by: Officer) -> None:
    if row.made_by == by.account_id:
        raise NotAllowed("测算与审批应由不同的人办理。")
    if row.state != SUBMITTED:
        raise Refused(f"批次{row.get_state_display()},现在不能审批。")


def _answer(row: Batch, state: str, reason: str, by: Officer) -> None:
    row.state, row.reason = state, reason
    row.answered_by, row.answered_name, row.answered_at = by.account_id, by.name, clock.now()
    row.save(update_fields=["state", "reason", "answered_by", "answered_name", "answered_at", "run"])


def _locked(number: str, role: str, by: Officer) -> Batch:
    require_role(by, role)
    row = batch_for(number, lock=True)
    _own(by, role, row.jurisdiction)
    return row


def _tell(action: str, row: Batch, by: Officer, reason: str = "") -> None:
    audit.record(action, by=by, obj_type="price_batch", obj_id=row.number, jurisdiction=row.jurisdiction, reason=reason,
                 after={"month": row.month.isoformat(), "count": row.count, "persons": row.persons, "fen": row.fen})
    events.emit(action, aggregate=f"price:{row.pk}", jurisdiction=row.jurisdiction,
                payload={"batch": row.number, "month": row.month.isoformat(), "fen": row.fen})


def _one_at_a_time(county: str) -> None:
    """Two presses at once wait for each other, so the second finds the first's list."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"price:{county}"])
