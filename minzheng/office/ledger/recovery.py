"""追回: what was paid and was not due becomes a receivable, paid back in instalments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Sum

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import office_of
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import RECEIVABLE, RECOVERED, RECOVERY_CASH
from minzheng.office.ledger.doors import receivable_for, require_cashier, require_money_post, tell
from minzheng.office.ledger.models import Entry, Instalment, Receivable

OPEN_ROLES = ("county_clerk", "county_approver", "county_leader")

# Money that went out for months that are not due (any more): after the last month, or in a suspension without arrears.
OVERPAID = """
SELECT l.entitlement_id, sum(l.fen) AS fen, min(l.month) AS first, max(l.month) AS last
FROM ledger_paymentline l JOIN benefits_entitlement e ON e.id = l.entitlement_id
WHERE l.state IN ('sent', 'paid') AND (e.end_month < l.month OR EXISTS (
  SELECT 1 FROM benefits_entitlementpause p WHERE p.entitlement_id = e.id AND p.from_month <= l.month
  AND p.to_month >= l.month AND NOT p.arrears))
"""


@dataclass(frozen=True)
class Part:
    """An instalment as it stands: repayments fill the earliest first."""

    due_on: dt.date
    fen: int
    repaid_fen: int

    @property
    def late(self) -> bool:
        return self.repaid_fen < self.fen and self.due_on < clock.today()


def overpaid_fen(entitlement_id: int) -> int:
    """Fen overpaid to an entitlement for which no receivable is open yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"{OVERPAID} AND l.entitlement_id = %s GROUP BY l.entitlement_id", [entitlement_id])
        row = cursor.fetchone()
    taken = Receivable.objects.filter(entitlement=entitlement_id).aggregate(fen=Sum("fen"))["fen"] or 0
    return (int(row[1]) if row else 0) - int(taken)


def do_open_recovery(number: str, *, fen: int, reason: str, decision: str, instalments: Sequence[tuple[dt.date, int]],
                     by: Actor) -> Receivable:
    """Opens a recovery by a decision, once per decision. Refused above what is overpaid: nobody pays back too much."""
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True)
        county = office_of(row.jurisdiction, 3)
        require_money_post(by, county, *OPEN_ROLES)
        if not (reason.strip() and decision.strip()):
            raise Refused("追回须有决定书文号和理由,并告知当事人。", field="decision")
        key = f"recovery:{row.pk}:{decision.strip()}"
        known = Receivable.objects.filter(key=key).first()
        if known is not None:
            return known
        most = overpaid_fen(row.pk)
        if isinstance(fen, bool) or not 0 < fen <= most:
            raise Refused(f"可追回的金额是 {most // 100}.{most % 100:02d} 元,请核对。", field="fen")
        days = [day for day, _ in instalments]
        if not days or days != sorted(set(days)) or days[0] < clock.today() or min(f for _, f in instalments) <= 0 \
                or sum(part for _, part in instalments) != fen:
            raise Refused("分期日期应从今天起依次排列,各期金额之和应等于追回金额。", field="instalments")
        made = Receivable.objects.create(
            entitlement=row, jurisdiction=county, key=key, fen=fen, reason=reason, decision=decision,
            by_account=by.account_id, by_name=by.name, opened_on=clock.today())
        Instalment.objects.bulk_create(
            Instalment(receivable=made, jurisdiction=county, due_on=day, fen=part) for day, part in instalments)
        post(key, kind="recovery", county=county, scheme=row.scheme, by=by, memo=f"追回 {row.number} 多发救助金",
             amounts={RECEIVABLE: fen, RECOVERED: -fen})
        tell("ledger.recovery_opened", by=by, kind="receivable", number=made.number, county=county, reason=reason,
             fen=fen, entitlement=row.number, decision=decision)
    return made


def do_record_repayment(number: str, *, fen: int, slip: str, by: Actor) -> Receivable:
    """A repayment by its bank slip, once per slip. Refused above what is still open."""
    with transaction.atomic():
        row = receivable_for(number, lock=True)
        require_cashier(by, row.jurisdiction)
        if not slip.strip():
            raise Refused("请填写缴款凭证号。", field="slip")
        key = f"repaid:{row.jurisdiction}:{slip.strip()}"
        if Entry.objects.filter(key=key).exists():
            return row
        if isinstance(fen, bool) or not 0 < fen <= row.open_fen:
            raise Refused(f"尚欠 {row.open_fen // 100}.{row.open_fen % 100:02d} 元,缴款金额应大于零且不超过它。", field="fen")
        post(key, kind="repayment", county=row.jurisdiction, by=by, scheme=row.entitlement.scheme,
             memo=f"{number} 缴回,凭证 {slip}", amounts={RECOVERY_CASH: fen, RECEIVABLE: -fen})
        Receivable.objects.filter(pk=row.pk).update(repaid_fen=F("repaid_fen") + fen)
        tell("ledger.repayment", by=by, kind="receivable", number=number, county=row.jurisdiction, fen=fen, slip=slip)
    return receivable_for(number)


def parts_of(row: Receivable) -> list[Part]:
    left, found = row.repaid_fen, []
    for part in row.instalments.order_by("due_on"):
        covered = min(left, part.fen)
        left -= covered
        found.append(Part(part.due_on, part.fen, covered))
    return found
