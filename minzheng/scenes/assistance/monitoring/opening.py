"""From a night's outcomes to alerts: one open alert a household, never again for facts that have raised one before."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import connection
from django.db.models import Q

from minzheng.base import audit, clock, flow
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Service
from minzheng.scenes.assistance.monitoring.models import OPEN, Alert, AlertEvent, Ground, Outcome, Reason

PROCESS = "alert"
COLOURS = {1: "red", 2: "orange", 3: "yellow"}
_FRESH = """
SELECT o.id FROM assistance_monitoring_outcome o
WHERE o.night = %s AND o.household_id > %s AND o.jurisdiction >= scope_low() AND o.jurisdiction < scope_high()
  AND EXISTS (SELECT 1 FROM unnest(o.fingerprints) AS f (print) WHERE NOT EXISTS (
    SELECT 1 FROM assistance_monitoring_ground g WHERE g.household_id = o.household_id AND g.fingerprint = f.print))
ORDER BY o.household_id LIMIT %s
"""
_HELD = """
UPDATE assistance_monitoring_reason r SET last_held = o.night
FROM assistance_monitoring_alert a, assistance_monitoring_outcome o
WHERE a.id = r.alert_id AND a.state IN ('open', 'watching') AND o.night = %s AND o.household_id = r.household_id
  AND r.rule = ANY (o.rules) AND r.last_held < o.night
"""


def fresh(night: dt.date, after: int, limit: int) -> list[Outcome]:
    """The next outcomes of the night, by household, with a fact that has raised no alert yet."""
    with connection.cursor() as cursor:
        cursor.execute(_FRESH, [night, after, limit])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Outcome.objects.filter(pk__in=ids).order_by("household_id"))


def note_held(night: dt.date) -> None:
    """Reasons of open alerts that held again."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [night])


def do_open(outcome: Outcome, *, by: Service) -> tuple[Alert, bool]:
    """An alert for the outcome's new facts: a new one, or the household's open one when that is as urgent. Returns it, and
    whether it is new. A less urgent open one goes up in the new alert, whose response time is shorter."""
    known = set(Ground.objects.filter(household_id=outcome.household_id).values_list("fingerprint", flat=True))
    reasons = [r for r in json.loads(outcome.reasons) if not known.issuperset(r["prints"])]
    grade = min(r["grade"] for r in reasons)
    standing = Alert.objects.select_for_update().filter(household_id=outcome.household_id, state__in=OPEN).first()
    if standing is not None and standing.grade <= grade:
        _add(standing, reasons, known, outcome.night)
        _tell(standing, "joined", "、".join(r["title"] for r in reasons), by)
        if standing.state == "watching":
            _look_again(standing, by)
        return standing, False
    if standing is not None:  # it gives way before the new one may stand
        flow.cancel(standing.number, by=by, reason="出现更紧急的情况,并入新预警")
        standing.state, standing.version, standing.closed_at = "merged", standing.version + 1, clock.now()
        standing.save(update_fields=["state", "version", "closed_at"])
    alert = Alert.objects.create(
        household_id=outcome.household_id, jurisdiction=outcome.jurisdiction, head_name=_head(outcome.household_id),
        grade=grade, by_worker=_has_worker(outcome.jurisdiction), night=outcome.night,
        opened_at=clock.now())
    if standing is not None:
        _tell(standing, "merged", f"并入 {alert.number}", by)
        moved = {"alert_id": alert.pk, "jurisdiction": alert.jurisdiction}
        Ground.objects.filter(alert=standing).update(**moved)
        Reason.objects.filter(alert=standing).update(**moved)
    _add(alert, reasons, known, outcome.night)
    _tell(alert, "opened", "、".join(r["title"] for r in reasons), by)
    flow.start(PROCESS, subject=alert.number, jurisdiction=alert.jurisdiction, by=by,
               data={"worker": alert.by_worker, "grade": COLOURS[grade]})
    audit.record("monitoring.opened", by=by, obj_type="monitoring.alert", obj_id=alert.number,
                 jurisdiction=alert.jurisdiction, after={"grade": grade, "rules": [r["rule"] for r in reasons]})
    return alert, True


def end_watches(night: dt.date, *, by: Service, limit: int) -> int:
    """Alerts whose day of observation has come lie with the officer again. Returns how many."""
    due = list(Alert.objects.select_for_update().filter(state="watching", watch_until__lte=night).order_by("id")[:limit])
    for alert in due:
        _tell(alert, "watch_over", f"观察至 {alert.watch_until:%Y-%m-%d},请再次走访", by)
        _look_again(alert, by)
    return len(due)


def _look_again(alert: Alert, by: Service) -> None:
    alert.state, alert.watch_until, alert.version = "open", None, alert.version + 1
    alert.save(update_fields=["state", "watch_until", "version"])
    flow.signal(alert.number, "watch_over", {}, by=by)


def _add(alert: Alert, reasons: list[dict[str, Any]], known: set[str], night: dt.date) -> None:
    for row in reasons:
        made = Reason.objects.create(
            alert=alert, jurisdiction=alert.jurisdiction, household_id=alert.household_id, rule=row["rule"],
            grade=row["grade"], title=row["title"], source=row["source"], clause=row["clause"], sample=row["sample"],
            text=row["text"] + (f"(提示线:{'、'.join(row['limits'])})" if row["limits"] else ""), raised_on=night,
            last_held=night)
        Ground.objects.bulk_create(
            Ground(alert=alert, reason=made, jurisdiction=alert.jurisdiction, household_id=alert.household_id,
                   fingerprint=one) for one in row["prints"] if one not in known)


def _tell(alert: Alert, kind: str, text: str, by: Service) -> None:
    AlertEvent.objects.create(alert=alert, jurisdiction=alert.jurisdiction, kind=kind, text=text, name="动态监测",
                              at=clock.now())


def _has_worker(village: str) -> bool:
    """Whether anybody holds the village worker's post today; else the township's clerk is asked."""
    today = clock.today()
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), office=village, role="village_worker",
                               valid_from__lte=today, approved_by__isnull=False, ended_at=None,
                               account__is_active=True).exists()


def _head(household: int) -> str:
    """Name of the head, else of whoever joined first; empty when nobody can be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT p.name FROM registry_householdmember m JOIN registry_person p ON p.id = m.person_id"
                       " WHERE m.household_id = %s AND m.valid_to IS NULL ORDER BY (m.relation <> '户主'), m.id LIMIT 1",
                       [household])
        row = cursor.fetchone()
    return row[0] if row else ""
