"""An officer confirms what the system found unchanged; all else becomes a task. One row that fails stops no other."""

from __future__ import annotations

from dateutil.relativedelta import relativedelta
from django.db import transaction

from minzheng.base import audit, clock, flow, jobs
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.posts import officer_of, posts_in_force
from minzheng.office.benefits import changing
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.cases.actions import close
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.scenes.assistance.campaigns.models import CHECKED, CHECKING, DONE, OPEN, TASKED, WAITING, Campaign, Row
from minzheng.scenes.assistance.campaigns.opening import CONFIRMERS, OPENERS, campaign_for, confirms
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.reviews import opening as reviews

BATCH = 2_000  # rows that one confirmation takes (示例值); more are confirmed by another
STALE_DAYS = 60  # an older check says nothing about today (示例值)


def do_start_check(number: str, *, by: Officer) -> int:
    """Queues the check of all waiting rows; a stopped one goes on. Returns the run."""
    if by.role not in OPENERS:
        raise NotAllowed("批量核对由乡镇或县级经办、审批岗位发起。")
    with transaction.atomic():
        row = campaign_for(number, by, lock=True)
        if not row.rows.filter(state=WAITING).exists():
            raise Refused("没有待核对的对象。")
        row.check_run = jobs.defer("campaigns.check", jurisdiction=row.jurisdiction, by=by, key=f"campaigns.check:{row.pk}",
                                   lock=f"campaigns:{row.pk}", campaign=row.pk)
        row.save(update_fields=["check_run"])
        audit.record("campaign.checking", by=by, obj_type="campaign", obj_id=row.number, jurisdiction=row.jurisdiction)
    return row.check_run


def do_check_again(number: str, *, by: Officer) -> int:
    """Rows that lacked something wait again, as after forms were signed or departments have answered."""
    if by.role not in OPENERS:
        raise NotAllowed("批量核对由乡镇或县级经办、审批岗位发起。")
    with transaction.atomic():
        row = campaign_for(number, by, lock=True)
        if not row.rows.filter(state=CHECKED, outcome="lacking").update(state=WAITING, outcome="", reason=""):
            raise Refused("没有缺资料的对象。")
    return do_start_check(number, by=by)


def check_confirm(campaign: Campaign, by: Officer) -> None:
    if by.role not in CONFIRMERS:
        raise NotAllowed("批量确认由县级审批或负责人办理。")
    if not confirms(campaign, by):
        raise NotAllowed("建立批次的人不能自己确认,请由另一位审批人员办理。")


def do_start_confirm(number: str, *, by: Officer) -> int:
    """Queues the confirmation of the unchanged rows, in the officer's name. At most BATCH rows at a time."""
    with transaction.atomic():
        row = campaign_for(number, by, lock=True)
        check_confirm(row, by)
        count = row.rows.filter(state=CHECKED, outcome="same").count()
        if not count:
            raise Refused("没有“无变化可续”的对象可以确认。")
        row.confirm_run = jobs.defer("campaigns.confirm", jurisdiction=row.jurisdiction, by=by, key=f"campaigns.confirm:{row.pk}",
                                     lock=f"campaigns:{row.pk}", campaign=row.pk, account=by.account_id, post=by.post_id)
        row.save(update_fields=["confirm_run"])
        audit.record("campaign.confirming", by=by, obj_type="campaign", obj_id=row.number, jurisdiction=row.jurisdiction,
                     after={"rows": min(count, BATCH)})
    return row.confirm_run


def officer_in_post(account: int, post: int) -> Officer:
    """Who confirmed, when the job runs: refused when the post is not held any more."""
    found = Account.objects.filter(pk=account, is_active=True).first()
    held = [p for p in posts_in_force(found) if p.pk == post] if found else []
    if found is None or not held:
        raise Refused("确认人的岗位已经结束,请由在岗的审批人员重新确认。")
    chosen: Post = held[0]
    return officer_of(found, chosen)


def do_confirm(row: Row, *, by: Officer) -> None:
    """One unchanged row: its benefit or recognition is renewed for a cycle. The row must be locked; what changed since the
    check refuses."""
    if row.state != CHECKED or row.outcome != "same":
        raise Refused("只有系统核对无变化的可以批量确认。")
    assert row.checked_at is not None
    if (clock.now() - row.checked_at).days > STALE_DAYS:
        raise Refused(f"核对已超过 {STALE_DAYS} 天(示例值),请重新核对。")
    if row.entitlement:
        benefit = changing.do_renew(row.entitlement, key=f"campaign:{row.campaign_id}:{row.pk}", months=row.months, by=by,
                                    outcome="定期复核,系统核对无变化", version=row.version)
        due = benefit.review_due
    else:
        status = Recognition.objects.select_for_update().filter(pk=row.recognition, ended_on=None).first()
        if status is None:
            raise Refused("这项认定已经终止。")
        _close_own_review(status, by)
        due = clock.today() + relativedelta(months=row.months)
        Recognition.objects.filter(pk=status.pk).update(review_due=due, told_on=None)
    row.fields(state=DONE, settled_at=clock.now(), settled_by=by.name, next_due=due, note="")
    audit.record("campaign.confirmed", by=by, obj_type="campaign_row", obj_id=row.pk, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"case": row.case_code, "next": due, "request": row.request})


def _close_own_review(status: Recognition, by: Officer) -> None:
    """A review that the calendar opened for this household, and on which nobody has begun, ends with the bulk's result."""
    for case in Case.objects.select_for_update().filter(household=status.household, matter=reviews.MATTER, state__in=("submitted", "accepted")):
        if case.state != "submitted" or any(task.assignee for task in flow.open_tasks(case.code)) or reviews.about_of(case) != "due":
            raise Refused(f"这户正在逐户复核({case.code}),请在那里办结。")
        flow.cancel(case.code, by=by, reason="批量复核:系统核对无变化")
        close(case, "closed", "复核完成,认定不变", by=by, text="批量复核:系统核对无变化")


def do_task(row: Row, *, by: Officer) -> str:
    """A row that is not unchanged becomes a review of its own: 核实 (visit), hearing before a cut or an end, decision."""
    if row.state not in (CHECKED, CHECKING, WAITING) or row.outcome in ("", "same"):
        raise Refused("系统还没有核对,或核对无变化,不用转人工。")
    text = f"批量复核({row.get_outcome_display()}):{row.reason}"[:900]
    if row.recognition is not None:
        status = Recognition.objects.get(pk=row.recognition)
        known = Case.objects.filter(household=status.household, matter=reviews.MATTER, state__in=("submitted", "accepted", "supplement")).first()
        if known is not None:
            note(known, "campaign", "批量复核的核对结果", by=by, text=text, public=False)
        code = known.code if known else reviews.do_open(status, about="due", text=text, key=f"campaign:{row.pk}", channel="discovery",
                                                        by=by, bulk=True).code
    else:
        benefit = entitlement_for(by, row.entitlement, lock=True)
        changing.open_review(benefit, key=f"campaign:{row.campaign_id}:{row.pk}", cause="review", detail=text, holds=False, by=by)
        code = ""
    row.fields(state=TASKED, settled_at=clock.now(), settled_by=by.name, task_case=code, note="")
    audit.record("campaign.tasked", by=by, obj_type="campaign_row", obj_id=row.pk, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"case": code or row.entitlement, "outcome": row.outcome})
    return code


def do_task_all(number: str, *, outcome: str, limit: int = 200, by: Officer) -> tuple[int, list[str]]:
    """Turns up to `limit` rows of an outcome into tasks. Returns how many, and the reasons of those that were refused."""
    if by.role not in (*OPENERS, *CONFIRMERS):
        raise NotAllowed("转人工复核由乡镇或县级经办、审批岗位办理。")
    done, refused = 0, []
    with transaction.atomic():
        row = campaign_for(number, by)
        found = list(row.rows.select_for_update().filter(state__in=OPEN, outcome=outcome).exclude(outcome__in=["", "same"])
                     .order_by("id")[:limit])
        if not found:
            raise Refused("没有这样的对象可以转人工。")
        for each in found:
            try:
                with transaction.atomic():
                    do_task(each, by=by)
                done += 1
            except Refused as refusal:
                Row.objects.filter(pk=each.pk).update(note=refusal.reason)
                refused.append(refusal.reason)
    return done, refused
