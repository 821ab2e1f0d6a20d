"""Changing, suspending, resuming and ending a benefit; every step takes effect before the next payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Func, Q, Value
from django.db.models.functions import Least

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import office_of
from minzheng.office.benefits.granting import ALREADY, GRANT_ROLES, Covered, check_amount
from minzheng.office.benefits.models import (
    ACTIVE,
    CAUSES,
    ENDED,
    SUSPENDED,
    Entitlement,
    EntitlementAmount,
    EntitlementMember,
    EntitlementPause,
    Review,
)
from minzheng.office.benefits.months import add_months, check_month, first_of
from minzheng.office.benefits.records import (
    amount_in_force,
    entitlement_for,
    need_reason,
    note_change,
    place_in_reach,
    require_post,
    save_step,
    stamp,
)

STOP_ROLES = ("county_clerk", "county_approver", "county_leader", "town_reviewer")
CLOSED_BY_END = "已终止"  # the outcome of reviews that an end closes
GRACE_CAUSES = ("income",)  # 渐退 is for those whose income rose, by work or otherwise (民发〔2022〕83 号)
GRACE_MONTHS = 6  # 渐退期原则上不超过 6 个月 (民发〔2022〕83 号)
_LOWER = Func("during", function="lower", output_field=DateField())
REVIEW_DAYS = 15  # within which an officer looks at what an event reported (示例值)


def this_month() -> dt.date:
    return first_of(clock.today())


def _check_cause(cause: str) -> None:
    if cause not in dict(CAUSES):
        raise Refused("请从列表中选择原因类别。", field="cause")


def _check_not_ended(row: Entitlement) -> None:
    if row.status == ENDED:
        raise Refused("这份待遇已终止,不能再变更。如需恢复,请重新作出决定。")


def _check_heard(heard_on: dt.date | None) -> None:
    """社会救助法 art. 48: the person is heard before a cut or an end."""
    if heard_on is None:
        raise Refused("减发或停发前应听取当事人意见(社会救助法第四十八条),请先登记听取意见的日期。", field="heard_on")
    if heard_on > clock.today():
        raise Refused("听取意见的日期不能晚于今天,请核对。", field="heard_on")


def do_change_amount(number: str, *, from_month: dt.date, monthly_fen: int, decision: str, reason: str, by: Actor,
                     heard_on: dt.date | None = None, leaving: Sequence[int] = (), joining: Sequence[Covered] = (),
                     version: int | None = None) -> Entitlement:
    """A new dated amount, with the people who leave or join from that month.

    An increase may reach back (the difference is then 补发); a cut may not, and needs a hearing.
    """
    require_post(by, *GRANT_ROLES)
    check_month(from_month)
    check_amount(monthly_fen)
    need_reason(reason)
    if not decision.strip():
        raise Refused("变更标准须有决定书文号。", field="decision")
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        _check_not_ended(row)
        if from_month < row.start_month or from_month > add_months(this_month(), 12):
            raise Refused("起算月份应不早于起发月,且在一年之内,请核对。", field="from_month")
        before = amount_in_force(row.pk, from_month)
        if monthly_fen < before:
            _check_heard(heard_on)
            if from_month <= this_month():
                raise Refused("减发只能从下个月起。已多发的部分请另行办理追回。", field="from_month")
        EntitlementAmount.objects.create(entitlement=row, jurisdiction=row.jurisdiction, from_month=from_month,
                                         fen=monthly_fen, decision=decision, reason=reason, **stamp(by))
        left = [member for member in row.members if member["person_id"] in leaving]
        save_step(row, {"reason": reason, **change_members(row, from_month, leaving, joining)})
        note_change(row, "amount_changed", by=by, month=from_month, reason=reason, decision=decision,
                    before_fen=before, after_fen=monthly_fen, kept={"left": left})
    return row


def do_suspend(number: str, *, cause: str, reason: str, by: Actor, from_month: dt.date | None = None,
               version: int | None = None) -> Entitlement:
    """Stops what has not yet gone to the bank. Suspending a suspended benefit changes nothing."""
    require_post(by, *STOP_ROLES)
    _check_cause(cause)
    need_reason(reason)
    month = check_month(from_month or this_month())
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        _check_not_ended(row)
        if row.status == SUSPENDED:
            return row
        EntitlementPause.objects.create(entitlement=row, jurisdiction=row.jurisdiction, from_month=month, cause=cause,
                                        reason=reason, **stamp(by))
        save_step(row, {"status": SUSPENDED, "reason": reason})
        note_change(row, "suspended", by=by, month=month, reason=reason, cause=cause)
    return row


def do_resume(number: str, *, reason: str, arrears: bool, by: Actor, version: int | None = None) -> Entitlement:
    """Pays again from this month. With `arrears` the suspended months become due as 补发, else they never are."""
    require_post(by, *GRANT_ROLES)
    need_reason(reason)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        if row.status != SUSPENDED:
            raise Refused("这份待遇没有暂停,不需要恢复。")
        pause = EntitlementPause.objects.get(entitlement=row, to_month=None)
        pause.to_month, pause.arrears = add_months(this_month(), -1), arrears
        pause.save(update_fields=["to_month", "arrears"])
        save_step(row, {"status": ACTIVE, "reason": reason})
        note_change(row, "resumed", by=by, month=this_month(), reason=reason, arrears=arrears)
    return row


def do_end(number: str, *, cause: str, last_month: dt.date, reason: str, by: Actor, decision: str = "",
           heard_on: dt.date | None = None, version: int | None = None) -> Entitlement:
    """Ends the benefit after `last_month`. Except on death it takes a decision and a hearing.

    What was paid for later months shows as overpaid in the ledger and is recovered there.
    """
    require_post(by, *GRANT_ROLES)
    _check_cause(cause)
    need_reason(reason)
    check_month(last_month)
    if last_month > add_months(this_month(), GRACE_MONTHS):
        raise Refused("末发月不能晚于六个月之后,请核对。", field="last_month")
    if cause != "death":
        if not decision.strip():
            raise Refused("终止待遇须有决定书文号。", field="decision")
        _check_heard(heard_on)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        if row.status == ENDED:
            if row.end_month == last_month:
                return row
            _check_not_ended(row)
        if last_month < add_months(row.start_month, -1):
            raise Refused("末发月早于起发月,请核对。", field="last_month")
        kept = {"status": row.status, "end_month": row.end_month and row.end_month.isoformat(),
                "grace_until": row.grace_until and row.grace_until.isoformat()}
        EntitlementPause.objects.filter(entitlement=row, to_month=None).update(to_month=max(this_month(), last_month))
        _close_members(row, add_months(last_month, 1))
        save_step(row, {"status": ENDED, "end_month": last_month, "reason": reason, "on_hold": False,
                        "grace_until": None if row.grace_until is None else max(row.grace_until, last_month)})
        _close_reviews(row, CLOSED_BY_END, by)
        note_change(row, "ended", by=by, month=last_month, reason=reason, decision=decision, cause=cause, kept=kept)
    return row


def do_start_grace(number: str, *, cause: str, until: dt.date, decision: str, reason: str, by: Actor,
                   version: int | None = None) -> Entitlement:
    """渐退: no longer eligible since income rose, still paid until `until`, at most six months (民发〔2022〕83 号)."""
    require_post(by, *GRANT_ROLES)
    _check_cause(cause)
    if cause not in GRACE_CAUSES:
        raise Refused("渐退只用于就业或收入增加后不再符合条件的家庭。其他原因请不勾选渐退,直接终止。", field="cause")
    need_reason(reason)
    check_month(until)
    if not decision.strip():
        raise Refused("进入渐退期须有决定书文号。", field="decision")
    if not this_month() <= until <= add_months(this_month(), GRACE_MONTHS):
        raise Refused(f"渐退期从本月起不超过 {GRACE_MONTHS} 个月,请核对末月。", field="until")
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        if row.status != ACTIVE or row.grace_until is not None:
            raise Refused("只有正在发放且未进入渐退期的待遇可以办理渐退。")
        save_step(row, {"grace_until": until, "end_month": until, "reason": reason})
        note_change(row, "grace_started", by=by, month=until, reason=reason, decision=decision, cause=cause)
    return row


def do_move(number: str, *, to: str, household_id: int | None, reason: str, by: Actor,
            version: int | None = None) -> Entitlement:
    """Hands the benefit to another township or village of the same county; beyond it, it is ended and granted anew."""
    require_post(by, *STOP_ROLES)
    need_reason(reason)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        _check_not_ended(row)
        if office_of(to, 3) != office_of(row.jurisdiction, 3):
            raise Refused("迁往其他县(市、区)的,请在本地终止,由迁入地重新审核确认。", field="to")
        place_in_reach(by, to)
        before = row.jurisdiction
        save_step(row, {"jurisdiction": to, "household_id": household_id or row.household_id})
        note_change(row, "moved", by=by, month=this_month(), reason=reason, place_before=before, place_after=to)
    return row


def open_review(row: Entitlement, *, key: str, cause: str, detail: str, holds: bool, by: Actor) -> bool:
    """Opens a review once per `key`; a holding one keeps payments back. The row must be locked. True when new."""
    try:
        with transaction.atomic():
            Review.objects.create(entitlement=row, jurisdiction=row.jurisdiction, key=key, cause=cause, detail=detail,
                                  holds=holds, due_on=clock.today() + dt.timedelta(days=REVIEW_DAYS), **stamp(by))
    except IntegrityError:
        return False
    save_step(row, {"on_hold": row.on_hold or holds})
    note_change(row, "review_opened", by=by, month=this_month(), reason=detail, cause=cause, holds=holds)
    return True


def do_close_review(number: str, key: str, *, outcome: str, by: Actor, version: int | None = None) -> Entitlement:
    """Closes one review with what was found; lines held for it go on when no other holding review is open."""
    require_post(by, *GRANT_ROLES)
    need_reason(outcome)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        closed = Review.objects.filter(entitlement=row, key=key, closed_at=None).update(
            outcome=outcome, closed_by=by.name, closed_at=clock.now())
        if not closed:
            raise Refused("这项复核已办结或不存在,请刷新页面。")
        holding = Review.objects.filter(entitlement=row, closed_at=None, holds=True).exists()
        fields: dict[str, object] = {"on_hold": holding}
        if not Review.objects.filter(entitlement=row, closed_at=None).exists():
            fields["review_due"] = add_months(this_month(), row.review_months)
        save_step(row, fields)
        note_change(row, "review_closed", by=by, month=this_month(), reason=outcome)
    return row


def renew(row: Entitlement, *, key: str, months: int, outcome: str, by: Actor) -> bool:
    """A periodic review that found nothing changed is opened and closed in one step; the next falls due `months` later. The row
    must be locked and who may, checked. False when `key` was dealt with before. Refused while another review is open."""
    if row.status != ACTIVE:
        raise Refused(f"这份待遇{row.get_status_display()},不能按无变化续期,请逐户复核。")
    if Review.objects.filter(entitlement=row, closed_at=None).exists():
        raise Refused("这份待遇还有没办结的复核,请先办结。")
    if not open_review(row, key=key, cause="review", detail="定期复核", holds=False, by=by):
        return False
    Review.objects.filter(entitlement=row, key=key).update(outcome=outcome, closed_by=by.name, closed_at=clock.now())
    save_step(row, {"review_due": add_months(this_month(), months), "review_months": months})
    note_change(row, "review_closed", by=by, month=this_month(), reason=outcome)
    return True


def do_renew(number: str, *, key: str, months: int, outcome: str, by: Actor, version: int | None = None) -> Entitlement:
    """`renew` by somebody who may grant."""
    require_post(by, *GRANT_ROLES)
    need_reason(outcome)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        renew(row, key=key, months=months, outcome=outcome, by=by)
    return row


def change_members(row: Entitlement, month: dt.date, leaving: Sequence[int],
                   joining: Sequence[Covered]) -> dict[str, object]:
    """Fields of the entitlement after people left or joined. Refused when somebody is covered elsewhere."""
    if not leaving and not joining:
        return {}
    if row.head_id in leaving:
        raise Refused("户主变更须终止原待遇后重新作出决定。", field="leaving")
    kept = [member for member in row.members if member["person_id"] not in leaving]
    if len(row.members) - len(kept) != len(set(leaving)):
        raise Refused("减少的人员不在保障人员之中,请核对。", field="leaving")
    EntitlementMember.objects.filter(entitlement=row, person_id__in=leaving).update(
        during=Func(Least(_LOWER, month), Value(month), function="daterange"))
    try:
        with transaction.atomic():
            EntitlementMember.objects.bulk_create(
                EntitlementMember(entitlement=row, jurisdiction=row.jurisdiction, person_id=member.person_id,
                                  exclusive_group=row.exclusive_group, during=DateRange(month, None))
                for member in joining)
    except IntegrityError as error:
        raise Refused(ALREADY, field="joining") from error
    members = [*kept, *(asdict(member) for member in joining)]
    return {"members": members, "persons": len(members)}


def _close_reviews(row: Entitlement, outcome: str, by: Actor) -> None:
    Review.objects.filter(entitlement=row, closed_at=None).update(
        outcome=outcome, closed_by=by.name, closed_at=clock.now())


def _close_members(row: Entitlement, until: dt.date) -> None:
    """Covered persons are free for another benefit from `until` on."""
    EntitlementMember.objects.filter(
        Q(during__upper_inf=True) | Q(during__endswith__gt=until), entitlement=row, during__isempty=False,
    ).update(during=Func(Least(_LOWER, until), Value(until), function="daterange"))
