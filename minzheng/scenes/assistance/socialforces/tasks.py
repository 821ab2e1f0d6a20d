"""Daily: what was claimed and not done returns to the pool, what nobody claimed ends."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.scenes.assistance.socialforces.claims import close_old, take_back_late


@job("socialforces.daily", every="50 0 * * *", title="社会帮扶到期收回")
def daily(run: Running) -> None:
    for step in (take_back_late, close_old):
        done = 1
        while done:
            with run.transaction():
                done = step(by=run.by)
