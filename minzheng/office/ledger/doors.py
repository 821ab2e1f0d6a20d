"""The guarded doors of the ledger: an object by its number within the acting post's reach, or NotFound."""

from __future__ import annotations

from typing import Any

from minzheng.base import audit, events
from minzheng.base.errors import NotAllowed, NotFound
from minzheng.base.identity.officer import Actor, Citizen, Officer, Service, require_role
from minzheng.base.scope.ranges import level_of
from minzheng.office.ledger.models import Envelope, PaymentLine, PaymentRun, Receivable

RELEASE_ROLES = ("county_cashier", "county_finance", "county_leader")


def require_cashier(by: Actor, county: str) -> None:
    """Runs, envelopes and re-issues are the work of the county's cashier (or a service post there)."""
    require_money_post(by, county, "county_cashier")


def require_returner(by: Actor, county: str) -> None:
    """What the bank says is brought by the bank's post or, by hand, by finance: a made-up rejection would let the cashier pay
    a line twice."""
    require_money_post(by, county, "county_finance")


def require_money_post(by: Actor, county: str, *roles: str) -> None:
    if isinstance(by, Citizen):
        raise NotAllowed("资金发放由县级资金岗位办理。")
    if level_of(county) != 3 or by.jurisdiction != county:
        raise NotAllowed("资金发放由该县(市、区)本级的资金岗位办理,请转给当地。")
    if not isinstance(by, Service):
        require_role(by, *roles)


def require_officer(by: Actor) -> Officer:
    if not isinstance(by, Officer):
        raise NotAllowed("签批须由本人以岗位身份办理,不能由系统代签。")
    return by


def run_for(number: str, *, lock: bool = False) -> PaymentRun:
    """A run by its number (R00000001) within the scope in force."""
    rows = PaymentRun.objects.filter(pk=_key(number, "R"))
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound("没有这个发放批次,或不在您的管辖范围内。")
    return row


def envelope_for(number: str, *, lock: bool = False) -> Envelope:
    """An envelope by its number within the scope in force."""
    rows = Envelope.objects.filter(number=number)
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("run").first()
    if row is None:
        raise NotFound("没有这个拨付批次,或不在您的管辖范围内。")
    return row


def line_for(number: str, *, lock: bool = False) -> PaymentLine:
    """A line by its number (L00000001) within the scope in force."""
    rows = PaymentLine.objects.filter(pk=_key(number, "L"))
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("run", "entitlement").first()
    if row is None:
        raise NotFound("没有这条发放明细,或不在您的管辖范围内。")
    return row


def receivable_for(number: str, *, lock: bool = False) -> Receivable:
    rows = Receivable.objects.filter(pk=_key(number, "ZH"))
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("entitlement").first()
    if row is None:
        raise NotFound("没有这笔追回款,或不在您的管辖范围内。")
    return row


def _key(number: str, prefix: str) -> int:
    digits = number.removeprefix(prefix)
    if not (number.startswith(prefix) and digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise NotFound("编号不正确,请核对后重新查询。")
    return int(digits)


def tell(action: str, *, by: Actor, kind: str, number: str, county: str, reason: str = "", **facts: Any) -> None:
    """Audit record and event of one step, in the current transaction."""
    audit.record(action, by=by, obj_type=kind, obj_id=number, jurisdiction=county, after=facts, reason=reason)
    events.emit(action, aggregate=f"{kind}:{number}", jurisdiction=county, payload={kind: number, **facts})
