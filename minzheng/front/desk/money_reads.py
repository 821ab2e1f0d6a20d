"""What money pages read beyond the rooms' own queries: few statements a page, all within the scope in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from minzheng.base import clock
from minzheng.base.crypto import mask_account, mask_name
from minzheng.base.divisions.models import Division, Jurisdiction
from minzheng.base.divisions.names import children_of
from minzheng.base.errors import Refused
from minzheng.base.scope.ranges import SIGNIFICANT, level_of, lies_in, range_of
from minzheng.office.benefits import budgets
from minzheng.office.benefits.due import DUE
from minzheng.office.benefits.models import ENDED, SOURCES, STATUS, BudgetMove, Entitlement, FundingShare
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.queries import budget_table
from minzheng.office.ledger.models import PaymentLine, PaymentRun
from minzheng.office.ledger.runs import VERDICT

PAGE = 50
STATUS_TEXT = dict(STATUS)


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Short names of many places in two statements."""
    wanted = set(codes)
    found = dict(Division.objects.filter(code__in=wanted).order_by("valid_from").values_list("code", "name"))
    found |= dict(Jurisdiction.objects.filter(code__in=wanted, kind="zone").values_list("code", "name"))
    return {code: _short(found.get(code, "未知区划")) for code in wanted}


def _short(name: str) -> str:
    return name.removesuffix("居委会").removesuffix("村委会")


def places_below(code: str) -> list[tuple[str, str]]:
    """(code, name) of the places directly below, for a filter or a drill-down."""
    return [(row.code, _short(row.name)) for row in children_of(code)]


def place_chosen(asked: str, own: str) -> str:
    """The place that a page shows: the asked one when it lies in the post's own range. Refused otherwise."""
    if not asked:
        return own
    try:
        inside = lies_in(asked, own)
    except ValueError:
        inside = False
    if not inside:
        raise Refused("这个地区不在当前岗位的管辖范围内,请重新选择。", field="place")
    return asked


@dataclass(frozen=True)
class SourceNeed:
    """One funding source of a preview, in fen."""

    name: str
    need: int
    free: int

    @property
    def short(self) -> int:
        return max(self.need - self.free, 0)


@dataclass(frozen=True)
class Group:
    """Lines of one state for one reason."""

    state: str
    note: str
    count: int
    fen: int


@dataclass(frozen=True)
class Held:
    number: str
    name: str
    place: str
    fen: int
    note: str


@dataclass(frozen=True)
class Preview:
    """What building the month would make now. `share_fault`: why the split can't be known."""

    count: int
    fen: int
    groups: list[Group]
    sources: list[SourceNeed]
    held: list[Held]
    next_after: int | None
    share_fault: str

    @property
    def seen(self) -> str:
        """What the officer has seen, to notice that the list has changed since."""
        return f"{self.count}:{self.fen}"

    @property
    def enough(self) -> bool:
        return not self.share_fault and not any(row.short for row in self.sources)

    @property
    def payable(self) -> Group:
        rows = [g for g in self.groups if g.state == "open"]
        return Group("open", "", sum(g.count for g in rows), sum(g.fen for g in rows))

    @property
    def waiting(self) -> list[Group]:
        return [g for g in self.groups if g.state != "open"]


# The lines that a regular run would make, by the rooms' own definitions of what is due and of a line's state.
_WOULD = f"""
WITH lines AS (
  SELECT d.id, e.head_name, e.jurisdiction, d.fen, split_part(v.verdict, ':', 1) AS state,
         split_part(v.verdict, ':', 2) AS note
  FROM ({DUE}) d JOIN benefits_entitlement e ON e.id = d.id CROSS JOIN LATERAL (SELECT %(month)s::date AS month) l
  CROSS JOIN LATERAL (SELECT {VERDICT} AS verdict) v
  WHERE NOT EXISTS (SELECT 1 FROM ledger_paymentline x WHERE x.entitlement_id = d.id AND x.month = %(month)s
                    AND x.state NOT IN ('reissued', 'cancelled')))
"""  # noqa: S608
_PARTS = ", ".join(f"coalesce(sum(fen * %({source})s / 10000), 0)" for source, _ in SOURCES)


def preview_run(county: str, scheme: str, month: dt.date, *, after: int = 0) -> Preview:
    low, high = range_of(county)
    fault, shares = "", {}
    try:
        shares = budgets.shares_in_force(scheme, county, month)
    except Refused as refusal:
        fault = refusal.reason
    values = {"month": month, "scheme": scheme, "low": low, "high": high, "after": after,
              **{source: shares.get(source, 0) for source, _ in SOURCES}}
    with connection.cursor() as cursor:
        cursor.execute(f"{_WOULD} SELECT state, note, count(*), sum(fen), {_PARTS} FROM lines"  # noqa: S608
                       " GROUP BY 1, 2 ORDER BY 1, 2", values)
        rows = cursor.fetchall()
        cursor.execute(f"{_WOULD} SELECT id, head_name, jurisdiction, fen, note FROM lines WHERE state <> 'open'"  # noqa: S608
                       f" AND id > %(after)s ORDER BY id LIMIT {PAGE + 1}",
                       values)
        kept = cursor.fetchall()
    groups = [Group(state, note, int(count), int(fen)) for state, note, count, fen, *_ in rows]
    total = sum(group.fen for group in groups)
    places = names_of(row[2] for row in kept)
    held = [Held(f"DY{pk:010d}", mask_name(name), places[code], int(fen), note) for pk, name, code, fen, note in kept[:PAGE]]
    return Preview(sum(g.count for g in groups), total, groups,
                   [] if fault else _needs(county, scheme, month.year, total, rows, shares), held,
                   kept[PAGE - 1][0] if len(kept) > PAGE else None, fault)


def _needs(county: str, scheme: str, year: int, total: int, rows: Sequence[Any], shares: dict[str, int]) -> list[SourceNeed]:
    """Each line's parts are rounded down, and the last source bears the rest; so do the sums."""
    parts = [sum(int(row[4 + place]) for row in rows) for place in range(len(SOURCES))]
    last = [source for source, _ in SOURCES].index(budgets.last_source(shares))
    parts[last] += total - sum(parts)
    return [SourceNeed(name, need, free) for need, (name, _, _, _, free) in
            zip(parts, budget_table(county, scheme, year), strict=True)]


def runs_of(county: str, *, month: dt.date | None, before: int | None) -> tuple[list[PaymentRun], int | None]:
    """Runs of a county, newest first, by keyset."""
    rows = PaymentRun.objects.filter(jurisdiction=county).order_by("-id")
    if month:
        rows = rows.filter(month=month)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


@dataclass(frozen=True)
class BookLine:
    """One benefit in the monthly ledger. `paid_text` and `paid_fen`: the payment of that month, when there is one."""

    number: str
    scheme: str
    name: str
    place: str
    persons: int
    fen: int
    paid_fen: int | None
    paid_state: str
    status_text: str
    on_hold: bool
    review_due: dt.date


Cursor = tuple[str, str, int]


def book_of(place: str, month: dt.date, *, status: str = "", cursor: Cursor | None = None
            ) -> tuple[list[BookLine], Cursor | None]:
    """Benefits of a place that are in force in a month, in the order of the index (place, scheme, id), by keyset."""
    low, high = range_of(place)
    rows = Entitlement.objects.filter(Q(end_month=None) | Q(end_month__gte=month), jurisdiction__gte=low,
                                      jurisdiction__lt=high, start_month__lte=month)
    if status:
        rows = rows.filter(status=status)
    if cursor:
        code, scheme, pk = cursor
        rows = rows.filter(Q(jurisdiction__gt=code) | Q(jurisdiction=code, scheme__gt=scheme)
                           | Q(jurisdiction=code, scheme=scheme, pk__gt=pk), jurisdiction__gte=code)
    found = list(rows.order_by("jurisdiction", "scheme", "id")[:PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    return _book_lines(found[:PAGE], month), (more.jurisdiction, more.scheme, more.pk) if more else None


def _book_lines(rows: list[Entitlement], month: dt.date) -> list[BookLine]:
    ids = [row.pk for row in rows]
    amounts = amounts_in_force(ids, month)
    paid: dict[int, list[PaymentLine]] = {}
    for line in PaymentLine.objects.filter(entitlement__in=ids, month=month).exclude(
            state__in=("reissued", "cancelled")).only("entitlement_id", "state", "fen").order_by("id"):
        paid.setdefault(line.entitlement_id, []).append(line)
    places = names_of(row.jurisdiction for row in rows)
    return [BookLine(
        row.number, row.scheme, mask_name(row.head_name), places[row.jurisdiction], row.persons, amounts.get(row.pk, 0),
        sum(line.fen for line in paid[row.pk]) if row.pk in paid else None,
        paid[row.pk][-1].get_state_display() if row.pk in paid else "未编制", row.get_status_display(), row.on_hold,
        row.review_due) for row in rows]


def amounts_in_force(ids: list[int], month: dt.date) -> dict[int, int]:
    """Entitlement → fen a month in force, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT ON (entitlement_id) entitlement_id, fen FROM benefits_entitlementamount"
                       " WHERE entitlement_id = ANY(%s) AND from_month <= %s"
                       " ORDER BY entitlement_id, from_month DESC, id DESC", [ids, month])
        return {pk: int(fen) for pk, fen in cursor.fetchall()}


@dataclass(frozen=True)
class AccountRow:
    number: str
    name: str
    place: str
    account: str
    check: str
    checked_at: dt.datetime | None


def accounts_to_check(*, after: int = 0) -> tuple[list[AccountRow], int | None]:
    """Payees whose account the bank has not confirmed: new ones and refused ones, by keyset."""
    rows = list(Entitlement.objects.exclude(payee_check="0000").exclude(status=ENDED).filter(id__gt=after)
                .order_by("id")[:PAGE + 1])
    places = names_of(row.jurisdiction for row in rows)
    return [AccountRow(row.number, row.payee_name, places[row.jurisdiction], mask_account(row.payee_account),
                       row.payee_check, row.payee_checked_at) for row in rows[:PAGE]], (
        rows[PAGE - 1].pk if len(rows) > PAGE else None)


def shares_shown(county: str, scheme: str) -> list[tuple[dt.date, list[int]]]:
    """(from month, basis points by source), newest first."""
    found: dict[dt.date, dict[str, int]] = {}
    for row in FundingShare.objects.filter(jurisdiction=county, scheme=scheme).order_by("-from_month")[:PAGE]:
        found.setdefault(row.from_month, {})[row.source] = row.basis_points
    return [(month, [by.get(source, 0) for source, _ in SOURCES]) for month, by in found.items()]


def appropriations(county: str, scheme: str, year: int) -> list[BudgetMove]:
    """Money given to a year's budget, newest first."""
    return list(BudgetMove.objects.filter(line__jurisdiction=county, line__scheme=scheme, line__year=year,
                                          kind="appropriate").select_related("line").order_by("-id")[:PAGE])


@dataclass(frozen=True)
class CaseFigure:
    """Cases of one office in a month: received, decided, closed, and open beyond their limit now."""

    code: str
    received: int
    closed: int
    overdue: int
    decided: int


_CASES = """
SELECT rpad(left(c.jurisdiction, %(digits)s), 12, '0'),
  count(*) FILTER (WHERE c.submitted_at >= %(since)s AND c.submitted_at < %(until)s),
  count(*) FILTER (WHERE c.closed_at >= %(since)s AND c.closed_at < %(until)s),
  count(*) FILTER (WHERE c.closed_at IS NULL AND c.due_at < %(now)s), coalesce(sum(d.decided), 0)
FROM cases_case c LEFT JOIN (
  SELECT case_id, count(*) AS decided FROM decisions_decision
  WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND kind <> 'revoke'
    AND decided_at >= %(since)s AND decided_at < %(until)s GROUP BY case_id) d ON d.case_id = c.id
WHERE c.jurisdiction >= %(low)s AND c.jurisdiction < %(high)s AND (%(all)s OR c.scene = ANY(%(scenes)s))
GROUP BY 1 ORDER BY 1
"""


def case_figures(level: int, place: str, month: dt.date, scenes: Sequence[str]) -> list[CaseFigure]:
    """Counts of cases by places of `level` within `place`, for the scenes that the post serves."""
    low, high = range_of(place)
    since = dt.datetime.combine(month, dt.time(), clock.SHANGHAI)
    until = dt.datetime.combine(add_months(month, 1), dt.time(), clock.SHANGHAI)
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"digits": SIGNIFICANT[level], "low": low, "high": high, "since": since, "until": until,
                                "now": clock.now(), "all": "*" in scenes, "scenes": list(scenes)})
        return [CaseFigure(code, *map(int, rest)) for code, *rest in cursor.fetchall()]


@dataclass(frozen=True)
class MonthFigure:
    month: dt.date
    households: int
    persons: int
    due_fen: int
    paid_fen: int


_MONTHS = """
SELECT month, count(*), sum(persons), sum(fen), sum(paid) FROM (
  SELECT month, entitlement_id, max(persons) AS persons, sum(fen) AS fen,
         coalesce(sum(fen) FILTER (WHERE state = 'paid'), 0) AS paid
  FROM ledger_paymentline WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND month >= %(since)s
    AND month <= %(until)s AND (%(scheme)s = '' OR scheme = %(scheme)s) AND state NOT IN ('reissued', 'cancelled')
  GROUP BY month, entitlement_id) lines
GROUP BY month ORDER BY month DESC
"""


def month_figures(place: str, until: dt.date, scheme: str = "", *, months: int = 6) -> list[MonthFigure]:
    """What a place was due and paid, month by month, newest first."""
    low, high = range_of(place)
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, {"low": low, "high": high, "since": add_months(until, 1 - months), "until": until,
                                 "scheme": scheme})
        return [MonthFigure(row[0], *map(int, row[1:])) for row in cursor.fetchall()]


def level_below(code: str) -> int:
    return min(level_of(code) + 1, 5)
