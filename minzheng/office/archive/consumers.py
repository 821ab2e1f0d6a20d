"""A case is archived by itself when it is finished, and again when something happens to it afterwards."""

from __future__ import annotations

from minzheng.base import jobs
from minzheng.base.events import Event, subscribes


@subscribes("case.closed", "case.rejected", "case.withdrawn", "case.ended", "decision.revoked", level=3)
def archive_later(event: Event) -> None:
    jobs.defer("archive.build", jurisdiction=event.by.jurisdiction, case=event.payload["case"])
