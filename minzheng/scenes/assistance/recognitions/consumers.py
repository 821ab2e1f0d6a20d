"""What ends a recognition: its benefit has ended, its decision was revoked, a person has died. Each may run twice."""

from __future__ import annotations

import datetime as dt

from minzheng.base import clock
from minzheng.base.events import Event, subscribes
from minzheng.office.benefits.models import ENDED
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import entitlement_for
from minzheng.scenes.assistance.recognitions.actions import Recognised, end, join, leave
from minzheng.scenes.assistance.recognitions.models import PAID, Recognition
from minzheng.scenes.assistance.recognitions.queries import in_force


@subscribes("benefits.ended", level=1)
def the_benefit_has_ended(event: Event) -> None:
    """The status ends with the last month that is paid, unless the benefit has come back meanwhile."""
    if entitlement_for(event.by, event.payload["entitlement"]).status != ENDED:
        return
    first_without = add_months(dt.date.fromisoformat(event.payload["month"]), 1)
    cause = {"death": "death", "move": "moved"}.get(str(event.payload.get("cause", "")), "review")
    for row in Recognition.objects.filter(case_code=event.payload["case"], ended_on=None):
        end(row, cause=cause, on=first_without, by=event.by)


@subscribes("benefits.amount_changed", level=1)
def people_joined_or_left(event: Event) -> None:
    """Who is covered by the benefit from the month on is recognised from then on, and nobody else of it."""
    month = dt.date.fromisoformat(event.payload["month"])
    covered = {row["person_id"]: row for row in entitlement_for(event.by, event.payload["entitlement"]).members}
    for row in in_force(month).filter(case_code=event.payload["case"], kind__in=PAID):
        known = set(row.members.filter(during__contains=month).values_list("person", flat=True))
        for person in known - covered.keys():
            leave(person, on=month, by=event.by)
        join(row, [Recognised(p, covered[p]["name"], covered[p]["relation"]) for p in covered.keys() - known], on=month)


@subscribes("benefits.moved", level=1)
def the_benefit_has_moved(event: Event) -> None:
    Recognition.objects.filter(case_code=event.payload["case"], kind__in=PAID, ended_on=None).update(
        jurisdiction=event.payload["place_after"])


@subscribes("decision.revoked", level=1)
def the_decision_was_revoked(event: Event) -> None:
    for row in Recognition.objects.filter(decision=event.payload["decision"], ended_on=None):
        end(row, cause="revoked", on=clock.today(), by=event.by)


@subscribes("registry.person_died", level=1)
def a_person_died(event: Event) -> None:
    leave(int(event.payload["person_id"]), on=clock.today(), by=event.by)
