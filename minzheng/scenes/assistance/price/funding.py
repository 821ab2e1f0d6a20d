"""What a batch takes from each source, split line by line as the payment run will, and whether the budget has it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Sum

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.scope.ranges import range_of
from minzheng.office.benefits import budgets
from minzheng.office.benefits.models import ENDED, SOURCES, EntitlementAmount
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.queries import budget_table
from minzheng.office.ledger.models import CANCELLED, REISSUED, PaymentLine
from minzheng.scenes.assistance.price.models import APPROVED, LEFT_OUT, PLANNED, REFUSED, Batch, Line

SCHEME = "price"


@dataclass(frozen=True)
class Source:
    """One funding source: what the batch needs, what the year's budget has free. Fen."""

    name: str
    fen: int
    free: int

    @property
    def short(self) -> int:
        return max(self.fen - self.free, 0)


def sources(batch: Batch) -> list[Source]:
    """Refused when the county has no shares in force. Free is what is neither reserved nor spent nor already added."""
    shares = budgets.shares_in_force(SCHEME, batch.jurisdiction, first_of(clock.today()))
    needed = _by_source(list(_of(batch)), shares)
    waiting = _by_source(_waiting(batch), shares)
    table = budget_table(batch.jurisdiction, SCHEME, clock.today().year)
    return [Source(name, needed[code], free - waiting[code])
            for (code, _), (name, *_rest, free) in zip(SOURCES, table, strict=True)]


def check_budget(batch: Batch) -> None:
    for one in sources(batch):
        if one.short:
            raise Refused(f"{clock.today().year}年{one.name}预算可用 {budgets.yuan(one.free)} 元,本批需要 {budgets.yuan(one.fen)} 元,"
                          f"差 {budgets.yuan(one.short)} 元。请先追加价格临时补贴预算。")


def _by_source(amounts: list[tuple[int, int]], shares: dict[str, int]) -> dict[str, int]:
    total = dict.fromkeys((code for code, _ in SOURCES), 0)
    for fen, times in amounts:
        for code, part in budgets.split(fen, shares).items():
            total[code] += part * times
    return total


def _of(batch: Batch) -> list[tuple[int, int]]:
    return list(Line.objects.filter(batch=batch).exclude(state__in=(LEFT_OUT, REFUSED)).values_list("fen").annotate(Count("id")))


def _waiting(batch: Batch) -> list[tuple[int, int]]:
    """(fen, how often) of what is approved, added or about to be, and in no payment run yet."""
    low, high = range_of(batch.jurisdiction)
    listed = PaymentLine.objects.filter(entitlement=OuterRef("entitlement")).exclude(state__in=(REISSUED, CANCELLED))
    added = EntitlementAmount.objects.filter(
        ~Exists(listed), jurisdiction__gte=low, jurisdiction__lt=high, entitlement__scheme=SCHEME).exclude(
        entitlement__status=ENDED).exclude(decision__startswith=f"{batch.number}-")
    soon = Line.objects.filter(batch__state=APPROVED, batch__jurisdiction=batch.jurisdiction, state=PLANNED).exclude(batch=batch)
    return [*added.values_list("fen").annotate(Count("id")), *soon.values_list("fen").annotate(Count("id"))]


def total(batch: Batch, *states: str) -> tuple[int, int]:
    """(lines, fen) of the batch in these states, added up from the lines."""
    found = Line.objects.filter(batch=batch, state__in=states).aggregate(n=Count("id"), fen=Sum("fen"))
    return int(found["n"]), int(found["fen"] or 0)
