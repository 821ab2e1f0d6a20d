"""Read models of benefits: what pages show. All of them answer within the scope in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from minzheng.base import clock
from minzheng.base.crypto import mask_account, mask_id
from minzheng.base.identity.officer import Actor
from minzheng.office.benefits.models import (
    ENDED,
    SOURCES,
    BudgetLine,
    Entitlement,
    EntitlementAmount,
    EntitlementChange,
    EntitlementPause,
    Review,
)
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.records import amount_in_force, entitlement_for

PAGE = 50


@dataclass(frozen=True)
class EntitlementCard:
    """One benefit in a list. Amounts in fen a month; the account is masked."""

    number: str
    scheme: str
    case_code: str
    head_name: str
    persons: int
    monthly_fen: int
    start_month: dt.date
    end_month: dt.date | None
    review_due: dt.date
    status: str
    status_text: str
    on_hold: bool
    reason: str
    payee_name: str
    payee_account: str
    payee_check: str
    jurisdiction: str
    version: int


@dataclass(frozen=True)
class EntitlementPage:
    """A benefit with its history, newest first."""

    card: EntitlementCard
    decision: str
    payee_id_number: str
    members: list[dict[str, object]]
    amounts: list[EntitlementAmount]
    pauses: list[EntitlementPause]
    reviews: list[Review]
    changes: list[EntitlementChange]


def card_of(row: Entitlement) -> EntitlementCard:
    month = max(first_of(clock.today()), row.start_month)
    return EntitlementCard(
        number=row.number, scheme=row.scheme, case_code=row.case_code, head_name=row.head_name, persons=row.persons,
        monthly_fen=amount_in_force(row.pk, month), start_month=row.start_month, end_month=row.end_month,
        review_due=row.review_due, status=row.status, status_text=row.get_status_display(), on_hold=row.on_hold,
        reason=row.reason, payee_name=row.payee_name, payee_account=mask_account(row.payee_account),
        payee_check=row.payee_check, jurisdiction=row.jurisdiction, version=row.version)


def entitlement_page(number: str, *, by: Actor) -> EntitlementPage:
    """NotFound beyond the scope. Account and ID number are masked."""
    row = entitlement_for(by, number)
    return EntitlementPage(
        card=card_of(row), decision=row.decision, payee_id_number=mask_id(row.payee_id_number), members=row.members,
        amounts=list(row.amounts.order_by("-from_month", "-id")), pauses=list(row.pauses.order_by("-from_month")),
        reviews=list(row.reviews.order_by("-id")), changes=list(row.changes.order_by("-id")[:200]))


def benefits_of_household(household_id: int) -> list[EntitlementCard]:
    return [card_of(row) for row in Entitlement.objects.filter(household_id=household_id).order_by("-id")[:PAGE]]


def benefits_of_case(case_code: str) -> list[EntitlementCard]:
    return [card_of(row) for row in Entitlement.objects.filter(case_code=case_code).order_by("-id")[:PAGE]]


def benefits_of_person(person_id: int) -> list[EntitlementCard]:
    """Also the citizen's own page: the scope admits the household's benefits only."""
    rows = Entitlement.objects.filter(covered__person_id=person_id).order_by("-id")
    return [card_of(row) for row in rows[:PAGE]]


def open_reviews(*, after: int = 0, limit: int = PAGE) -> list[Review]:
    """Reviews that events opened, oldest first, by keyset."""
    rows = Review.objects.filter(closed_at=None, id__gt=after).select_related("entitlement")
    return list(rows.order_by("id")[:limit])


def due_for_review(*, within_days: int = 30, after: int = 0, limit: int = PAGE) -> list[Entitlement]:
    """Benefits whose periodic review falls due (民发〔2021〕57 号 art. 31), by keyset."""
    last = clock.today() + dt.timedelta(days=within_days)
    rows = Entitlement.objects.filter(~Q(status=ENDED), once=False, review_due__lte=last, id__gt=after)
    return list(rows.order_by("id")[:limit])


def budget_table(county: str, scheme: str, year: int) -> list[tuple[str, int, int, int, int]]:
    """(source name, amount, reserved, spent, free) in fen for each of the four sources."""
    lines = {row.source: row for row in BudgetLine.objects.filter(jurisdiction=county, scheme=scheme, year=year)}
    found = []
    for source, name in SOURCES:
        row = lines.get(source) or BudgetLine(amount_fen=0, reserved_fen=0, spent_fen=0)
        found.append((name, row.amount_fen, row.reserved_fen, row.spent_fen,
                      row.amount_fen - row.reserved_fen - row.spent_fen))
    return found
