"""The job behind a request."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.scenes.assistance.verification.requesting import JOB


@job(JOB, queue="exchange", title="家庭经济状况核对")
def run(run: Running, request: int) -> None:
    from minzheng.scenes.assistance.verification.running import run_check

    run_check(request, by=run.by)
