"""委托乡镇审核确认: a county lets a township decide a matter, from a day on and by a document (民发〔2022〕83号)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import level_of, office_of
from minzheng.office.cases.models import Delegation
from minzheng.office.matters.catalogue import matter_of


def is_delegated(matter: str, place: str, on: dt.date | None = None) -> bool:
    """Whether the township of the place decides the matter on the day."""
    day = on or clock.today()
    return Delegation.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), matter=matter,
                                     office=office_of(place, 4), valid_from__lte=day).exists()


def delegations_of(by: Officer) -> list[Delegation]:
    """All delegations within the officer's range, newest first."""
    low, high = by.range
    return list(Delegation.objects.filter(office__gte=low, office__lt=high).order_by("-valid_from", "-id"))


def do_delegate(matter: str, township: str, *, since: dt.date, document: str, by: Officer) -> Delegation:
    """From `since` the township decides new cases; cases in flight end as they began."""
    _check(matter, township, by)
    if since < clock.today():
        raise Refused("委托不能从过去的日期开始,请从今天或以后的日期开始。", field="since")
    if len(document.strip()) < 4:
        raise Refused("请写明委托文件的名称或文号。", field="document")
    try:
        with transaction.atomic():
            row = Delegation.objects.create(matter=matter, office=township, valid_from=since, document=document.strip(),
                                            decided_by=by.account_id)
    except IntegrityError as error:
        raise Refused("这个乡镇(街道)已经委托,不能重复登记。") from error
    _record("delegation.start", row, by, document.strip())
    return row


def do_end_delegation(matter: str, township: str, *, by: Officer, reason: str) -> None:
    """From tomorrow on the county decides new cases again."""
    _check(matter, township, by)
    if not reason.strip():
        raise Refused("请写明收回委托的原因。", field="reason")
    row = Delegation.objects.select_for_update().filter(matter=matter, office=township, valid_to=None).first()
    if row is None:
        raise Refused("这个乡镇(街道)现在没有委托。")
    row.valid_to = max(clock.today(), row.valid_from) + dt.timedelta(days=1)
    row.save(update_fields=["valid_to"])
    _record("delegation.end", row, by, reason.strip())


def _check(matter: str, township: str, by: Officer) -> None:
    require_role(by, "county_leader")
    matter_of(matter)
    if level_of(township) != 4:
        raise Refused("请选择乡镇(街道)。", field="township")
    if not by.reaches(township):
        raise NotAllowed("这个乡镇(街道)不在您的辖区,请由所属县(市、区)办理。")


def _record(action: str, row: Delegation, by: Officer, reason: str) -> None:
    audit.record(action, by=by, obj_type="delegation", obj_id=row.pk, jurisdiction=row.office, reason=reason,
                 after={"matter": row.matter, "office": row.office, "valid_from": row.valid_from, "valid_to": row.valid_to})
