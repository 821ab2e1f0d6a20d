"""The reconciliation report (对账报告): counts and sums, declared and found, by outcome; every row with its reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Sum

from minzheng.base import audit
from minzheng.base.cells import safe_cell
from minzheng.base.crypto import mask_id, mask_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.data.ingest.models import ROW_STATES, Batch, BatchRow
from minzheng.data.ingest.targets import get_target

TITLES = ("表", "行号", "户编号", "姓名", "身份证号", "金额(元)", "结果", "原因", "确认人")

COLUMNS = ("ok", "loaded", "question", "twin", "refused", "held", "known")


@dataclass(frozen=True)
class Figure:
    """One table: declared, counted, and rows with their sum by outcome (code → (rows, fen))."""

    title: str
    money: bool
    declared_rows: int
    rows: int
    declared_fen: int
    fen: int
    outcomes: dict[str, tuple[int, int]]

    @property
    def cells(self) -> list[tuple[str, int]]:
        """Title and rows of the outcomes in the order of the report's columns."""
        titles = dict(ROW_STATES)
        return [(titles[code], self.outcomes[code][0]) for code in COLUMNS]


def figures(batch: Batch) -> list[Figure]:
    target = get_target(batch.target)
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    for row in batch.rows.values("table", "state").annotate(rows=Count("id"), fen=Sum("fen")).order_by():
        sums.setdefault(row["table"], {})[row["state"]] = (row["rows"], int(row["fen"] or 0))
    out = []
    for table in target.tables:
        found, said = sums.get(table.code, {}), batch.declared[table.code]
        out.append(Figure(table.title, bool(table.money), said["rows"], sum(rows for rows, _ in found.values()),
                          said.get("fen", 0), sum(fen for _, fen in found.values()),
                          {code: found.get(code, (0, 0)) for code, _ in ROW_STATES}))
    return out


def units(batch: Batch) -> dict[str, int]:
    """Units by outcome; a unit counts under the worst of its rows."""
    order = ["refused", "twin", "question", "held", "known", "ok", "loaded"]
    worst: dict[str, str] = {}
    for unit, state in batch.rows.exclude(unit="").values_list("unit", "state").distinct().order_by():
        worst[unit] = min(worst.get(unit, state), state, key=order.index)
    return {code: sum(state == code for state in worst.values()) for code in order}


def open_rows(batch: Batch, state: str, *, after: int = 0, limit: int = 50) -> list[BatchRow]:
    """Rows of one outcome; keyset by id."""
    return list(batch.rows.filter(state=state, pk__gt=after).order_by("pk")[:limit])


def shown(row: BatchRow) -> tuple[str, str]:
    """Masked name and ID number."""
    values = json.loads(row.values)
    return mask_name(values.get("name", "")), mask_id(values.get("id_number", ""))


def report_csv(batch: Batch, *, reason: str, by: Officer) -> bytes:
    """All rows that were not simply taken, and how the rest ended, as CSV that no spreadsheet runs. Audited."""
    if len(reason.strip()) < 4:
        raise Refused("下载须写明用途(至少四个字),并会留下记录。", field="reason")
    audit.record("ingest.report", by=by, obj_type="ingest_batch", obj_id=batch.number, jurisdiction=batch.jurisdiction,
                 reason=reason.strip())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(TITLES)
    writer.writerows(_lines(batch))
    return out.getvalue().encode("utf-8-sig")


def _lines(batch: Batch) -> Iterator[list[str]]:
    titles = {table.code: table.title for table in get_target(batch.target).tables}
    for row in batch.rows.order_by("table", "line").iterator(2000):
        name, number = shown(row)
        money = "" if row.fen is None else f"{row.fen // 100}.{row.fen % 100:02d}"
        yield [titles[row.table], str(row.line), safe_cell(row.unit), safe_cell(name), safe_cell(number), money,
               row.get_state_display(), safe_cell(row.reasons), safe_cell(row.confirmed_by)]
