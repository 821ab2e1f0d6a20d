"""What happens elsewhere and is a signal, a means or an answer here. Each consumer may be run twice."""

from __future__ import annotations

import datetime as dt

from minzheng.base.events import Event, subscribes
from minzheng.data.registry.models import Household, HouseholdMember
from minzheng.office.cases.doors import get_case_for_service
from minzheng.scenes.assistance.kinds import matters
from minzheng.scenes.assistance.monitoring import feeding, following
from minzheng.scenes.assistance.monitoring.taking import do_take_signals
from minzheng.scenes.assistance.verification.doors import get_report_for

# Reviews are begun by offices; these are applications of a household.
APPLICATIONS = ("temporary",)


@subscribes("registry.person_died", level=1)
def a_death_is_a_signal(event: Event) -> None:
    """And it ends the alert of a household that has nobody any more."""
    day = str(event.payload.get("death_date") or "")
    person = int(event.payload["person_id"])
    if day:
        do_take_signals([(person, "death", f"death:{person}", dt.date.fromisoformat(day), 0)], department="人口基础库",
                        by=event.by)
    closed = HouseholdMember.objects.filter(person_id=person).values("household_id")
    for household in Household.objects.filter(pk__in=closed, ended_on__isnull=False):
        following.do_settle_closed(household, by=event.by)


@subscribes("registry.household_changed", level=1)
def an_alert_follows_its_household(event: Event) -> None:
    household = Household.objects.filter(pk=event.payload["household_id"]).first()
    if household is None:
        return
    if event.payload["act"] in ("opened", "joined"):
        following.do_carry(household, event.payload["people"], by=event.by)
    if household.ended_on is not None:
        following.do_settle_closed(household, by=event.by)
    else:
        following.do_follow(household, by=event.by)


@subscribes("case.submitted", level=1)
def an_application_answers_the_alert(event: Event) -> None:
    """What it declares is known from now on, and the household's alert has its answer."""
    if event.payload["matter"] not in (*matters(), *APPLICATIONS):
        return
    case = get_case_for_service(event.by, event.payload["case"])
    following.do_file(case, by=event.by)
    feeding.do_take_declaration(case, by=event.by)


@subscribes("verification.reported", level=1)
def a_report_is_known_here(event: Event) -> None:
    feeding.do_take_report(get_report_for(event.by, event.payload["report"]), by=event.by)


@subscribes("assistance.visited", level=1)
def a_visit_is_known_here(event: Event) -> None:
    feeding.do_take_visit(get_case_for_service(event.by, event.payload["case"]), by=event.by)
