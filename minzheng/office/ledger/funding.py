"""Money into the special account (财政专户): an appropriation is a budget movement and an entry in one transaction."""

from __future__ import annotations

from django.db import transaction

from minzheng.base import audit
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.benefits import budgets
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import appropriated, treasury

LIMIT_FEN = 100_000_000_000_00


def do_appropriate(*, year: int, source: str, scheme: str, county: str, fen: int, document: str, reason: str,
                   by: Actor) -> bool:
    """预算下达 (negative: 调减) by a document of the treasury. False when the document is recorded already.

    Refused when a reduction would take what runs have reserved or paid.
    """
    budgets.check_budget_office(county, scheme, by)
    if source not in budgets.NAMES:
        raise Refused("请选择资金来源:中央、省、市或县。", field="source")
    if not document.strip():
        raise Refused("请填写下达文件文号。", field="document")
    if not reason.strip():
        raise Refused("请写明用途或调整原因。", field="reason")
    if isinstance(fen, bool) or not isinstance(fen, int) or fen == 0 or abs(fen) > LIMIT_FEN:
        raise Refused("下达金额不能为零或超出范围,请核对。", field="fen")
    if not 2020 <= year <= 2100:
        raise Refused("预算年度不正确,请核对。", field="year")
    ref = f"budget:{county}:{year}:{scheme}:{source}:{document.strip()}"
    with transaction.atomic():
        fresh = budgets.move("appropriate", year=year, scheme=scheme, county=county, by_source={source: fen}, ref=ref)
        if not fresh:
            return False
        post(ref, kind="appropriate", county=county, scheme=scheme, by=by, memo=f"预算下达 {document}",
             amounts={treasury(source): fen, appropriated(source): -fen})
        audit.record("ledger.appropriate", by=by, obj_type="budget", obj_id=ref, jurisdiction=county, reason=reason,
                     after={"fen": fen, "source": source, "year": year, "document": document})
    return True
