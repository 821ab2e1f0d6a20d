"""Lines before they go to the bank: held, opened or cancelled by what is known of their entitlement now."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection, transaction

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.benefits import budgets
from minzheng.office.benefits.models import SOURCES
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import EXPENSE, PAYABLE, RETURNED
from minzheng.office.ledger.doors import line_for, require_cashier, run_for, tell
from minzheng.office.ledger.models import CANCELLED, HELD, OPEN, REJECTED, SPLIT, PaymentLine, PaymentRun
from minzheng.office.ledger.runs import VERDICT

# The new state of lines whose verdict has changed; `took` are the cancelled ones among them.
_REFRESH = f"""
WITH fresh AS MATERIALIZED (
  SELECT l.id, split_part(v.verdict, ':', 1) AS state, split_part(v.verdict, ':', 2) AS note
  FROM ledger_paymentline l JOIN benefits_entitlement e ON e.id = l.entitlement_id
  CROSS JOIN LATERAL (SELECT {VERDICT} AS verdict OFFSET 0) v
  WHERE l.run_id = %(run)s AND l.state IN ('open', 'held')),
moved AS (
  UPDATE ledger_paymentline l SET state = f.state, note = f.note FROM fresh f
  WHERE f.id = l.id AND (l.state, l.note) IS DISTINCT FROM (f.state, f.note)
  RETURNING l.state, l.fen, {", ".join(f"l.{column}" for column in SPLIT)})
SELECT coalesce(sum(fen), 0), {", ".join(f"coalesce(sum({column}), 0)" for column in SPLIT)}
FROM moved WHERE state = 'cancelled'
"""  # noqa: S608

_NEW_PAYEE = """
UPDATE ledger_paymentline l SET payee_name = e.payee_name, payee_account = e.payee_account,
  payee_id_number = e.payee_id_number, payee_version = e.payee_version
FROM benefits_entitlement e
WHERE e.id = l.entitlement_id AND l.run_id = %(run)s AND l.state = 'open' AND l.payee_version <> e.payee_version
"""


def refresh(run: PaymentRun, by: Actor) -> None:
    """Brings the run's open and held lines up to date with their entitlements; cancelled money is released."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"run": run.pk})
        fen, *parts = map(int, cursor.fetchone())
        cursor.execute(_NEW_PAYEE, {"run": run.pk})
    take_back(run, fen, parts, from_account=PAYABLE, memo="待遇终止或暂停,取消应付", by=by)


def take_back(run: PaymentRun, fen: int, parts: list[int], *, from_account: str, memo: str, by: Actor,
              key: str = "") -> None:
    """Cancelled lines: the entry is reversed and the reservation released. A key of its own for each time."""
    if not fen:
        return
    ref = key or f"cancel:{run.pk}:{uuid.uuid4()}"
    post(ref, kind="cancel", county=run.jurisdiction, scheme=run.scheme, by=by, memo=memo,
         amounts={from_account: fen, EXPENSE: -fen})
    budgets.move("release", year=run.month.year, scheme=run.scheme, county=run.jurisdiction, ref=ref,
                 by_source=dict(zip((s for s, _ in SOURCES), parts, strict=True)))


def do_refresh(number: str, *, by: Actor) -> PaymentRun:
    """重新核对: looks at all held and open lines of a run again."""
    with transaction.atomic():
        run = run_for(number, lock=True)
        require_cashier(by, run.jurisdiction)
        refresh(run, by)
        count = PaymentLine.objects.filter(run=run, state=HELD).count()
        tell("ledger.run_refreshed", by=by, kind="run", number=run.number, county=run.jurisdiction, held=count)
    return run


def do_cancel_line(number: str, *, reason: str, by: Actor) -> PaymentLine:
    """Decides that a line that is open, held or rejected is not paid. What stays due appears in the next supplement."""
    if not reason.strip():
        raise Refused("取消发放须写明原因。", field="reason")
    with transaction.atomic():
        line = line_for(number, lock=True)
        run = line.run
        require_cashier(by, run.jurisdiction)
        before = line.state
        changed = PaymentLine.objects.filter(pk=line.pk, state__in=(OPEN, HELD, REJECTED)).update(
            state=CANCELLED, note=reason)
        if not changed:
            raise Refused(f"这条明细{line.get_state_display()},不能取消。")
        take_back(run, line.fen, [getattr(line, column) for column in SPLIT], by=by, memo=f"取消发放:{reason}",
                  from_account=RETURNED if before == REJECTED else PAYABLE, key=f"cancel:line:{line.pk}")
        tell("ledger.line_cancelled", by=by, kind="line", number=number, county=run.jurisdiction, reason=reason,
             entitlement=line.entitlement.number, month=line.month.isoformat(), fen=line.fen)
    return line_for(number)


def sums_of(rows: list[Any]) -> tuple[int, list[int]]:
    """(fen, fen by source) of lines in memory."""
    return sum(row.fen for row in rows), [sum(getattr(row, column) for row in rows) for column in SPLIT]
