"""Building a month's list. One transaction makes the run, its lines, the budget reservation and the entry: after a kill
nothing of it is there, and a second run finds the first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor, Citizen
from minzheng.base.scope.ranges import range_of
from minzheng.office.benefits import budgets
from minzheng.office.benefits.due import DUE
from minzheng.office.benefits.models import ENDED, SOURCES, Entitlement
from minzheng.office.benefits.months import add_months, check_month, first_of
from minzheng.office.benefits.once import check_once
from minzheng.office.benefits.schemes import get_scheme
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import EXPENSE, PAYABLE
from minzheng.office.ledger.doors import require_cashier, run_for, tell
from minzheng.office.ledger.models import SPLIT, PaymentRun

BACK_MONTHS = 24  # how far a supplement looks back

# A line's state before it goes to the bank, by what is known of its entitlement `e` now. `l.month` is its month.
VERDICT = """
CASE
  WHEN e.end_month < l.month THEN 'cancelled:待遇已终止,本月不应发'
  WHEN EXISTS (SELECT 1 FROM benefits_entitlementpause p WHERE p.entitlement_id = e.id AND p.from_month <= l.month
               AND p.to_month >= l.month AND NOT p.arrears) THEN 'cancelled:暂停期间,不补发'
  WHEN e.status = 'suspended' THEN 'held:待遇已暂停'
  WHEN e.on_hold THEN 'held:复核未结'
  WHEN e.payee_check = '' THEN 'held:账户待核验'
  WHEN e.payee_check <> '0000' THEN 'held:账户核验未通过(' || e.payee_check || ')'
  ELSE 'open:' END
"""

_COLUMNS = """INSERT INTO ledger_paymentline (run_id, entitlement_id, jurisdiction, scheme, month, kind, seq, state, note,
 persons, fen, central_fen, province_fen, city_fen, county_fen, payee_name, payee_account, payee_id_number,
 payee_version, bank_code, bank_message, bank_serial) """


def _select(source: str) -> str:
    """Lines of `source` (id, jurisdiction, fen, seq) with their state, split and payee; the last source bears the rest.
    OFFSET 0 keeps the verdict from being worked out once for each column that uses it."""
    parts = {s: f"(l.fen * %(bp_{s})s / 10000)" for s, _ in SOURCES}
    rest = {s: f"l.fen - ({' + '.join(p for o, p in parts.items() if o != s)})" for s in parts}
    columns = ", ".join(f"CASE WHEN %(last)s = '{s}' THEN {rest[s]} ELSE {parts[s]} END" for s in parts)
    return f"""
    SELECT %(run)s, e.id, e.jurisdiction, e.scheme, l.month, %(kind)s, l.seq, split_part(v.verdict, ':', 1),
           split_part(v.verdict, ':', 2), e.persons, l.fen, {columns}, e.payee_name, e.payee_account,
           e.payee_id_number, e.payee_version, '', '', ''
    FROM ({source}) l JOIN benefits_entitlement e ON e.id = l.id CROSS JOIN LATERAL (SELECT {VERDICT} AS verdict OFFSET 0) v
    ORDER BY l.jurisdiction COLLATE "C", l.id
    ON CONFLICT (entitlement_id, month, kind, seq) DO NOTHING"""  # noqa: S608


# A month that a supplement has paid already is not paid again by a late regular run.
_REGULAR = f"""SELECT d.id, d.jurisdiction, d.fen, %(month)s::date AS month, 0 AS seq FROM ({DUE}) d
 WHERE NOT EXISTS (SELECT 1 FROM ledger_paymentline x WHERE x.entitlement_id = d.id AND x.month = %(month)s
                   AND x.state NOT IN ('reissued', 'cancelled'))"""  # noqa: S608

_OWED = f"""SELECT d.id, d.jurisdiction, (d.fen - x.fen)::bigint AS fen, %(month)s::date AS month, x.seq FROM ({DUE}) d
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(fen) FILTER (WHERE state NOT IN ('reissued', 'cancelled')), 0) AS fen,
          coalesce(max(seq) FILTER (WHERE kind = %(kind)s), 0) + 1 AS seq
   FROM ledger_paymentline WHERE entitlement_id = d.id AND month = %(month)s) x
 WHERE d.fen > x.fen"""  # noqa: S608


def check_build(month: dt.date, scheme: str, county: str, by: Actor) -> dict[str, int]:
    """The funding shares in force; Refused when the month can't be paid by this post."""
    require_cashier(by, county)
    get_scheme(scheme)
    check_month(month)
    if month > first_of(clock.today()):
        raise Refused("还不到发放月份,不能提前编制。", field="month")
    return budgets.shares_in_force(scheme, county, month)


def do_build_run(month: dt.date, scheme: str, county: str, *, by: Actor) -> PaymentRun:
    """The month's list: one line for each entitlement due. Building it again, or twice at once, gives the same run.

    Refused when a budget line doesn't suffice; then nothing is built.
    """
    shares = check_build(month, scheme, county, by)
    with transaction.atomic():
        _one_builder(county, scheme)
        run, fresh = _take_run(month, scheme, county, "regular", 0, shares, by)
        if fresh:
            _insert(run, _REGULAR, month)
            _finish(run, by)
    return run_for(run.number)


def do_build_supplement(scheme: str, county: str, *, by: Actor) -> PaymentRun | None:
    """补发: what months with a built run still owe, from late decisions, increases that reach back, and arrears after
    a suspension. None when nothing is owed. Two at once wait for each other, so the second finds nothing."""
    month = first_of(clock.today())
    shares = check_build(month, scheme, county, by)
    with transaction.atomic():
        _one_builder(county, scheme)
        done = PaymentRun.objects.filter(jurisdiction=county, scheme=scheme)
        months = list(done.filter(kind="regular", state="built", month__gte=add_months(month, -BACK_MONTHS))
                      .order_by("month").values_list("month", flat=True))
        if not any(_owes(scheme, county, each, "supplement") for each in months):
            return None
        seq = done.filter(kind="supplement", month=month).count() + 1
        run, _ = _take_run(month, scheme, county, "supplement", seq, shares, by)
        for each in months:
            _insert(run, _OWED, each)
        _finish(run, by)
    return run_for(run.number)


def do_build_urgent(scheme: str, county: str, *, by: Actor) -> PaymentRun | None:
    """急发: what a scheme that pays once owes now, this month's grants and earlier ones. None when nothing is owed; two at
    once wait for each other, so the second finds nothing. A later run of the month leaves out what is paid here."""
    check_once(scheme)
    month = first_of(clock.today())
    shares = check_build(month, scheme, county, by)
    low, high = range_of(county)
    with transaction.atomic():
        _one_builder(county, scheme)
        waiting = Entitlement.objects.filter(scheme=scheme, jurisdiction__gte=low, jurisdiction__lt=high, once=True,
                                             start_month__range=(add_months(month, -BACK_MONTHS), month)).exclude(status=ENDED)
        months = [each for each in waiting.order_by("start_month").values_list("start_month", flat=True).distinct()
                  if _owes(scheme, county, each, "urgent")]
        if not months:
            return None
        seq = PaymentRun.objects.filter(jurisdiction=county, scheme=scheme, kind="urgent", month=month).count() + 1
        run, _ = _take_run(month, scheme, county, "urgent", seq, shares, by)
        for each in months:
            _insert(run, _OWED, each)
        _finish(run, by)
    return run_for(run.number)


def _one_builder(county: str, scheme: str) -> None:
    """Regular runs and supplements of a scheme in a county are built one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ledger:build:{county}:{scheme}"])


def _take_run(month: dt.date, scheme: str, county: str, kind: str, seq: int, shares: dict[str, int],
              by: Actor) -> tuple[PaymentRun, bool]:
    return PaymentRun.objects.get_or_create(
        jurisdiction=county, scheme=scheme, month=month, kind=kind, seq=seq,
        defaults={"shares": shares, "built_by": by.account_id, "built_post": 0 if isinstance(by, Citizen) else by.post_id, "built_name": by.name,
                  "created_at": clock.now()})


def _params(run: PaymentRun, month: dt.date) -> dict[str, Any]:
    low, high = range_of(run.jurisdiction)
    return {"run": run.pk, "month": month, "scheme": run.scheme, "low": low, "high": high, "kind": run.kind,
            "last": budgets.last_source(run.shares), **{f"bp_{s}": run.shares.get(s, 0) for s, _ in SOURCES}}


def in_memory() -> None:
    """A list is sorted and joined in memory, not in temporary files, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")


def _insert(run: PaymentRun, source: str, month: dt.date) -> None:
    in_memory()
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS + _select(source), _params(run, month))


def _owes(scheme: str, county: str, month: dt.date, kind: str) -> bool:
    low, high = range_of(county)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({_OWED})",
                       {"month": month, "scheme": scheme, "low": low, "high": high, "kind": kind})
        return bool(cursor.fetchone()[0])


def due_total(run: PaymentRun) -> tuple[int, int]:
    """(count, fen) due for the month of a regular run, counted from the entitlements, not from the lines."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(fen), 0) FROM ({DUE}) d",  # noqa: S608
                       _params(run, run.month))
        count, fen = cursor.fetchone()
    return int(count), int(fen)


def _finish(run: PaymentRun, by: Actor) -> None:
    """Totals, the reservation by source, the entry, and the state `built`."""
    sums = ", ".join(f"coalesce(sum({column}), 0)" for column in SPLIT)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(fen), 0), count(*) FILTER (WHERE state = 'held'), {sums}"  # noqa: S608
                       " FROM ledger_paymentline WHERE run_id = %s", [run.pk])
        count, fen, held, *parts = map(int, cursor.fetchone())
    by_source = dict(zip((s for s, _ in SOURCES), parts, strict=True))
    budgets.move("reserve", year=run.month.year, scheme=run.scheme, county=run.jurisdiction, by_source=by_source,
                 ref=f"run:{run.pk}")
    post(f"run:{run.pk}", kind="accrue", county=run.jurisdiction, scheme=run.scheme, by=by,
         memo=f"{run.month:%Y年%m月}{run.get_kind_display()}应付", amounts={EXPENSE: fen, PAYABLE: -fen})
    run.line_count, run.total_fen, run.held_count, run.state = count, fen, held, "built"
    run.due_fen = due_total(run)[1] if run.kind == "regular" and not get_scheme(run.scheme).once else fen
    run.save(update_fields=["line_count", "total_fen", "held_count", "state", "due_fen"])
    tell("ledger.run_built", by=by, kind="run", number=run.number, county=run.jurisdiction, scheme=run.scheme,
         month=run.month.isoformat(), count=count, fen=fen, held=held)
