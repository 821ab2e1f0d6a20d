"""What a revoked cut or end did to a benefit is undone: amount, people, months. What was not paid is then due as 补发, since
due months are worked out from these rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.data.registry import people_by_id
from minzheng.office.benefits.changing import CLOSED_BY_END, open_review
from minzheng.office.benefits.granting import GRANT_ROLES
from minzheng.office.benefits.models import (
    ACTIVE,
    ENDED,
    SUSPENDED,
    Entitlement,
    EntitlementAmount,
    EntitlementChange,
    EntitlementMember,
    EntitlementPause,
    Review,
)
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import entitlement_for, note_change, require_post, save_step, stamp

UNDONE = ("amount_changed", "ended", "grace_started")
COVERED_ELSEWHERE = ("{names}在此期间已在其他家庭或其他地方享受同类待遇,原待遇不能恢复,决定没有撤销。"
                     "请先核实并终止那一份待遇,再撤销这个决定。")


def do_undo(revoked: str, *, undone: Collection[str], restoring: Collection[str], decision: str, reason: str,
            by: Actor) -> list[Entitlement]:
    """Undoes what the decision `revoked` did, by `decision`. `undone` are all revoked cuts and ends, this one among them;
    `restoring` the revocations. Refused, with the names, when somebody is covered elsewhere meanwhile."""
    require_post(by, *GRANT_ROLES)
    rows = []
    with transaction.atomic():
        for change in EntitlementChange.objects.filter(decision=revoked, kind__in=UNDONE).order_by("id"):
            row = entitlement_for(by, _number(change.entitlement_id), lock=True)
            if change.kind == "amount_changed":
                _undo_cut(row, change, undone, restoring, decision, reason, by)
            elif change.kind == "ended":
                _undo_end(row, change, undone, decision, reason, by)
            else:
                _undo_grace(row, decision, reason, by)
            _review_the_dead(row, revoked, by)
            rows.append(row)
    return rows


def _number(key: int) -> str:
    return Entitlement(pk=key).number


def _in_force(rows: Iterable[EntitlementAmount], month: dt.date) -> int:
    """Fen in force in the month by these rows; 0 when none is."""
    known = [row for row in rows if row.from_month <= month]
    return max(known, key=lambda row: (row.from_month, row.pk)).fen if known else 0


def _undo_cut(row: Entitlement, change: EntitlementChange, undone: Collection[str], restoring: Collection[str],
              decision: str, reason: str, by: Actor) -> None:
    """Each month has again the amount of those decisions that stand; a later one keeps its own."""
    amounts = list(EntitlementAmount.objects.filter(entitlement=row).order_by("id"))
    standing = [a for a in amounts if a.decision not in undone and a.decision not in restoring]
    before = _in_force(amounts, change.month)
    for month in sorted({a.from_month for a in amounts if a.from_month >= change.month}):
        fen = _in_force(standing, month)
        if fen != _in_force(amounts, month):
            amounts.append(EntitlementAmount.objects.create(entitlement=row, jurisdiction=row.jurisdiction, from_month=month,
                                                            fen=fen, decision=decision, reason=reason, **stamp(by)))
    covered = {member["person_id"] for member in row.members}
    back = [member for member in (change.kept or {}).get("left", []) if member["person_id"] not in covered]
    if change.kept is None and _left_then(row, change.month, covered):
        raise Refused("这个决定减少过保障人员,但作出时没有留下名单,不能自动恢复。请由审批岗重新作出决定,补回人员和金额。")
    until = add_months(row.end_month, 1) if row.status == ENDED and row.end_month else None
    _cover(row, back, change.month, until)
    members = [*row.members, *back]
    save_step(row, {"members": members, "persons": len(members), "reason": reason})
    note_change(row, "amount_changed", by=by, month=change.month, reason=reason, decision=decision, before_fen=before,
                after_fen=_in_force(amounts, change.month))


def _left_then(row: Entitlement, month: dt.date, covered: Collection[int]) -> bool:
    return EntitlementMember.objects.filter(entitlement=row, during__endswith=month).exclude(person_id__in=covered).exists()


def _undo_end(row: Entitlement, change: EntitlementChange, undone: Collection[str], decision: str, reason: str,
              by: Actor) -> None:
    """The benefit goes on as it was before: active, suspended, or in a 渐退 that still stands."""
    if row.status != ENDED or row.end_month != change.month:
        return  # another end stands
    first = add_months(change.month, 1)
    kept = change.kept or {"status": ACTIVE, "end_month": None, "grace_until": None}
    if EntitlementChange.objects.filter(entitlement=row, kind="grace_started", decision__in=undone).exists():
        kept = {**kept, "end_month": None, "grace_until": None}
    _cover(row, row.members, first, None)
    if kept["status"] == SUSPENDED:
        pause = EntitlementPause.objects.filter(entitlement=row).latest("id")
        pause.to_month = None
        pause.save(update_fields=["to_month"])
    Review.objects.filter(entitlement=row, outcome=CLOSED_BY_END).update(outcome="", closed_by="", closed_at=None)
    holding = Review.objects.filter(entitlement=row, closed_at=None, holds=True).exists()
    save_step(row, {"status": kept["status"], "end_month": _day(kept["end_month"]), "grace_until": _day(kept["grace_until"]),
                    "on_hold": holding, "reason": reason})
    note_change(row, "restored", by=by, month=first, reason=reason, decision=decision)


def _undo_grace(row: Entitlement, decision: str, reason: str, by: Actor) -> None:
    if row.grace_until is None:
        return
    first = add_months(row.grace_until, 1)
    fields: dict[str, Any] = {"grace_until": None, "reason": reason}
    if row.status != ENDED:
        fields["end_month"] = None
    save_step(row, fields)
    note_change(row, "restored", by=by, month=first, reason=reason, decision=decision)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _cover(row: Entitlement, people: Sequence[dict[str, Any]], month: dt.date, until: dt.date | None) -> None:
    """Those who were taken out at `month` are covered again; the database refuses who is covered elsewhere, anywhere."""
    elsewhere = []
    held = {member.person_id: member for member in EntitlementMember.objects.filter(
        entitlement=row, person_id__in=[person["person_id"] for person in people])}
    for person in people:
        member = held.get(person["person_id"])
        if member is None or not (member.during.isempty or member.during.upper == month):
            continue  # left by another decision
        try:
            with transaction.atomic():
                lower = max(month, row.start_month) if member.during.isempty else member.during.lower
                member.during = DateRange(lower, until)
                member.save(update_fields=["during"])
        except IntegrityError:
            elsewhere.append(person["name"])
    if elsewhere:
        raise Refused(COVERED_ELSEWHERE.format(names="、".join(elsewhere)))


def _review_the_dead(row: Entitlement, revoked: str, by: Actor) -> None:
    """Who died while the benefit was away is not paid for: a holding review, as on the news of a death."""
    if row.status == ENDED:
        return
    for person in people_by_id([member["person_id"] for member in row.members], strict=False).values():
        if person.death_date is not None:
            open_review(row, key=f"undone:{revoked}:{person.pk}", cause="death", holds=True, by=by,
                        detail=f"{person.name}已登记死亡,恢复待遇前请核实并调整或终止")
