"""The job that empties the queue, once a minute."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.office.notices.sending import claim, send, settle


@job("notices.send", every="* * * * *", title="发送通知")
def send_queued(run: Running) -> None:
    while True:
        with run.transaction():
            batch = claim()
        if not batch:
            return
        results = [(notice, send(notice, address)) for notice, address in batch]
        with run.transaction():
            for notice, error in results:
                settle(notice, error)
                run.row(notice.pk, not error, error)
