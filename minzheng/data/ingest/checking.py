"""The dry run: rows in our terms, twins within the file and against the registry, whole units, control totals.

Writes only the batch's own rows. Every step may be repeated after an interruption.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from minzheng.base.crypto import blind_index_many
from minzheng.base.divisions.names import full_name
from minzheng.data.ingest.converting import convert
from minzheng.data.ingest.mapping import TableMapping
from minzheng.data.ingest.models import Batch, BatchRow
from minzheng.data.ingest.targets import UNIT, Line, Table, Target, Unit
from minzheng.data.registry.models import Person
from minzheng.data.registry.names import bare

BATCH = 2_000
_WORST = ("refused", "twin", "question")


def keep_rows(batch: Batch, table: Table, mapping: TableMapping, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
    """Keeps rows of theirs as rows of ours."""
    found = [(line, convert(table, mapping, cells)) for line, cells in rows]
    people = [item.values["id_number"] if table.person and "id_number" in item.values else "" for _, item in found]
    indexes = iter(blind_index_many("id_number", filter(None, people)))
    BatchRow.objects.bulk_create(
        (BatchRow(batch=batch, jurisdiction=batch.jurisdiction, table=table.code, line=line,
                  unit=str(item.values.get(UNIT, "")), values=json.dumps(item.values, ensure_ascii=False),
                  id_index=next(indexes) if number else None,
                  fen=sum(item.values.get(column.code, 0) for column in table.money) if table.money else None,
                  state="refused" if item.reasons else "question" if item.questions else "ok",
                  reasons=";".join(item.reasons or item.questions))
         for (line, item), number in zip(found, people, strict=True)),
        ignore_conflicts=True, batch_size=500)


def count(batch: Batch, target: Target) -> dict[str, dict[str, int]]:
    """Rows and, where there is money, its sum by table, refused rows included."""
    sums = {row["table"]: row for row in batch.rows.values("table").annotate(rows=Count("id"), fen=Sum("fen")).order_by()}
    out: dict[str, dict[str, int]] = {}
    for table in target.tables:
        row = sums.get(table.code, {"rows": 0, "fen": 0})
        out[table.code] = {"rows": row["rows"]} | ({"fen": int(row["fen"] or 0)} if table.money else {})
    return out


def differences(batch: Batch, target: Target, counted: dict[str, dict[str, int]]) -> list[str]:
    """Where the declared control totals are not those of the files."""
    said = []
    for table in target.tables:
        declared, real = batch.declared[table.code], counted[table.code]
        if declared["rows"] != real["rows"]:
            said.append(f"{table.title}声明 {declared['rows']} 行,文件里是 {real['rows']} 行")
        if "fen" in real and declared.get("fen") != real["fen"]:
            said.append(f"{table.title}声明合计 {_yuan(declared.get('fen', 0))} 元,能读出的合计是 {_yuan(real['fen'])} 元")
    return said


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def mark(rows: Iterable[BatchRow], state: str, reason: str) -> None:
    """Adds a reason; the worse state stays."""
    changed = []
    for row in rows:
        if reason in row.reasons.split(";"):
            continue
        row.reasons = ";".join(filter(None, [row.reasons, reason]))
        order = [*_WORST, "held", "known", "ok"]
        row.state = min(row.state, state, key=order.index)
        changed.append(row)
    BatchRow.objects.bulk_update(changed, ["state", "reasons"], batch_size=500)


def mark_twins(batch: Batch, target: Target) -> None:
    """The same ID number twice in a table, and a second row of a unit where one is allowed. All of them are set aside."""
    for table in target.tables:
        rows = batch.rows.filter(table=table.code).defer("values").order_by("line")
        if table.person:
            _mark_same(rows.exclude(id_index=None), lambda row: bytes(row.id_index), "同一身份证号还出现在第 {} 行")
        if table.once:
            _mark_same(rows.exclude(unit=""), lambda row: row.unit, "同一户编号还出现在第 {} 行")


def _mark_same(rows: Any, key: Any, words: str) -> None:
    same: dict[Any, list[BatchRow]] = defaultdict(list)
    for row in rows.iterator(BATCH):
        same[key(row)].append(row)
    for group in same.values():
        for row in group if len(group) > 1 else ():
            others = [str(other.line) for other in group if other.line != row.line]
            mark([row], "twin", words.format("、".join(others[:5]) + ("等" if len(others) > 5 else "")))


def match_people(batch: Batch, table: Table, after: int) -> int | None:
    """Finds the registry's people for the next rows after the id; answers the last id, or None at the end. An unequal
    name or a number unknown here is never passed over in silence."""
    rows = list(batch.rows.filter(table=table.code, pk__gt=after).order_by("pk")[:BATCH])
    if not rows:
        return None
    indexes = [bytes(row.id_index) for row in rows if row.id_index]
    people = {bytes(person.id_index): person for person in
              Person.objects.filter(id_index__in=indexes).only("id", "id_index", "name", "death_date", "jurisdiction")}
    for row in rows:
        if row.id_index is None:
            continue
        person = people.get(bytes(row.id_index))
        if person is None:
            mark([row], "refused", _absent(bytes(row.id_index)))
            continue
        row.person, row.place = person.pk, person.jurisdiction
        if person.death_date is not None:
            mark([row], "refused", f"人口库登记已于 {person.death_date} 死亡")
        elif bare(person.name) != bare(json.loads(row.values).get("name", "")):
            mark([row], "question", "姓名与人口库登记的不同,请核对是不是同一个人")
    BatchRow.objects.bulk_update(rows, ["person", "place"], batch_size=500)
    return rows[-1].pk


def _absent(index: bytes) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT county FROM registry_exists(%s)", [index])
        row = cursor.fetchone()
    return f"户籍不在本县(在{full_name(row[0])}),请转当地办理" if row else "人口库里没有这个身份证号,请先核对证件、办理人员登记"


def units_after(batch: Batch, after: str, rows: int = BATCH, **which: Any) -> list[Unit]:
    """The next whole units, of about so many rows. A unit is never cut in two."""
    found = batch.rows.filter(unit__gt=after, **which).exclude(unit="")
    numbers = list(found.order_by("unit").values_list("unit", flat=True)[:rows])
    if not numbers:
        return []
    return units_of(batch, found.filter(unit__lte=numbers[-1]).order_by("unit", "table", "line"))


def units_of(batch: Batch, rows: Any) -> list[Unit]:
    found: dict[str, dict[str, list[Line]]] = {}
    for row in rows:
        line = Line(row.table, row.line, json.loads(row.values), row.person, row.place)
        found.setdefault(row.unit, {}).setdefault(row.table, []).append(line)
    return [Unit(number, lines) for number, lines in found.items()]


def judge_units(batch: Batch, target: Target, after: str) -> str | None:
    """Judges the next units as wholes: what is wrong with one of its rows holds back all; answers the last unit or None."""
    units = units_after(batch, after)
    if not units:
        return None
    known = target.known(batch.jurisdiction, [unit.number for unit in units])
    rows: dict[str, list[BatchRow]] = defaultdict(list)
    for row in batch.rows.filter(unit__in=[unit.number for unit in units]).defer("values"):
        rows[row.unit].append(row)
    for unit in units:
        mine = rows[unit.number]
        if unit.number in known:
            mark(mine, "known", known[unit.number])
            continue
        complete = all(row.state not in ("refused", "twin") for row in mine)
        if reasons := target.judge(unit) if complete else []:
            mark(mine, "refused", ";".join(reasons))
        elif any(row.state != "ok" for row in mine):
            mark([row for row in mine if row.state == "ok"], "held", "同户有其他行要先处理")
    return units[-1].number
