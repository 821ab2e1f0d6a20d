"""画像: all that is known of one household, each value with its source and time. One door; the look is audited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from minzheng.base import audit, clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term
from minzheng.data.registry.models import Household, HouseholdMember, Person
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.queries import amount_in_force
from minzheng.office.benefits.schemes import get_scheme
from minzheng.office.cases.models import Case
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance.models import Visit
from minzheng.scenes.assistance.monitoring.knowing import known_facts, newest
from minzheng.scenes.assistance.monitoring.models import (
    SIGNALS,
    Alert,
    AlertEvent,
    Listing,
    MeansSource,
    Reason,
    Signal,
)
from minzheng.scenes.assistance.monitoring.reading import ADULT
from minzheng.scenes.assistance.recognitions.models import Recognition

LATEST = 50


@dataclass(frozen=True)
class Member:
    """One member as the page shows it; `person` is None for somebody registered elsewhere."""

    row: HouseholdMember
    person: Person | None
    age: int | None
    marks: tuple[str, ...]


def household_page(by: Officer, household_id: int) -> dict[str, Any]:
    """Everything for the page. NotFound beyond the scope; each member can see afterwards who looked."""
    household = registry.get_household_for(by, household_id)
    today = clock.today()
    rows = registry.members_of(household, today)
    people = {p.pk: p for p in Person.objects.filter(pk__in=[row.person_id for row in rows])}
    for person in people.values():
        audit.record("monitoring.read", by=by, obj_type="registry.household", obj_id=household.pk,
                     jurisdiction=household.jurisdiction, subject_person=person.pk, reason="查看家庭画像")
    sources = newest(list(people))
    alerts = list(Alert.objects.filter(household_id=household.pk).order_by("-id")[:LATEST])
    reasons = list(Reason.objects.filter(alert__in=alerts).order_by("grade", "id"))
    events = list(AlertEvent.objects.filter(alert__in=alerts).order_by("-id")[:LATEST])
    recognitions = list(Recognition.objects.filter(household=household.pk).order_by("-valid_from", "-id")[:LATEST])
    listings = list(Listing.objects.filter(household_id=household.pk).order_by("-id"))
    benefits = _benefits(household)
    cases = list(Case.objects.filter(household=household.pk).order_by("-id")[:LATEST])
    visits = list(Visit.objects.filter(case_id__in=[case.pk for case in cases]).order_by("-id")[:LATEST])
    signals = list(Signal.objects.filter(person_id__in=list(people)).order_by("-happened_on", "-id")[:LATEST])
    return {
        "household": household, "place": full_name(household.jurisdiction, start=3), "address": household.address,
        "members": [_member(row, people.get(row.person_id), today) for row in rows],
        "head": next((people[row.person_id] for row in rows if row.person_id in people), None),
        "recognitions": recognitions, "current": [r for r in recognitions if _holds(r, today)], "listings": listings,
        "listed": [r for r in listings if r.until is None], "benefits": benefits,
        "means": _table(rows, people, sources), "assessment": _assessed(household, rows, people, sources, today),
        "signals": [{"row": row, "title": SIGNALS[row.kind], "name": people[row.person_id].name} for row in signals],
        "alerts": [{"alert": alert, "reasons": [r for r in reasons if r.alert_id == alert.pk]} for alert in alerts],
        "open_alert": next((alert for alert in alerts if alert.state in ("open", "watching")), None),
        "cases": [(case, matter_of(case.matter, case.matter_version).name) for case in cases],
        "visits": [*({"on": visit.visited_on, "who": "、".join(visit.visitors), "text": visit.conclusion} for visit in visits),
                   *({"on": event.at, "who": event.name, "text": event.text} for event in events if event.kind == "visit")],
        "timeline": _timeline(events, recognitions, listings, cases, signals, people),
    }


def _holds(row: Recognition, day: dt.date) -> bool:
    return (row.valid_from <= day and (row.valid_to is None or row.valid_to >= day)
            and (row.ended_on is None or row.ended_on > day))


def _member(row: HouseholdMember, person: Person | None, today: dt.date) -> Member:
    if person is None:
        return Member(row, None, None, ())
    marks = [person.disability_title and f"{person.disability_title}残疾", "重特大疾病" if person.illness else "",
             person.school_stage, person.occupation]
    age = person.age_on(today)
    return Member(row, person, age, tuple(mark for mark in (*marks, "未成年人" if age < ADULT else "") if mark))


def _benefits(household: Household) -> list[dict[str, Any]]:
    rows = Entitlement.objects.filter(household_id=household.pk).order_by("-start_month")[:LATEST]
    month = clock.today().replace(day=1)
    return [{"row": row, "title": get_scheme(row.scheme).title, "fen": amount_in_force(row, max(month, row.start_month))}
            for row in rows]


def _shown(term: Term, value: int) -> str:
    if term.kind in (Kind.FEN, Kind.SIGNED_FEN):
        return f"{value / 100:,.2f} 元"
    if term.kind is Kind.FLAG:
        return "是" if value else "否"
    return str(value)


def _table(rows: list[HouseholdMember], people: dict[int, Person], sources: dict[tuple[int, str], MeansSource]
           ) -> list[dict[str, Any]]:
    """Incomes, expenses and property that are not nothing, by member, with their source; and what is known in all."""
    found = []
    terms = MEMBER_TERMS | HOUSEHOLD_TERMS
    for row in rows:
        mine = [(word, source) for (person, word), source in sources.items() if person == row.person_id]
        for word, source in sorted(mine, key=lambda pair: list(terms).index(pair[0])):
            if source.value:
                found.append({"name": people[row.person_id].name, "title": terms[word].title,
                              "value": _shown(terms[word], source.value), "source": source.department, "as_of": source.as_of})
    return found


def _assessed(household: Household, rows: list[HouseholdMember], people: dict[int, Person],
              sources: dict[tuple[int, str], MeansSource], today: dt.date) -> dict[str, Any]:
    """The base scheme's explained result from what is known, or what is lacking."""
    try:
        facts = known_facts(household, rows, people, sources, today)
        return {"assessment": rules.evaluate("dibao", facts, today, rules.zone_of(household.jurisdiction))}
    except (Refused, NotFound) as refusal:
        return {"refusal": refusal.reason}


def _timeline(events: list[AlertEvent], recognitions: list[Recognition], listings: list[Listing], cases: list[Case],
              signals: list[Signal], people: dict[int, Person]) -> list[dict[str, Any]]:
    """What happened, newest first. Days stand before moments of the same day."""
    items: list[tuple[dt.date, dict[str, Any]]] = []
    for event in events:
        bad = "bad" if event.kind in ("opened", "joined") else "done"
        items.append((event.at.astimezone(clock.SHANGHAI).date(), {
            "title": AlertEvent.KINDS[event.kind], "who": event.name, "text": event.text, "at": event.at, "state": bad}))
    for row in recognitions:
        items.append((row.valid_from, {"title": f"认定为{row.kind_title}", "who": "", "text": f"文号 {row.decision}",
                                       "at": row.valid_from, "state": "done"}))
        if row.ended_on:
            items.append((row.ended_on, {"title": f"终止{row.kind_title}", "who": "", "text": row.get_end_cause_display(),
                                         "at": row.ended_on, "state": "done"}))
    for listing in listings:
        items.append((listing.since, {"title": f"列入{listing.kind_title}", "who": listing.entered_name,
                                      "text": listing.reason, "at": listing.since, "state": "done"}))
        if listing.until:
            items.append((listing.until, {"title": f"移出{listing.kind_title}", "who": "", "text": listing.end_reason,
                                          "at": listing.until, "state": "done"}))
    for case in cases:
        day = case.submitted_at.astimezone(clock.SHANGHAI).date()
        items.append((day, {"title": f"申请{matter_of(case.matter, case.matter_version).short_name}", "who": "",
                            "text": f"受理号 {case.code},{case.state_title}", "at": case.submitted_at, "state": "done"}))
    for signal in signals:
        items.append((signal.happened_on, {"title": SIGNALS[signal.kind], "who": people[signal.person_id].name,
                                           "text": f"来源:{signal.department}", "at": signal.happened_on, "state": "done"}))
    return [item for _, item in sorted(items, key=lambda pair: pair[0], reverse=True)][:LATEST]


