"""The daily job that ends what has been shown long enough."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.office.publicity.actions import do_end_due


@job("publicity.end", every="5 0 * * *")
def end(run: Running) -> None:
    ended = 1
    while ended:
        with run.transaction():
            ended = do_end_due(by=run.by)
