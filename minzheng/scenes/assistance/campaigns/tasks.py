"""The two long jobs of a review in bulk. Each shows progress, can be stopped and goes on where it stopped."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from minzheng.base.errors import Refused
from minzheng.base.jobs import job
from minzheng.scenes.assistance.campaigns import checking, confirming
from minzheng.scenes.assistance.campaigns.models import CHECKED, WAITING, Campaign, Row
from minzheng.scenes.assistance.campaigns.opening import confirms

AT_ONCE = 20


@job("campaigns.check", title="批量复核:核对")
def check(run: Any, campaign: int) -> None:
    """Asks about every waiting row, some in one transaction; answers come later and judge the rows one by one."""
    with run.transaction():
        count = Row.objects.filter(campaign=campaign, state=WAITING).count()
    run.total(count + _so_far(run))
    after = 0
    while True:
        with run.transaction():
            rows = list(Row.objects.select_for_update().filter(campaign=campaign, state=WAITING, id__gt=after).order_by("id")[:AT_ONCE])
            for row in rows:
                text = checking.do_check(row, by=run.by)
                run.row(row.pk, row.outcome != "lacking", text)
            after = rows[-1].pk if rows else after
        if len(rows) < AT_ONCE:
            return


@job("campaigns.confirm", title="批量复核:确认")
def confirm(run: Any, campaign: int, account: int, post: int) -> None:
    """Confirms up to a batch of unchanged rows in the officer's name; each row by itself."""
    with run.transaction():
        by = confirming.officer_in_post(account, post)
        found = Campaign.objects.get(pk=campaign)
        if not confirms(found, by):
            raise Refused("确认人不能确认这个批次。")
        todo = Row.objects.filter(campaign=campaign, state=CHECKED, outcome="same").count()
    left = max(confirming.BATCH - _so_far(run), 0)
    run.total(min(todo, left) + _so_far(run))
    while left > 0:
        with run.transaction():
            after = int(run.checkpoint or 0)
            rows = list(Row.objects.select_for_update().filter(campaign=campaign, state=CHECKED, outcome="same", id__gt=after)
                        .order_by("id")[:min(AT_ONCE, left)])
            for row in rows:
                _one(run, row, by)
            run.checkpoint = rows[-1].pk if rows else after
        left -= len(rows)
        if not rows:
            return


def _one(run: Any, row: Row, by: Any) -> None:
    try:
        with transaction.atomic():
            confirming.do_confirm(row, by=by)
    except Refused as refusal:
        Row.objects.filter(pk=row.pk).update(note=refusal.reason)
        run.row(row.pk, False, refusal.reason)
    else:
        run.row(row.pk, True, "已续期")


def _so_far(run: Any) -> int:
    """Rows that earlier executions of this run have dealt with."""
    from minzheng.base.jobs.models import JobRun

    with run.transaction():
        row = JobRun.objects.get(pk=run.id)
    return int(row.done + row.failed)
