"""At the turn of the month each county's figures are frozen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minzheng.base import clock
from minzheng.base.divisions.names import children_of
from minzheng.base.jobs import defer, job
from minzheng.office.benefits.months import add_months, first_of
from minzheng.scenes.assistance.statistics.forming import do_close


@job("statistics.close", title="统计月度定稿", one_transaction=True)
def close(run: Any, month: str) -> None:
    """One county's month; the same month again changes nothing."""
    row = do_close(run.jurisdiction, dt.date.fromisoformat(month), by=run.by)
    run.row(run.jurisdiction, True, f"{row.rows} 户")


@job("statistics.month", every="40 2 1 * *", title="统计月度定稿(分县)", one_transaction=True)
def month(run: Any) -> None:
    """Fans out: a run a county."""
    last = add_months(first_of(clock.today()), -1).isoformat()
    for city in children_of(run.jurisdiction):
        for county in children_of(city.code):
            defer("statistics.close", jurisdiction=county.code, by=run.by, lock=f"statistics:{county.code}", month=last)
