"""Exports (导出): nobody takes rows along without saying why; who, when, why and how many stand on the sheet and in the audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django import forms
from django.db import transaction
from django.http import HttpResponse

from minzheng.base import audit, clock
from minzheng.base.cells import safe_cell
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.spreadsheet import as_xlsx

MOST = 5_000  # rows of one file (示例值); more is exported place by place
SHORTEST_REASON = 4
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="用途", min_length=SHORTEST_REASON, max_length=200,
                             widget=forms.TextInput(attrs={"autocomplete": "off"}),
                             help_text="会留下记录,并写在导出文件的第一行",
                             error_messages={"required": "请写明用途。", "min_length": "请把用途写清楚(至少四个字)。"})


def check_reason(reason: str) -> str:
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise Refused("导出须写明用途(至少四个字),并会留下记录。", field="reason")
    return text


def watermark(by: Officer, reason: str, count: int, *, personal: bool) -> str:
    end = "含个人信息,禁止外传。" if personal else "供内部工作使用。"
    return f"{by.name}({by.role_title},账号 {by.account_id})于 {clock.now():%Y-%m-%d %H:%M} 导出,共 {count} 行,用途:{reason}。{end}"


def send(titles: Sequence[str], rows: Iterable[Sequence[object]], *, name: str, kind: str, what: str, of: str,
         jurisdiction: str, reason: str, by: Officer, title: str = "", personal: bool = False, most: int = MOST) -> HttpResponse:
    """The file as an answer. `what` and `of` name the export in the audit; the record is written before a row leaves.

    Refused without a reason, in an unknown form, and beyond `most` rows.
    """
    text = check_reason(reason)
    if kind not in TYPES:
        raise Refused("请选择导出格式。", field="kind")
    found = list(rows)
    if len(found) > most:
        raise Refused(f"一次最多导出 {most} 行(示例值),这里有 {len(found)} 行。请选择下一级地区或加上筛选条件,分别导出。", field="reason")
    with transaction.atomic():
        audit.record("export.made", by=by, obj_type=what, obj_id=of, jurisdiction=jurisdiction, reason=text,
                     after={"rows": len(found), "personal": personal, "form": kind})
    mark = safe_cell(watermark(by, text, len(found), personal=personal))
    lines = [[mark], *([[safe_cell(title)]] if title else []), [safe_cell(t) for t in titles],
             *([safe_cell(cell) if isinstance(cell, str) else str(cell) for cell in row] for row in found)]
    answer = HttpResponse(as_xlsx(lines) if kind == "xlsx" else _csv(lines), content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _csv(lines: list[list[str]]) -> bytes:
    """With BOM, which spreadsheets read as UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8-sig")
