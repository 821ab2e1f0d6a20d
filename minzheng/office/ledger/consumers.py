"""A new or corrected account is checked with the bank before anything is paid to it."""

from __future__ import annotations

from minzheng.base import events
from minzheng.base.scope.ranges import office_of


@events.subscribes("benefits.granted", "benefits.payee_changed", level=3)
def check_new_account(event: events.Event) -> None:
    from minzheng.office.ledger.tasks import queue_check

    queue_check(office_of(event.jurisdiction, 3))
