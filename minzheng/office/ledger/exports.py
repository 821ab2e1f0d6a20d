"""Exports: rows safe to open in a spreadsheet, with who and why in them, and a record of every export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from minzheng.base import audit, clock
from minzheng.base.cells import safe_cell
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Actor, Officer
from minzheng.office.ledger.doors import envelope_for
from minzheng.office.ledger.queries import Figure, line_row

LIMIT = 200_000
LINE_TITLES = ("序号", "待遇编号", "案件编号", "户主", "发放月份", "类型", "户名", "账号", "金额(元)", "状态", "银行说明")
FIGURE_TITLES = ("地区代码", "户数", "人数", "应发(元)", "到账户数", "到账(元)", "中央(元)", "省(元)", "市(元)", "县(元)")


def yuan_cell(fen: int) -> str:
    """Made by us from a whole number, so a leading minus is a number's."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def watermark(by: Officer, reason: str) -> str:
    return f"{by.name}({by.role_title})于 {clock.now():%Y-%m-%d %H:%M} 导出,用途:{reason}。含个人信息,禁止外传。"


def check_export(by: Actor, reason: str) -> Officer:
    if not isinstance(by, Officer):
        raise NotAllowed("导出须由工作人员以岗位身份办理。")
    if len(reason.strip()) < 4:
        raise Refused("导出须写明用途(至少四个字),并会留下记录。", field="reason")
    return by


def envelope_rows(number: str, *, reason: str, by: Actor) -> Iterator[list[str]]:
    """Rows of an envelope's list with masked accounts; the first two are watermark and titles. Audited first."""
    officer = check_export(by, reason)
    envelope = envelope_for(number)
    if envelope.count > LIMIT:
        raise Refused("明细过多,请按乡镇分别导出。")
    with transaction.atomic():
        audit.record("ledger.export", by=by, obj_type="envelope", obj_id=number, jurisdiction=envelope.jurisdiction,
                     reason=reason, after={"count": envelope.net_count})
    yield [safe_cell(watermark(officer, reason))]
    yield list(LINE_TITLES)
    for line in envelope.lines.select_related("entitlement").order_by("number").iterator(2000):
        row = line_row(line)
        yield [str(row.number), row.entitlement, safe_cell(row.case_code), safe_cell(row.head_name), f"{row.month:%Y-%m}",
               row.kind_text, safe_cell(row.payee_name), safe_cell(row.payee_account), yuan_cell(row.fen), row.state_text,
               safe_cell(row.bank_message)]


def figure_rows(rows: Sequence[Figure], *, place: str, reason: str, by: Actor) -> Iterator[list[str]]:
    """Rows of a statistics table; audited first."""
    officer = check_export(by, reason)
    with transaction.atomic():
        audit.record("ledger.export", by=by, obj_type="figures", obj_id=place, jurisdiction=place, reason=reason,
                     after={"count": len(rows)})
    yield [safe_cell(watermark(officer, reason))]
    yield list(FIGURE_TITLES)
    for row in rows:
        yield [row.code, str(row.households), str(row.persons), yuan_cell(row.due_fen), str(row.paid_households),
               yuan_cell(row.paid_fen), *(yuan_cell(fen) for fen in row.by_source.values())]


def as_csv(rows: Iterable[list[str]]) -> bytes:
    """CSV with BOM, which spreadsheets read as UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")
