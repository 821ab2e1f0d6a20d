"""A citizen who takes a decision on the phone cannot issue documents: the service post makes the receipt at once."""

from __future__ import annotations

from minzheng.base.events import Event, subscribes
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.decisions.models import Service
from minzheng.office.decisions.objecting import move_objections
from minzheng.office.decisions.papers import issue_receipt


@subscribes("decision.served")
def make_receipt(event: Event) -> None:
    row = Service.objects.select_related("decision").filter(decision__number=event.payload["decision"]).first()
    if row is None or row.receipt is not None:
        return
    case = get_case_for_service(event.by, event.payload["case"])
    Service.objects.filter(pk=row.pk, receipt=None).update(receipt=issue_receipt(case, row.decision, row, by=event.by))


@subscribes("case.handed_over", level=1)
def objections_go_with_the_case(event: Event) -> None:
    move_objections(event.payload["case"], event.jurisdiction)
