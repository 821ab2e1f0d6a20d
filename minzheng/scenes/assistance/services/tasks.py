"""Daily: plans that are over end, deliveries go on the budget, what was not used comes back."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.scenes.assistance.services.delivering import close_over, give_back, settle


@job("services.daily", every="40 0 * * *", title="服务计划的结算与到期")
def daily(run: Running) -> None:
    for step in (close_over, settle, give_back):
        done = 1
        while done:
            with run.transaction():
                done = step(by=run.by)
