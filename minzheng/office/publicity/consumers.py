"""A case that ends without a decision is no longer shown to the public."""

from __future__ import annotations

from minzheng.base.events import Event, subscribes
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.publicity.actions import do_take_down


@subscribes("case.withdrawn", "case.ended", "case.rejected", level=3)
def nothing_is_shown_of_an_ended_case(event: Event) -> None:
    do_take_down(get_case_for_service(event.by, event.payload["case"], lock=True), by=event.by)
