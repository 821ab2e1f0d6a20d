"""What is due becomes a review in bulk of an office; what is in one already, or in a review of its own, is left out and counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, Service, require_role
from minzheng.base.scope.ranges import range_of
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.scenes.assistance.campaigns.models import OPEN, Campaign, Row
from minzheng.scenes.assistance.recognitions.models import KINDS, PAID, Recognition

OPENERS = ("town_clerk", "county_clerk", "county_approver")
CONFIRMERS = ("county_approver", "county_leader")
READERS = ("town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader")
CYCLES = {0: "全部", 6: "半年复核", 12: "年度复核"}
LARGEST = 20_000  # households of one review in bulk (示例值)
AHEAD = 92  # days


@dataclass(frozen=True)
class Due:
    """One household that falls due."""

    kind: str
    case_code: str
    recognition: int | None
    entitlement: str
    jurisdiction: str
    head: int
    head_name: str
    persons: int
    due_on: dt.date
    months: int


def due_in(place: str, until: dt.date, kinds: Sequence[str], cycle: int = 0) -> list[Due]:
    """Benefits by their review date, and recognitions without money by theirs, within the acting scope."""
    low, high = range_of(place)
    found: list[Due] = []
    paid = [kind for kind in kinds if kind in PAID]
    if paid:
        rows = Entitlement.objects.filter(~Q(status=ENDED), review_due__lte=until, jurisdiction__gte=low, jurisdiction__lt=high)
        if cycle:
            rows = rows.filter(review_months=cycle)
        benefits = list(rows.order_by("id")[:LARGEST + 1])
        known = {row.case_code: row for row in Recognition.objects.filter(
            case_code__in=[row.case_code for row in benefits], ended_on=None, kind__in=PAID)}
        for row in benefits:
            own = known.get(row.case_code)
            kind = own.kind if own else row.scheme
            if kind in paid:
                found.append(Due(kind, row.case_code, own.pk if own else None, row.number, row.jurisdiction, row.head_id, row.head_name,
                                 row.persons, row.review_due, row.review_months))
    others = [kind for kind in kinds if kind not in PAID]
    if others and cycle in (0, 12):
        status = Recognition.objects.filter(kind__in=others, ended_on=None, review_due__lte=until, jurisdiction__gte=low, jurisdiction__lt=high)
        for item in status.order_by("id")[:LARGEST + 1]:
            assert item.review_due is not None
            found.append(Due(item.kind, item.case_code, item.pk, "", item.jurisdiction, item.head, item.head_name, item.persons,
                             item.review_due, 12))
    return found


def check_open(*, kinds: Sequence[str], until: dt.date, cycle: int, by: Officer) -> None:
    require_role(by, *OPENERS)
    if not by.serves("assistance"):
        raise NotAllowed("当前岗位不办理社会救助,请切换岗位。")
    if not kinds or set(kinds) - set(KINDS):
        raise Refused("请选择要复核的类别。", field="kinds")
    if cycle not in CYCLES:
        raise Refused("请选择复核周期。", field="cycle")
    if not clock.today() - dt.timedelta(days=3660) <= until <= clock.today() + dt.timedelta(days=AHEAD):
        raise Refused(f"到期日最远到 {AHEAD} 天以后,请重新选择。", field="until")


def do_open(*, kinds: Sequence[str], until: dt.date, cycle: int = 0, by: Officer) -> Campaign:
    """A new list. Refused when nothing is due that is not in a list already."""
    check_open(kinds=kinds, until=until, cycle=cycle, by=by)
    with transaction.atomic():
        due = due_in(by.jurisdiction, until, kinds, cycle)
        if len(due) > LARGEST:
            raise Refused(f"到期的超过 {LARGEST} 户(示例值),请缩短期限,或按乡镇分别建立。", field="until")
        held = set(Row.objects.filter(case_code__in=[row.case_code for row in due], state__in=OPEN).values_list("case_code", flat=True))
        fresh = [row for row in due if row.case_code not in held]
        if not fresh:
            raise Refused("这段时间没有新的到期对象。" + (f"有 {len(held)} 户已在其他批次中。" if held else ""), field="until")
        serial = Campaign.objects.filter(jurisdiction=by.jurisdiction, opened_at__year=clock.today().year).count() + 1
        try:
            with transaction.atomic():
                made = Campaign.objects.create(
                    number=f"FH{by.jurisdiction}{clock.today().year}{serial:03d}", jurisdiction=by.jurisdiction, kinds=list(kinds),
                    cycle=cycle, until=until, rows_count=len(fresh), opened_by=by.account_id, opened_for=by.covers,
                    opened_by_name=by.name, opened_at=clock.now())
                Row.objects.bulk_create([Row(
                    campaign=made, jurisdiction=row.jurisdiction, kind=row.kind, case_code=row.case_code, recognition=row.recognition,
                    entitlement=row.entitlement, head=row.head, head_name=row.head_name, persons=row.persons, due_on=row.due_on,
                    months=row.months) for row in fresh], batch_size=1000)
        except IntegrityError as error:
            raise Stale("有对象刚刚进入了另一个批次,请重新建立。") from error
        audit.record("campaign.opened", by=by, obj_type="campaign", obj_id=made.number, jurisdiction=made.jurisdiction,
                     after={"kinds": list(kinds), "until": until, "rows": len(fresh)})
    return made


def campaign_for(number: str, by: Officer | Service, *, lock: bool = False) -> Campaign:
    """The list within the acting scope. NotFound otherwise."""
    rows = Campaign.objects.select_for_update() if lock else Campaign.objects.all()
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound("没有找到这个批次,或不在您的管辖范围内。")
    return found


def confirms(campaign: Campaign, by: Officer) -> bool:
    """Whether this officer may confirm rows: of the county, and not who opened the list (四眼)."""
    return by.role in CONFIRMERS and not by.hands & {campaign.opened_by, campaign.opened_for}


def do_close(number: str, *, by: Officer) -> Campaign:
    """Ends a list of which nothing is left open."""
    require_role(by, *OPENERS, *CONFIRMERS)
    with transaction.atomic():
        row = campaign_for(number, by, lock=True)
        if row.closed_at is not None:
            return row
        left = row.rows.filter(state__in=OPEN).count()
        if left:
            raise Refused(f"还有 {left} 户没有办完,不能结束。请确认无变化的,其余转人工。")
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
        audit.record("campaign.closed", by=by, obj_type="campaign", obj_id=row.number, jurisdiction=row.jurisdiction)
    return row
