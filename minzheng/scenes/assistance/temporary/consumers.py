"""What follows when a decision is taken on the phone, or was wrong and is revoked. Each may run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.office.benefits.changing import do_suspend
from minzheng.office.benefits.models import ACTIVE, Entitlement
from minzheng.office.cases.actions import close
from minzheng.office.cases.doors import get_case_for_service
from minzheng.scenes.assistance.temporary.expenses import MATTER


@subscribes("decision.served", level=3)
def the_paper_was_taken_on_the_phone(event: Event) -> None:
    if event.payload["method"] != "electronic":
        return
    case = get_case_for_service(event.by, event.payload["case"], lock=True)
    if case.matter in (MATTER, "temporary") and case.state == "decided" and flow.signal(case.code, "received", {}, by=event.by, missing_ok=True):
        close(case, "closed", "办结", by=event.by, text="本人已在手机上签收决定书")


@subscribes("decision.revoked", level=3)
def nothing_is_paid_on_a_revoked_decision(event: Event) -> None:
    """What no run has paid yet is held until it has been decided anew."""
    for row in Entitlement.objects.filter(scheme="temporary", decision=event.payload["decision"], status=ACTIVE):
        do_suspend(row.number, cause="other", reason=f"决定 {event.payload['decision']} 已撤销,暂停发放", by=event.by)
