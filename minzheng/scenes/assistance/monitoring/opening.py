"""From a night's outcomes to alerts: one open alert a household, never again for facts that have raised one before."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from minzheng.base import audit, clock, flow
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Service
from minzheng.scenes.assistance.monitoring.models import OPEN, Alert, AlertEvent, Ground, Outcome, Reason

PROCESS = "alert"
NAME = "动态监测"
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
WHERE a.id = r.alert_id AND a.state IN ('open', 'watching', 'applying') AND o.night = %s AND o.household_id = r.household_id
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


def do_open(outcomes: Sequence[Outcome], *, by: Service) -> tuple[int, int]:
    """Alerts for the outcomes' new facts, in few statements however many: a new one, or the household's open one when that
    is as urgent. Returns how many are new and how many joined. A less urgent open one goes up in the new alert, whose
    response time is shorter."""
    households = [outcome.household_id for outcome in outcomes]
    known: dict[int, set[str]] = defaultdict(set)
    for household, one in Ground.objects.filter(household_id__in=households).values_list("household_id", "fingerprint"):
        known[household].add(one)
    standing = {alert.household_id: alert for alert in
                Alert.objects.select_for_update().filter(household_id__in=households, state__in=OPEN).order_by("id")}
    rising: list[tuple[Outcome, list[dict[str, Any]], Alert | None]] = []
    joined = 0
    for outcome in outcomes:
        seen = known[outcome.household_id]
        reasons = [r for r in json.loads(outcome.reasons) if not seen.issuperset(r["prints"])]
        if not reasons:
            continue
        open_one = standing.get(outcome.household_id)
        if open_one is not None and open_one.grade <= min(r["grade"] for r in reasons):
            _join(open_one, reasons, seen, outcome.night, by)
            joined += 1
        else:
            rising.append((outcome, reasons, open_one))
    _raise(rising, known, by)
    return len(rising), joined


def _join(alert: Alert, reasons: list[dict[str, Any]], known: set[str], night: dt.date, by: Service) -> None:
    _add([(alert, reasons, known)], night)
    tell(alert, "joined", "、".join(r["title"] for r in reasons), by)
    if alert.state == "watching":
        _look_again(alert, by)


def _raise(rising: list[tuple[Outcome, list[dict[str, Any]], Alert | None]], known: dict[int, set[str]], by: Service) -> None:
    """New alerts with their reasons, tasks and records; the open ones that they take up give way first."""
    now = clock.now()
    for _, _, before in rising:
        if before is not None:
            give_way(before, by, reason="出现更紧急的情况,并入新预警")
    heads = heads_of([outcome.household_id for outcome, _, _ in rising])
    staffed = staffed_of({outcome.jurisdiction for outcome, _, _ in rising})
    alerts = Alert.objects.bulk_create(
        Alert(household_id=outcome.household_id, jurisdiction=outcome.jurisdiction,
              head_name=heads.get(outcome.household_id, ""), grade=min(r["grade"] for r in reasons),
              by_worker=outcome.jurisdiction in staffed, night=outcome.night, opened_at=now)
        for outcome, reasons, _ in rising)
    for alert, (_, _, before) in zip(alerts, rising, strict=True):
        if before is not None:
            take_over(before, alert, by)
    if not alerts:
        return
    _add([(alert, reasons, known[alert.household_id]) for alert, (_, reasons, _) in zip(alerts, rising, strict=True)],
         rising[0][0].night)
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, jurisdiction=alert.jurisdiction, kind="opened", name=NAME, at=now,
                   text="、".join(r["title"] for r in reasons)) for alert, (_, reasons, _) in zip(alerts, rising, strict=True))
    flow.start_many(PROCESS, [flow.Beginning(alert.number, alert.jurisdiction, inputs_of(alert)) for alert in alerts], by=by)
    audit.record_many("monitoring.opened", [
        audit.Line(alert.number, alert.jurisdiction, {"grade": alert.grade, "rules": [r["rule"] for r in reasons]})
        for alert, (_, reasons, _) in zip(alerts, rising, strict=True)], by=by, obj_type="monitoring.alert")


def inputs_of(alert: Alert) -> dict[str, Any]:
    """What the process is told: whether the village has somebody, and how urgent it is."""
    return {"worker": alert.by_worker, "grade": COLOURS[alert.grade]}


def give_way(alert: Alert, by: Service, *, reason: str) -> None:
    """An open alert ends in favour of another one."""
    flow.cancel(alert.number, by=by, reason=reason)
    alert.state, alert.version, alert.closed_at = "merged", alert.version + 1, clock.now()
    alert.save(update_fields=["state", "version", "closed_at"])


def take_over(before: Alert, alert: Alert, by: Service) -> None:
    """Reasons and grounds of the one that gave way belong to the other now."""
    tell(before, "merged", f"并入 {alert.number}", by)
    moved = {"alert_id": alert.pk, "jurisdiction": alert.jurisdiction}
    Ground.objects.filter(alert=before).update(**moved)
    Reason.objects.filter(alert=before).update(**moved)


def end_watches(night: dt.date, *, by: Service, limit: int) -> int:
    """Alerts whose day of observation has come, or whose household has not applied in time, lie with the officer again.
    Returns how many."""
    due = list(Alert.objects.select_for_update().filter(
        Q(state="watching", watch_until__lte=night) | Q(state="applying", apply_by__lt=night)).order_by("id")[:limit])
    for alert in due:
        if alert.state == "watching":
            tell(alert, "watch_over", f"观察至 {alert.watch_until:%Y-%m-%d},请再次走访", by)
        else:
            tell(alert, "no_case", f"应于 {alert.apply_by:%Y-%m-%d} 前提交申请,请再次联系家庭", by)
        _look_again(alert, by)
    return len(due)


def _look_again(alert: Alert, by: Service) -> None:
    message = "watch_over" if alert.state == "watching" else "application"
    alert.by_worker = alert.jurisdiction in staffed_of({alert.jurisdiction})
    alert.state, alert.watch_until, alert.apply_by, alert.version = "open", None, None, alert.version + 1
    alert.save(update_fields=["state", "by_worker", "watch_until", "apply_by", "version"])
    flow.signal(alert.number, message, {"filed": False, "worker": alert.by_worker}, by=by)


def _add(alerts: Sequence[tuple[Alert, list[dict[str, Any]], set[str]]], night: dt.date) -> None:
    """The reasons of each alert with the grounds that are not known yet."""
    rows = [(alert, row, known) for alert, reasons, known in alerts for row in reasons]
    made = Reason.objects.bulk_create(
        Reason(alert=alert, jurisdiction=alert.jurisdiction, household_id=alert.household_id, rule=row["rule"],
               grade=row["grade"], title=row["title"], source=row["source"], clause=row["clause"], sample=row["sample"],
               text=row["text"] + (f"(提示线:{'、'.join(row['limits'])})" if row["limits"] else ""), raised_on=night,
               last_held=night) for alert, row, _ in rows)
    Ground.objects.bulk_create(
        Ground(alert=alert, reason=reason, jurisdiction=alert.jurisdiction, household_id=alert.household_id, fingerprint=one)
        for reason, (alert, row, known) in zip(made, rows, strict=True) for one in row["prints"] if one not in known)


def tell(alert: Alert, kind: str, text: str, by: Service) -> None:
    """A line in the alert's history."""
    AlertEvent.objects.create(alert=alert, jurisdiction=alert.jurisdiction, kind=kind, text=text, name=NAME, at=clock.now())


def staffed_of(villages: Iterable[str]) -> set[str]:
    """The villages whose worker's post somebody holds today; in the others the township's clerk is asked."""
    today = clock.today()
    return set(Post.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), office__in=list(villages), role="village_worker", valid_from__lte=today,
        approved_by__isnull=False, ended_at=None, account__is_active=True).values_list("office", flat=True))


def heads_of(households: Sequence[int]) -> dict[int, str]:
    """Name of each head, else of whoever joined first; none when nobody can be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT ON (m.household_id) m.household_id, p.name FROM registry_householdmember m"
                       " JOIN registry_person p ON p.id = m.person_id WHERE m.household_id = ANY (%s) AND m.valid_to IS NULL"
                       " ORDER BY m.household_id, (m.relation <> '户主'), m.id", [list(households)])
        return dict(cursor.fetchall())
