"""The round: what is due is sent, asked or withdrawn, a minute after it failed or an hour after the last answer."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.scenes.assistance.referrals.actions import JOB
from minzheng.scenes.assistance.referrals.exchanging import exchange_due


@job(JOB, every="*/10 * * * *", title="转介的送出与询问")
def exchange(run: Running) -> None:
    while exchange_due(by=run.by):
        pass
