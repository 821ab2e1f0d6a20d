"""What happens elsewhere and moves a 复核 on. It may run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.office.cases.actions import close
from minzheng.office.cases.doors import get_case_for_service
from minzheng.scenes.assistance.recognitions.actions import restore
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.reviews.opening import MATTER, recognition_of


@subscribes("decision.served", level=3)
def the_decision_was_taken_on_the_phone(event: Event) -> None:
    """Nobody has to serve it any more: the process ends, the case is closed."""
    if event.payload["method"] != "electronic":
        return
    case = get_case_for_service(event.by, event.payload["case"], lock=True)
    if case.matter != MATTER or case.state != "decided":
        return
    if flow.signal(case.code, "received", {}, by=event.by, missing_ok=True):
        close(case, "closed", "办结", by=event.by, text="本人已在手机上签收决定书")


@subscribes("decision.revoked", level=1)
def a_wrong_end_is_taken_back(event: Event) -> None:
    """The 认定 that the end took away goes on; the benefit came back with the revocation itself."""
    if event.payload["kind"] != "end":
        return
    case = get_case_for_service(event.by, event.payload["case"])
    if case.matter == MATTER:
        found = [recognition_of(case)]
    else:
        found = list(Recognition.objects.filter(case_code=case.code, end_cause__in=("review", "moved", "other")).order_by("-id")[:1])
    for row in found:
        restore(row, decision=event.payload["by"], by=event.by)
