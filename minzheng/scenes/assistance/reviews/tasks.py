"""The daily job of recognitions that run out or fall due."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.scenes.assistance.reviews.sweeping import do_expire, do_tell


@job("assistance.recognitions", every="20 0 * * *")
def sweep(run: Running) -> None:
    for step in (do_expire, do_tell):
        done = 1
        while done:
            with run.transaction():
                done = step(by=run.by)
