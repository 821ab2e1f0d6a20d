"""Who must sign an envelope of a given sum on a given day (签批权限). A county's finance drafts its own, its leader puts them in
force from a coming day; an envelope keeps the signers that it was sealed with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.records import constraint_of
from minzheng.office.ledger.doors import require_money_post, require_officer, tell
from minzheng.office.ledger.models import BandSet, SignatureBand

DRAFTER, SIGNERS = "county_finance", ("county_finance", "county_leader")
SAME_PERSON = "拟定和生效应由不同的人办理。这份签批权限由您拟定,请由另一位负责人办理。"


@dataclass(frozen=True)
class Band:
    """Up to how much (null: any sum) these roles sign, by what document; `sample` without one."""

    up_to_fen: int | None
    roles: list[str]
    source: str
    sample: bool


def bands_in_force(county: str, on: dt.date) -> list[Band]:
    """The county's own set in force on the day, else the shipped one."""
    own = BandSet.objects.filter(jurisdiction=county, state="in_force", from_date__lte=on).order_by("-from_date").first()
    if own is not None:
        return [Band(band["up_to_fen"], band["roles"], own.source, False) for band in own.bands]
    start = SignatureBand.objects.filter(from_date__lte=on).order_by("-from_date").values_list("from_date").first()
    if start is None:
        raise Refused("没有生效的资金签批权限。请由资金岗在“资金发放 → 签批权限”拟定,由负责人生效。")
    return [Band(row.up_to_fen, row.roles, row.source, row.sample) for row in SignatureBand.objects.filter(from_date=start[0])]


def band_for(fen: int, on: dt.date, county: str) -> Band:
    """The narrowest band of the set in force that covers the sum; Refused when none does."""
    fitting = [band for band in bands_in_force(county, on) if band.up_to_fen is None or fen <= band.up_to_fen]
    if not fitting:
        raise Refused("金额超出已登记的签批权限。请由资金岗在“资金发放 → 签批权限”拟定新的权限,由负责人生效。")
    return min(fitting, key=lambda band: (band.up_to_fen is None, band.up_to_fen or 0))


def check_bands(bands: Sequence[dict[str, Any]]) -> None:
    """Sums rise, the last band is for any sum, finance signs each, and nobody drops out as the sum rises."""
    sums = [band["up_to_fen"] for band in bands]
    if not bands or sums[-1] is not None or None in sums[:-1]:
        raise Refused("签批权限的最后一档应为“不限金额”,其他各档要写上限。", field="alone_fen")
    if any(isinstance(fen, bool) or not isinstance(fen, int) or fen <= 0 for fen in sums[:-1]) or sums[:-1] != sorted(set(sums[:-1])):
        raise Refused("各档金额应大于 0 并依次增加,请核对。", field="alone_fen")
    before: set[str] = {DRAFTER}
    for band in bands:
        roles = set(band["roles"])
        if not before <= roles <= set(SIGNERS) or len(roles) != len(band["roles"]):
            raise Refused("每一档都由资金岗复核,金额越大签批的人不能越少,请核对。", field="alone_fen")
        before = roles


def do_draft(county: str, *, from_date: dt.date, bands: Sequence[dict[str, Any]], source: str, by: Officer) -> BandSet:
    """Finance writes down who must sign from which sum. It changes nothing before a leader has put it in force."""
    require_money_post(by, county, DRAFTER)
    check_bands(bands)
    if from_date <= clock.today():
        raise Refused("最早从明天起生效,已封包的批次不受影响。请选择以后的日期。", field="from_date")
    if len(source.strip()) < 4:
        raise Refused("请写明依据文件的名称和文号。", field="source")
    if BandSet.objects.filter(jurisdiction=county, state="in_force", from_date=from_date).exists():
        raise Refused("这一天起已有生效的签批权限,不能重复。请换一个日期。", field="from_date")
    try:
        with transaction.atomic():
            row = BandSet.objects.create(
                jurisdiction=county, from_date=from_date, bands=list(bands), source=source.strip(), drafted_by=by.account_id,
                drafted_name=by.name, drafted_at=clock.now())
            tell("ledger.bands_drafted", by=by, kind="bands", number=row.number, county=county, bands=row.bands,
                 from_date=from_date.isoformat(), source=row.source)
    except IntegrityError as error:
        raise Refused("已有一份等负责人生效的签批权限。请先由负责人办理,或撤回后重新拟定。") from error
    return row


def get_bands(number: str) -> BandSet:
    """The set within the acting scope; NotFound otherwise."""
    row = BandSet.objects.filter(pk=_key(number)).first()
    if row is None:
        raise NotFound("没有这份签批权限,或不在您的管辖范围内。")
    return row


def do_answer(number: str, *, outcome: str, reason: str = "", by: Officer) -> BandSet:
    """`in_force` or `refused` by a leader who did not draft it; `withdrawn` by finance. Once."""
    officer = require_officer(by)
    with transaction.atomic():
        row = BandSet.objects.select_for_update().filter(pk=_key(number)).first()
        if row is None:
            raise NotFound("没有这份签批权限,或不在您的管辖范围内。")
        require_money_post(by, row.jurisdiction, DRAFTER if outcome == "withdrawn" else "county_leader")
        if row.state != "draft":
            raise Stale(f"这份签批权限{row.get_state_display()},请刷新页面。")
        if outcome not in ("in_force", "refused", "withdrawn"):
            raise Refused("请选择同意或不同意。", field="outcome")
        if outcome == "in_force" and officer.account_id == row.drafted_by:
            raise NotAllowed(SAME_PERSON)
        if outcome == "in_force" and row.from_date <= clock.today():
            raise Refused("拟定的生效日期已到,不能再从这一天起生效。请退回资金岗改日期后重新拟定。")
        if outcome == "refused" and not reason.strip():
            raise Refused("不同意的,请写明理由。", field="reason")
        row.state, row.answer = outcome, reason.strip()
        row.answered_by, row.answered_name, row.answered_at = officer.account_id, officer.name, clock.now()
        try:
            with transaction.atomic():
                row.save(update_fields=["state", "answer", "answered_by", "answered_name", "answered_at"])
        except IntegrityError as error:
            if constraint_of(error) != "bandset_one_a_day":
                raise
            raise Refused("这一天起已有生效的签批权限,不能重复。请退回资金岗改日期。") from error
        tell(f"ledger.bands_{outcome}", by=by, kind="bands", number=number, county=row.jurisdiction, reason=row.answer,
             bands=row.bands, from_date=row.from_date.isoformat())
    return row


def _key(number: str) -> int:
    digits = number.removeprefix("QX")
    if not (number.startswith("QX") and digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise NotFound("编号不正确,请核对后重新查询。")
    return int(digits)
