"""Budgets by funding source: set, reserved by runs, spent on payment. The database refuses to overdraw a line.

`ref` names what caused a movement; the same movement with the same ref happens once. Amounts by source are
`{"central": fen, "province": fen, "city": fen, "county": fen}`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.base.scope.ranges import level_of
from minzheng.office.benefits.models import SOURCES, BudgetLine, BudgetMove, FundingShare
from minzheng.office.benefits.months import check_month
from minzheng.office.benefits.records import constraint_of, need_reason, place_in_reach
from minzheng.office.benefits.schemes import get_scheme

NAMES = dict(SOURCES)
FINANCE_ROLES = ("county_finance", "county_leader")


def yuan(fen: int) -> str:
    """1234567 → 12,345.67 ."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def check_budget_office(county: str, scheme: str, by: Actor) -> None:
    if not isinstance(by, Officer):
        raise NotAllowed("预算由县级资金岗位维护,请转给相应人员。")
    require_role(by, *FINANCE_ROLES)
    place_in_reach(by, county)
    get_scheme(scheme)
    if level_of(county) != 3:
        raise Refused("预算下达到县(市、区),请选择县级单位。", field="county")


def do_set_shares(scheme: str, county: str, *, from_month: dt.date, shares: Mapping[str, int], reason: str,
                  by: Actor) -> None:
    """分担比例 from a month on, in basis points adding up to 10,000. Months already built keep their split."""
    check_budget_office(county, scheme, by)
    check_month(from_month)
    need_reason(reason)
    if set(shares) - set(NAMES) or sum(shares.values()) != 10000 or min(shares.values()) < 0:
        raise Refused("中央、省、市、县分担比例之和应为 100%,请核对。", field="shares")
    try:
        with transaction.atomic():
            FundingShare.objects.bulk_create(
                FundingShare(scheme=scheme, jurisdiction=county, from_month=from_month, source=source,
                             basis_points=shares.get(source, 0)) for source, _ in SOURCES)
            audit.record("budget.shares", by=by, obj_type="funding_share", obj_id=f"{county}:{scheme}",
                         jurisdiction=county, after={**shares, "from_month": from_month.isoformat()}, reason=reason)
    except IntegrityError as error:
        raise Refused("该月起的分担比例已经登记,不能重复。请从另一个月份起登记新的比例。", field="from_month") from error


def shares_in_force(scheme: str, county: str, month: dt.date) -> dict[str, int]:
    """Basis points by source; Refused when none are set, since a run must know whose money it spends."""
    rows = FundingShare.objects.filter(scheme=scheme, jurisdiction=county, from_month__lte=month)
    latest = rows.order_by("-from_month").values_list("from_month", flat=True).first()
    if latest is None:
        raise Refused(f"{month:%Y年%m月}没有生效的资金分担比例,请资金岗位先登记。")
    return dict(rows.filter(from_month=latest).values_list("source", "basis_points"))


def split(fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Whole fen by source; what rounding leaves is the last source's that has a share."""
    parts = {source: fen * shares.get(source, 0) // 10000 for source, _ in SOURCES}
    parts[last_source(shares)] += fen - sum(parts.values())
    return parts


def last_source(shares: Mapping[str, int]) -> str:
    return [source for source, _ in SOURCES if shares.get(source, 0)][-1]


def _line(year: int, source: str, scheme: str, county: str) -> BudgetLine:
    BudgetLine.objects.bulk_create([BudgetLine(year=year, source=source, scheme=scheme, jurisdiction=county)],
                                   ignore_conflicts=True)
    return BudgetLine.objects.select_for_update().get(year=year, source=source, scheme=scheme, jurisdiction=county)


# column changes of one movement of x fen: (amount, reserved, spent)
_EFFECT = {"appropriate": (1, 0, 0), "reserve": (0, 1, 0), "release": (0, -1, 0), "spend": (0, -1, 1)}


def move(kind: str, *, year: int, scheme: str, county: str, by_source: Mapping[str, int], ref: str) -> bool:
    """Moves money on the lines of a year, all sources or none. False when `ref` has been dealt with. Refused when it
    would overdraw. Lines are locked in one order, so two runs wait for each other instead of deadlocking."""
    amount, reserved, spent = _EFFECT[kind]
    fresh = False
    with transaction.atomic():
        for source, name in SOURCES:
            fen = by_source.get(source, 0)
            if fen == 0:
                continue
            line = _line(year, source, scheme, county)
            made = BudgetMove.objects.filter(line=line, kind=kind, ref=ref).first()
            if made is not None:
                if made.fen != fen:
                    raise Refused(f"这个文号(或业务)已登记过另一个金额:{name}资金 {yuan(made.fen)} 元,不能再用于 {yuan(fen)} 元。"
                                  "更正请用新的文号登记差额。", field="document")
                continue
            BudgetMove.objects.create(line=line, jurisdiction=county, kind=kind, fen=fen, ref=ref, at=clock.now())
            fresh = True
            try:
                with transaction.atomic():
                    BudgetLine.objects.filter(pk=line.pk).update(
                        amount_fen=F("amount_fen") + amount * fen, reserved_fen=F("reserved_fen") + reserved * fen,
                        spent_fen=F("spent_fen") + spent * fen)
            except IntegrityError as error:
                if constraint_of(error) != "budget_not_overdrawn":
                    raise
                free = line.amount_fen - line.reserved_fen - line.spent_fen
                wanted = -fen if kind == "appropriate" else fen
                raise Refused(f"{year}年{name}预算可用 {yuan(free)} 元,本次需要 {yuan(wanted)} 元,"
                              f"差 {yuan(wanted - free)} 元。请先追加预算。") from error
    return fresh


def budget_sums(year: int, scheme: str, county: str) -> list[tuple[str, int, int, int]]:
    """(source, amount, reserved, spent) as the movements add up, for the daily proof."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.source, coalesce(sum(m.fen) FILTER (WHERE m.kind = 'appropriate'), 0),"
            " coalesce(sum(CASE m.kind WHEN 'reserve' THEN m.fen WHEN 'appropriate' THEN 0 ELSE -m.fen END), 0),"
            " coalesce(sum(m.fen) FILTER (WHERE m.kind = 'spend'), 0)"
            " FROM benefits_budgetline l LEFT JOIN benefits_budgetmove m ON m.line_id = l.id"
            " WHERE l.year = %s AND l.scheme = %s AND l.jurisdiction = %s GROUP BY l.source", [year, scheme, county])
        return [(s, int(a), int(r), int(p)) for s, a, r, p in cursor.fetchall()]
