"""Read models of payment pages. All answer within the scope in force; lists use keyset paging; money is fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, Sum

from minzheng.base.crypto import mask_account
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import SIGNIFICANT, level_of, range_of
from minzheng.office.benefits.models import SOURCES
from minzheng.office.benefits.months import add_months, check_month
from minzheng.office.ledger.books import book
from minzheng.office.ledger.chart import TITLES
from minzheng.office.ledger.doors import RELEASE_ROLES, envelope_for, run_for
from minzheng.office.ledger.envelopes import signature_holds
from minzheng.office.ledger.models import (
    HELD,
    LINE_STATES,
    REJECTED,
    SPLIT,
    Envelope,
    PaymentLine,
    PaymentRun,
    Receivable,
    ReturnFile,
    ReturnOddity,
)
from minzheng.office.ledger.recovery import OVERPAID

PAGE = 50
STATE_TEXT = dict(LINE_STATES)


@dataclass(frozen=True)
class LineRow:
    """One line in a list: the account is masked."""

    code: str
    id: int
    number: int | None
    entitlement: str
    head_name: str
    case_code: str
    month: dt.date
    kind_text: str
    state: str
    state_text: str
    fen: int
    payee_name: str
    payee_account: str
    bank_code: str
    bank_message: str
    note: str


@dataclass(frozen=True)
class Step:
    """A signature of an envelope: who, when, and whether it still verifies; `name` is empty while it is missing."""

    step: str
    title: str
    name: str = ""
    role: str = ""
    at: dt.datetime | None = None
    holds: bool = True


@dataclass(frozen=True)
class RunPage:
    run: PaymentRun
    totals: dict[str, tuple[int, int]]
    envelopes: list[Envelope]
    lines: list[LineRow]
    next_after: int | None


@dataclass(frozen=True)
class EnvelopePage:
    """`next_roles`: who may act next; `by_source`: fen by funding source of the lines now in the envelope."""

    envelope: Envelope
    steps: list[Step]
    next_roles: list[str]
    totals: dict[str, tuple[int, int]]
    by_source: list[tuple[str, int]]
    lines: list[LineRow]
    next_after: int | None
    returns: list[ReturnFile] = field(default_factory=list)
    oddities: list[ReturnOddity] = field(default_factory=list)


@dataclass(frozen=True)
class BookRow:
    """One account of the monthly 台账: opening and closing are debit positive."""

    account: str
    title: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    closing_fen: int


@dataclass(frozen=True)
class Figure:
    """One place of a statistics table: what was due, and of it what has arrived."""

    code: str
    households: int
    persons: int
    due_fen: int
    paid_households: int
    paid_fen: int
    by_source: dict[str, int]


def line_row(line: PaymentLine) -> LineRow:
    return LineRow(
        code=line.code, id=line.pk, number=line.number, entitlement=line.entitlement.number,
        head_name=line.entitlement.head_name, case_code=line.entitlement.case_code, month=line.month,
        kind_text=line.get_kind_display(), state=line.state, state_text=line.get_state_display(), fen=line.fen,
        payee_name=line.payee_name, payee_account=mask_account(line.payee_account), bank_code=line.bank_code,
        bank_message=line.bank_message, note=line.note)


def runs(*, before: int | None = None, limit: int = PAGE) -> list[PaymentRun]:
    """Runs, newest first."""
    rows = PaymentRun.objects.order_by("-id")
    return list((rows if before is None else rows.filter(id__lt=before))[:limit])


def envelopes_waiting(*, states: Sequence[str] = ("sealed", "approved", "released", "sent"),
                      limit: int = PAGE) -> list[Envelope]:
    """Envelopes that somebody or the bank still has to act on, oldest first."""
    return list(Envelope.objects.filter(state__in=states).select_related("run").order_by("id")[:limit])


def _totals(column: str, key: int) -> dict[str, tuple[int, int]]:
    """State → (count, fen)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, count(*), sum(fen) FROM ledger_paymentline WHERE {column} = %s GROUP BY state",  # noqa: S608
                       [key])
        return {state: (int(count), int(fen)) for state, count, fen in cursor.fetchall()}


def _page(rows: list[PaymentLine], limit: int, key: str) -> tuple[list[LineRow], int | None]:
    more = getattr(rows[limit - 1], key) if len(rows) > limit else None
    return [line_row(row) for row in rows[:limit]], more


def run_page(number: str, *, state: str = "", after: int = 0, limit: int = PAGE) -> RunPage:
    """A run with its totals by state and one page of lines (of one state when given)."""
    run = run_for(number)
    if state and state not in STATE_TEXT:
        raise Refused("没有这种明细状态,请从列表中选择。", field="state")
    rows = run.lines.filter(id__gt=after).select_related("entitlement").order_by("id")
    rows = rows.filter(state=state) if state else rows
    lines, more = _page(list(rows[:limit + 1]), limit, "id")
    return RunPage(run, _totals("run_id", run.pk), list(run.envelopes.order_by("seq")), lines, more)


def envelope_page(number: str, *, after: int = 0, limit: int = PAGE) -> EnvelopePage:
    """An envelope with signatures, totals, what the bank returned, and one page of lines by row number."""
    envelope = envelope_for(number)
    rows = envelope.lines.filter(number__gt=after).select_related("entitlement").order_by("number")
    lines, more = _page(list(rows[:limit + 1]), limit, "number")
    sums = envelope.lines.aggregate(**{column: Sum(column) for column in SPLIT})
    signed = {row.step: row for row in envelope.signatures.all()}
    names = {"build": "编制封包", "county_finance": "资金复核", "county_leader": "负责人审批", "release": "放款"}
    steps = [Step(step, names.get(step, step)) if step not in signed else
             Step(step, names.get(step, step), signed[step].name, signed[step].role, signed[step].at,
                  signature_holds(signed[step]))
             for step in ("build", *envelope.required, "release")]
    waiting = [role for role in envelope.required if role not in signed]
    next_roles = {"sealed": waiting, "approved": list(RELEASE_ROLES)}.get(envelope.state, [])
    files = list(envelope.returns.order_by("-id"))
    return EnvelopePage(
        envelope, steps, next_roles, _totals("envelope_id", envelope.pk),
        [(name, int(sums[column] or 0)) for column, (_, name) in zip(SPLIT, SOURCES, strict=True)], lines, more, files,
        list(ReturnOddity.objects.filter(file__in=files).order_by("file", "row")[:PAGE]))


def attention(*, after: int = 0, limit: int = PAGE) -> list[LineRow]:
    """Held and rejected lines, oldest first, by keyset."""
    rows = PaymentLine.objects.filter(state__in=(HELD, REJECTED), id__gt=after).select_related("entitlement")
    return [line_row(row) for row in rows.order_by("id")[:limit]]


def open_oddities(*, limit: int = PAGE) -> list[ReturnOddity]:
    """Quarantined rows nobody has dealt with."""
    rows = ReturnOddity.objects.filter(resolved_at=None).exclude(kind="repeated").select_related("file__envelope")
    return list(rows.order_by("id")[:limit])


def payments_of_entitlement(number: str, *, by: Actor, limit: int = 120) -> list[LineRow]:
    """All lines of a benefit, newest month first; for the household's page and the citizen's."""
    from minzheng.office.benefits.records import entitlement_for

    row = entitlement_for(by, number)
    rows = PaymentLine.objects.filter(entitlement=row).select_related("entitlement").order_by("-month", "-id")
    return [line_row(line) for line in rows[:limit]]


def payments_of_case(case_code: str, *, limit: int = 120) -> list[LineRow]:
    rows = PaymentLine.objects.filter(entitlement__case_code=case_code).select_related("entitlement")
    return [line_row(line) for line in rows.order_by("-month", "-id")[:limit]]


def receivables(*, after: int = 0, limit: int = PAGE) -> list[Receivable]:
    """Recoveries still open, oldest first."""
    rows = Receivable.objects.filter(fen__gt=F("repaid_fen"), id__gt=after).select_related("entitlement")
    return list(rows.order_by("id")[:limit])


def overpayments(county: str, *, limit: int = PAGE) -> list[tuple[str, int, dt.date, dt.date]]:
    """(benefit number, fen, first month, last month) overpaid, before what is being recovered is taken off."""
    low, high = range_of(county)
    with connection.cursor() as cursor:
        cursor.execute(f"{OVERPAID} AND l.jurisdiction >= %s AND l.jurisdiction < %s"
                       " GROUP BY l.entitlement_id ORDER BY l.entitlement_id LIMIT %s", [low, high, limit])
        return [(f"DY{pk:010d}", int(fen), first, last) for pk, fen, first, last in cursor.fetchall()]


def ledger_book(county: str, month: dt.date, scheme: str = "") -> list[BookRow]:
    """月度台账 of a county: opening, debit, credit, closing by account."""
    check_month(month)
    return [BookRow(account, TITLES[account], *sums) for account, *sums in
            book(county, scheme, month, add_months(month, 1))]


_FIGURES = """
SELECT rpad(left(jurisdiction, %(digits)s), 12, '0') AS code, count(DISTINCT entitlement_id),
  coalesce(sum(persons) FILTER (WHERE first), 0), sum(fen),
  count(DISTINCT entitlement_id) FILTER (WHERE state = 'paid'), coalesce(sum(fen) FILTER (WHERE state = 'paid'), 0),
  sum(central_fen), sum(province_fen), sum(city_fen), sum(county_fen)
FROM (SELECT *, row_number() OVER (PARTITION BY entitlement_id ORDER BY id) = 1 AS first FROM ledger_paymentline
      WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND month = %(month)s
        AND (%(scheme)s = '' OR scheme = %(scheme)s) AND state NOT IN ('reissued', 'cancelled')) lines
GROUP BY 1 ORDER BY 1
"""


def figures(level: int, code: str, month: dt.date, scheme: str = "") -> list[Figure]:
    """Households, persons and fen of a benefit month by places of `level` (2 市 … 5 村) within `code`.

    Rows beyond the scope in force don't count, whatever `code` says. Refused when `level` is not below `code`.
    """
    check_month(month)
    if level not in SIGNIFICANT or level < level_of(code):
        raise Refused("统计层级应不高于所选地区,请重新选择。", field="level")
    low, high = range_of(code)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"digits": SIGNIFICANT[level], "low": low, "high": high, "month": month,
                                  "scheme": scheme})
        return [Figure(code, int(households), int(persons), int(due), int(paid_households), int(paid), _sources(parts))
                for code, households, persons, due, paid_households, paid, *parts in cursor.fetchall()]


def _sources(parts: Sequence[int]) -> dict[str, int]:
    return {source: int(fen) for (source, _), fen in zip(SOURCES, parts, strict=True)}


def total_of(rows: Sequence[Figure], code: str) -> Figure:
    """The sum line of a statistics table."""
    sources: Mapping[str, int] = {s: sum(row.by_source[s] for row in rows) for s, _ in SOURCES}
    return Figure(code, sum(r.households for r in rows), sum(r.persons for r in rows), sum(r.due_fen for r in rows),
                  sum(r.paid_households for r in rows), sum(r.paid_fen for r in rows), dict(sources))
