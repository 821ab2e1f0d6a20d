"""Shared by the actions: the guarded door, the history row with its audit record and event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Actor, Citizen, Service, require_role
from minzheng.base.scope.ranges import lies_in
from minzheng.office.benefits.models import Entitlement, EntitlementAmount, EntitlementChange


def require_post(by: Actor, *roles: str) -> None:
    """NotAllowed unless `by` is an officer in one of the roles or a service post."""
    if isinstance(by, Service):
        return
    if isinstance(by, Citizen):
        raise NotAllowed("这项操作由民政工作人员办理。如需变更,请到户籍所在乡镇(街道)窗口提出。")
    require_role(by, *roles)


def entitlement_for(by: Actor, number: str, *, lock: bool = False, version: int | None = None) -> Entitlement:
    """The entitlement within the acting post's reach. NotFound beyond it, Stale when `version` has passed."""
    if not (number.startswith("DY") and number.isascii() and number[2:].isdigit()):
        raise NotFound("没有这个待遇编号,请核对后重新查询。")
    found = Entitlement.objects.filter(pk=int(number[2:]))
    row = (found.select_for_update() if lock else found).first()
    if row is None:
        raise NotFound("没有这个待遇编号,或不在您的管辖范围内。请核对后重新查询。")
    if version is not None and row.version != version:
        raise Stale("这份待遇刚被他人修改,请刷新页面,看过最新情况后再办理。")
    return row


def amount_in_force(entitlement_id: int, month: dt.date) -> int:
    """Fen a month in force in `month`; 0 before the first amount."""
    row = (EntitlementAmount.objects.filter(entitlement=entitlement_id, from_month__lte=month)
           .order_by("-from_month", "-id").first())
    return row.fen if row else 0


def stamp(by: Actor) -> dict[str, Any]:
    return {"by_account": by.account_id, "by_name": by.name, "at": clock.now()}


def save_step(row: Entitlement, fields: dict[str, Any]) -> None:
    """Writes `fields` and moves the version on. The row must be locked."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def note_change(row: Entitlement, kind: str, *, by: Actor, month: dt.date, reason: str = "", decision: str = "",
                before_fen: int | None = None, after_fen: int | None = None, kept: dict[str, Any] | None = None,
                **facts: Any) -> None:
    """History row, audit record and event `benefits.<kind>` of one step, in the current transaction."""
    EntitlementChange.objects.create(
        entitlement=row, jurisdiction=row.jurisdiction, kind=kind, month=month, before_fen=before_fen,
        after_fen=after_fen, decision=decision, reason=reason, kept=kept, **stamp(by))
    audit.record(f"benefits.{kind}", by=by, obj_type="entitlement", obj_id=row.number, jurisdiction=row.jurisdiction,
                 before=None if before_fen is None else {"fen": before_fen},
                 after={"fen": after_fen, "month": month.isoformat(), "decision": decision, **facts},
                 reason=reason, subject_person=row.head_id)
    events.emit(f"benefits.{kind}", aggregate=f"entitlement:{row.pk}", jurisdiction=row.jurisdiction,
                payload={"entitlement": row.number, "case": row.case_code, "scheme": row.scheme, "head": row.head_id,
                         "month": month.isoformat(), "fen": after_fen, **facts})


def need_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Refused("请写明原因,便于当事人和监督人员核对。", field="reason")
    return text


def place_in_reach(by: Actor, jurisdiction: str) -> None:
    """Refused beforehand, where the database would answer with an error."""
    if isinstance(by, Citizen) or not lies_in(jurisdiction, by.jurisdiction):
        raise NotAllowed("该地不在当前岗位的管辖范围内,请切换岗位或转给当地办理。")


def constraint_of(error: Exception) -> str:
    """Name of the violated constraint, or empty."""
    cause = error.__cause__
    return str(getattr(getattr(cause, "diag", None), "constraint_name", "") or "")
