"""Daily: what has run out ends, who runs out or falls due within a month is told, and a due review is opened."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta

from minzheng.base import clock
from minzheng.base.identity.officer import Service
from minzheng.office.notices.actions import do_notify
from minzheng.office.notices.wording import Template, register_template
from minzheng.scenes.assistance.recognitions.actions import end
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.reviews.opening import do_open

DAY = dt.timedelta(days=1)
RUNS_OUT, FALLS_DUE = "recognition.runs_out", "recognition.falls_due"


def register_templates() -> None:
    register_template(Template(RUNS_OUT, "认定快到期了", "{name}您好,您家的{kind}认定有效期到 {until} 为止,到期自动失效。"
                               "还有困难的,可以现在重新申请。", sms=True))
    register_template(Template(FALLS_DUE, "认定要复核了", "{name}您好,您家的{kind}认定到了每年复核的时间({until} 前)。"
                               "工作人员会联系您;家里情况有变化的,请及时报告。", sms=True))


def do_expire(*, by: Service, limit: int = 200) -> int:
    """Ends what has run out. Run until 0."""
    rows = Recognition.objects.select_for_update(skip_locked=True).filter(ended_on=None, valid_to__lt=clock.today())
    found = list(rows.order_by("id")[:limit])
    for row in found:
        assert row.valid_to is not None
        end(row, cause="expired", on=row.valid_to + DAY, by=by, reason="有效期届满")
    return len(found)


def do_tell(*, by: Service, limit: int = 200) -> int:
    """Tells each recognised person once, a month ahead. Run until 0."""
    soon = clock.today() + relativedelta(months=1)
    rows = Recognition.objects.select_for_update(skip_locked=True).filter(ended_on=None, told_on=None)
    found = [*rows.filter(valid_to__lte=soon).order_by("id")[:limit]] or [*rows.filter(review_due__lte=soon).order_by("id")[:limit]]
    for row in found:
        day = row.valid_to or row.review_due
        assert day is not None
        for member in row.members.filter(during__contains=clock.today()):
            do_notify(RUNS_OUT if row.valid_to else FALLS_DUE,
                      {"name": member.name, "kind": row.kind_title, "until": f"{day:%Y-%m-%d}"},
                      key=f"recognition:{row.pk}:{day}:{member.person}", jurisdiction=row.jurisdiction, person=member.person,
                      case_code=row.case_code)
        row.told_on = clock.today()
        row.save(update_fields=["told_on"])
        if row.review_due is not None:
            do_open(row, about="due", text=f"认定满一年,{day} 前复核", key=f"review:{row.pk}:{day}", channel="discovery", by=by)
    return len(found)
