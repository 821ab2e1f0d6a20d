"""What pages show of decisions: on the case page, to the citizen, and those not served in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from minzheng.base import clock
from minzheng.base.identity.officer import Officer
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision, Hearing, HearingTry, Service


def decisions_of(case: Case) -> list[Decision]:
    """All decisions on the case, newest first, each with its service if served."""
    return list(Decision.objects.filter(case_id=case.pk).select_related("service", "hearing").order_by("-id"))


def standing_decision(case: Case) -> Decision | None:
    """The newest decision that is in force: neither revoked nor itself a revocation."""
    return Decision.objects.filter(case_id=case.pk, revoked_at=None).exclude(kind="revoke").order_by("-id").first()


def hearings_of(case: Case) -> tuple[list[Hearing], list[HearingTry]]:
    """Hearings newest first, and the recorded attempts oldest first."""
    return (list(Hearing.objects.filter(case_id=case.pk).order_by("-id")),
            list(HearingTry.objects.filter(case_id=case.pk).order_by("id")))


def service_of(decision: Decision) -> Service | None:
    return Service.objects.filter(decision=decision).first()


def may_appeal(service: Service, on: dt.date | None = None) -> bool:
    """Whether the time to ask for review still runs."""
    return (on or clock.today()) <= service.appeal_until


def lamp(decision: Decision, service: Service | None, on: dt.date | None = None) -> str:
    """green served in time or time left, yellow last day, red late; empty when there is no limit."""
    if decision.serve_by is None:
        return ""
    day = service.served_at.astimezone(clock.SHANGHAI).date() if service else on or clock.today()
    if day > decision.serve_by:
        return "red"
    return "yellow" if service is None and day == decision.serve_by else "green"


@dataclass(frozen=True)
class Unserved:
    number: str
    case_id: int
    serve_by: dt.date
    lamp: str


def unserved(by: Officer, *, after: int = 0, limit: int = 50) -> list[Unserved]:
    """Decisions with a limit that have not been served, in the acting scope; keyset by id."""
    found = Decision.objects.filter(serve_by__isnull=False, service=None, revoked_at=None, id__gt=after)
    return [Unserved(d.number, d.case_id, d.serve_by, lamp(d, None)) for d in found.order_by("id")[:limit]
            if d.serve_by is not None]
