"""日终平账 (daily proof): each row compares two figures that come from different places. Amounts in fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Sum

from minzheng.base import clock
from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import range_of
from minzheng.office.benefits.budgets import budget_sums
from minzheng.office.benefits.due import DUE
from minzheng.office.benefits.models import SOURCES, BudgetLine
from minzheng.office.ledger import imprest
from minzheng.office.ledger.books import balances
from minzheng.office.ledger.chart import EXPENSE, IMPREST, IN_TRANSIT, PAYABLE, RECEIVABLE, RETURNED, treasury
from minzheng.office.ledger.doors import tell
from minzheng.office.ledger.models import SPLIT, DayProof, PaymentLine, PaymentRun, Receivable

GONE = ("reissued", "cancelled")


@dataclass(frozen=True)
class ProofRow:
    """`left` and `right` must be equal; `detail` says what the right side is made of."""

    title: str
    left_name: str
    left: int
    right_name: str
    right: int
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True)
class Proof:
    day: dt.date
    county: str
    rows: list[ProofRow]

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)


def prove_day(day: dt.date, county: str) -> Proof:
    """The proof of a county within the scope in force: computed for today, read back for a past day.

    NotFound for a past day without one, and for the future.
    """
    if day == clock.today():
        return Proof(day, county, list(_rows(county)))
    kept = DayProof.objects.filter(jurisdiction=county, day=day).order_by("-id").first()
    if kept is None:
        raise NotFound(f"{day:%Y年%m月%d日}没有平账记录。")
    return Proof(day, county, [ProofRow(**row) for row in kept.rows])


def do_keep_proof(county: str, *, by: Actor) -> DayProof:
    """Computes and keeps today's proof; one that does not hold raises the alarm `ledger.proof_failed`."""
    with transaction.atomic():
        proof = prove_day(clock.today(), county)
        kept = DayProof.objects.create(day=proof.day, jurisdiction=county, ok=proof.ok, made_at=clock.now(),
                                       rows=[vars(row) for row in proof.rows])
        tell("ledger.proof_kept" if proof.ok else "ledger.proof_failed", by=by, kind="proof", number=str(kept.pk),
             county=county, day=proof.day.isoformat(), failed=[row.title for row in proof.rows if not row.ok])
    return kept


def _rows(county: str) -> Iterator[ProofRow]:
    runs = list(PaymentRun.objects.filter(jurisdiction=county, state="built").order_by("month", "scheme", "kind", "seq"))
    states = _by_state(county)
    yield from _run_rows(runs)
    yield from _due_rows(runs)
    yield from _book_rows(county, states)
    yield from _bank_rows(county)
    yield from _budget_rows(county)


def _by_state(county: str) -> dict[str, int]:
    rows = PaymentLine.objects.filter(run__jurisdiction=county).values_list("state").annotate(fen=Sum("fen"))
    return {state: int(fen) for state, fen in rows}


def _run_rows(runs: list[PaymentRun]) -> Iterator[ProofRow]:
    """应发 at the time of building = what became of it: paid, rejected, held, on its way, cancelled."""
    for run in runs:
        found = {state: int(fen) for state, fen in
                 run.lines.values_list("state").annotate(fen=Sum("fen")) if state != "reissued"}
        names = (("paid", "到账"), ("sent", "在途"), ("sealed", "封包"), ("open", "待封包"), ("held", "暂缓"),
                 ("rejected", "退回"), ("cancelled", "取消"))
        yield ProofRow(f"{run.month:%Y-%m} {run.scheme} {run.get_kind_display()}", "应发", run.due_fen,
                       "到账+在途+待付+暂缓+退回+取消", sum(found.values()),
                       "、".join(f"{name}{found[state]}" for state, name in names if found.get(state)))


def _due_rows(runs: list[PaymentRun]) -> Iterator[ProofRow]:
    """What is due by the entitlements now = lines in force + still to be supplemented − overpaid: nobody is lost."""
    last = {(run.month, run.scheme): run for run in runs if run.kind != "supplement"}
    for run in list(last.values())[-6:]:
        low, high = range_of(run.jurisdiction)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH d AS ({DUE}), x AS (SELECT entitlement_id AS id, sum(fen) AS fen FROM ledger_paymentline"  # noqa: S608
                " WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND month = %(month)s"
                " AND scheme = %(scheme)s AND state NOT IN ('reissued', 'cancelled') GROUP BY entitlement_id)"
                " SELECT coalesce(sum(d.fen), 0), coalesce(sum(x.fen), 0),"
                " coalesce(sum(greatest(coalesce(d.fen, 0) - coalesce(x.fen, 0), 0)), 0),"
                " coalesce(sum(greatest(coalesce(x.fen, 0) - coalesce(d.fen, 0), 0)), 0)"
                " FROM d FULL JOIN x USING (id)",
                {"month": run.month, "scheme": run.scheme, "low": low, "high": high})
            due, lined, owed, over = map(int, cursor.fetchone())
        yield ProofRow(f"{run.month:%Y-%m} {run.scheme} 按现时待遇", "现应发", due, "已编+应补发−不再应发", lined + owed - over,
                       f"已编{lined}、应补发{owed}、不再应发{over}")


def _book_rows(county: str, states: dict[str, int]) -> Iterator[ProofRow]:
    book = balances(county)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT e.id FROM ledger_entry e LEFT JOIN ledger_posting p"
                       " ON p.entry_id = e.id WHERE e.jurisdiction = %s GROUP BY e.id"
                       " HAVING coalesce(sum(p.fen), 1) <> 0) odd", [county])
        (odd,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ledger_paymentline l JOIN ledger_paymentrun r ON r.id = l.run_id"
                       " LEFT JOIN benefits_entitlement e ON e.id = l.entitlement_id"
                       " LEFT JOIN ledger_envelope v ON v.id = l.envelope_id WHERE r.jurisdiction = %s"
                       " AND (e.id IS NULL OR (l.envelope_id IS NOT NULL AND v.run_id IS DISTINCT FROM l.run_id))",
                       [county])
        (lost,) = cursor.fetchone()
    yield ProofRow("明细归属完整", "找不到待遇或批次的明细条数", int(lost), "零", 0)
    yield ProofRow("总账借贷平衡", "全部分录之和", sum(book.values()), "零", 0)
    yield ProofRow("每张凭证平衡", "不平的凭证张数", int(odd), "零", 0)
    unpaid = sum(states.get(state, 0) for state in ("open", "held", "sealed"))
    yield ProofRow("应付救助金", "总账", -book.get(PAYABLE, 0), "待封包+暂缓+封包明细", unpaid)
    yield ProofRow("在途资金", "总账", -book.get(IN_TRANSIT, 0), "已送银行明细", states.get("sent", 0))
    yield ProofRow("银行退回待发", "总账", -book.get(RETURNED, 0), "退回明细", states.get("rejected", 0))
    advanced, settled, _ = imprest.sums(county)
    yield ProofRow("乡镇备用金", "总账", book.get(IMPREST, 0), "余额+未报账付款", advanced)
    yield ProofRow("救助支出", "总账", book.get(EXPENSE, 0), "未取消明细+备用金报账",
                   settled + sum(fen for state, fen in states.items() if state not in GONE))
    owed = Receivable.objects.filter(jurisdiction=county).aggregate(fen=Sum(F("fen") - F("repaid_fen")))["fen"]
    yield ProofRow("应收追回款", "总账", book.get(RECEIVABLE, 0), "追回未还金额", int(owed or 0))


def _bank_rows(county: str) -> Iterator[ProofRow]:
    """The bank's own declaration (the latest of each envelope) against our paid lines; envelopes against their lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(f.declared_paid_fen), 0), coalesce(sum(l.fen), 0) FROM ledger_envelope v"
            " CROSS JOIN LATERAL (SELECT declared_paid_fen FROM ledger_returnfile WHERE envelope_id = v.id"
            " ORDER BY id DESC LIMIT 1) f CROSS JOIN LATERAL (SELECT coalesce(sum(fen), 0) AS fen"
            " FROM ledger_paymentline WHERE envelope_id = v.id AND state = 'paid') l WHERE v.jurisdiction = %s", [county])
        declared, paid = map(int, cursor.fetchone())
        cursor.execute(
            "SELECT coalesce(sum(v.fen - v.struck_fen), 0), coalesce(sum(l.fen), 0) FROM ledger_envelope v"
            " CROSS JOIN LATERAL (SELECT coalesce(sum(fen), 0) AS fen FROM ledger_paymentline WHERE envelope_id = v.id) l"
            " WHERE v.jurisdiction = %s AND v.state <> 'void'", [county])
        sealed, lined = map(int, cursor.fetchone())
    yield ProofRow("银行到账", "银行声明", declared, "到账明细", paid)
    yield ProofRow("拨付批次", "批次净额", sealed, "批次明细", lined)


def _budget_rows(county: str) -> Iterator[ProofRow]:
    book = balances(county)
    lines = BudgetLine.objects.filter(jurisdiction=county)
    moves = {key: budget_sums(*key, county) for key in sorted(set(lines.values_list("year", "scheme")))}
    _, _, advances = imprest.sums(county)
    for column, (source, name) in zip(SPLIT, SOURCES, strict=True):
        sums = lines.filter(source=source).aggregate(a=Sum("amount_fen"), r=Sum("reserved_fen"), s=Sum("spent_fen"))
        amount, reserved, spent = (int(sums[key] or 0) for key in "ars")
        found = PaymentLine.objects.filter(run__jurisdiction=county).values_list("state").annotate(fen=Sum(column))
        by_state = {state: int(fen) for state, fen in found}
        paid = by_state.get("paid", 0)
        waiting = sum(fen for state, fen in by_state.items() if state not in (*GONE, "paid"))
        yield ProofRow(f"{name}级预算已支出", "预算", spent, "到账明细+备用金拨付", paid + advances.get(source, 0))
        yield ProofRow(f"{name}级预算已占用", "预算", reserved, "未到账明细", waiting)
        yield ProofRow(f"{name}级财政专户", "总账", book.get(treasury(source), 0), "预算下达−已支出", amount - spent)
        moved = [row[1:] for rows in moves.values() for row in rows if row[0] == source]
        yield ProofRow(f"{name}级预算变动", "预算余额合计", amount + reserved + spent, "变动合计",
                       sum(sum(row) for row in moved))
