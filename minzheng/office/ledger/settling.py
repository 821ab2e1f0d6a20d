"""Lines before they go to the bank: held, opened or cancelled by what is known of their entitlement now."""

from __future__ import annotations

import uuid

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

# Every open and held line is looked at again; those whose verdict or payee has changed are written. An open line takes the
# entitlement's payee as it is now, a held one when it opens. The sums are those of the lines that are cancelled by it.
_REFRESH = f"""
WITH fresh AS MATERIALIZED (
  SELECT l.id, split_part(v.verdict, ':', 1) AS state, split_part(v.verdict, ':', 2) AS note,
         l.payee_version <> e.payee_version AND v.verdict = 'open:' AS new_payee,
         e.payee_name, e.payee_account, e.payee_id_number, e.payee_version
  FROM ledger_paymentline l JOIN benefits_entitlement e ON e.id = l.entitlement_id
  CROSS JOIN LATERAL (SELECT {VERDICT} AS verdict OFFSET 0) v
  WHERE l.run_id = %(run)s AND l.state IN ('open', 'held')
    AND (l.state <> split_part(v.verdict, ':', 1) OR l.note <> split_part(v.verdict, ':', 2) OR (l.payee_version <> e.payee_version AND v.verdict = 'open:'))),
moved AS (
  UPDATE ledger_paymentline l SET state = f.state, note = f.note,
    payee_name = CASE WHEN f.new_payee THEN f.payee_name ELSE l.payee_name END,
    payee_account = CASE WHEN f.new_payee THEN f.payee_account ELSE l.payee_account END,
    payee_id_number = CASE WHEN f.new_payee THEN f.payee_id_number ELSE l.payee_id_number END,
    payee_version = CASE WHEN f.new_payee THEN f.payee_version ELSE l.payee_version END
  FROM fresh f WHERE f.id = l.id
  RETURNING l.state, l.fen, {", ".join(f"l.{column}" for column in SPLIT)})
SELECT coalesce(sum(fen), 0), {", ".join(f"coalesce(sum({column}), 0)" for column in SPLIT)}
FROM moved WHERE state = 'cancelled'
"""  # noqa: S608


def refresh(run: PaymentRun, by: Actor) -> None:
    """Brings the run's open and held lines up to date with their entitlements; cancelled money is released."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"run": run.pk})
        fen, *parts = map(int, cursor.fetchone())
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
