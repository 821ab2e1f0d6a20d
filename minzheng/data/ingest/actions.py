"""What officers do with a batch: save a mapping, upload, confirm doubtful rows, start the import. Acceptance is the target's."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock, jobs
from minzheng.base.crypto import sm3
from minzheng.base.errors import NotFound, Refused
from minzheng.base.files.storing import store
from minzheng.base.files.types import CSV, XLSX
from minzheng.base.identity.officer import Officer, require_role
from minzheng.data.ingest.mapping import parse_mapping
from minzheng.data.ingest.models import CHECKED, LOADED, LOADING, REFUSED, TURNED_DOWN, Batch, BatchRow, Mapping
from minzheng.data.ingest.reading import read_rows
from minzheng.data.ingest.targets import get_target

ROLE = "data_officer"


def do_save_mapping(*, target: str, name: str, body: str, by: Officer) -> Mapping:
    """A new version of the mapping of that name, or the latest when nothing has changed."""
    require_role(by, ROLE)
    parse_mapping(body, get_target(target))
    if not 2 <= len(name.strip()) <= 60:
        raise Refused("请给对照表起一个名字(2 至 60 个字),例如原系统的名称。", field="name")
    with transaction.atomic():
        mine = Mapping.objects.filter(jurisdiction=by.jurisdiction, target=target, name=name.strip())
        latest = mine.order_by("-version").first()
        if latest is not None and latest.body == body:
            return latest
        try:
            with transaction.atomic():
                made = Mapping.objects.create(
                    jurisdiction=by.jurisdiction, target=target, name=name.strip(), body=body, by_account=by.account_id,
                    version=latest.version + 1 if latest else 1, by_name=by.name, at=clock.now())
        except IntegrityError as error:
            raise Refused("这张对照表刚被别人保存过,请刷新后再改。") from error
        audit.record("ingest.mapping", by=by, obj_type="ingest_mapping", obj_id=made.pk, jurisdiction=by.jurisdiction,
                     after={"name": made.name, "version": made.version, "sm3": sm3(body.encode())})
    return made


def mappings_of(by: Officer, target: str) -> list[Mapping]:
    """The latest version of each mapping of the officer's place."""
    rows = Mapping.objects.filter(jurisdiction=by.jurisdiction, target=target).order_by("name", "-version")
    return list(rows.distinct("name"))


def do_receive(*, target: str, mapping: int, source: str, files: Pairs[str, tuple[str, bytes]],
               declared: Pairs[str, Pairs[str, int]], by: Officer) -> Batch:
    """Takes the files of one old system in and queues the dry run. `files`: table → (name, bytes); `declared`: what the
    old system says of them, rows and sum of money in fen by table."""
    require_role(by, ROLE)
    kind = get_target(target)
    chosen = Mapping.objects.filter(pk=mapping, jurisdiction=by.jurisdiction, target=target).first()
    if chosen is None:
        raise Refused("请选择对照表。还没有的,请先保存一张。", field="mapping")
    if not 2 <= len(source.strip()) <= 60:
        raise Refused("请写明来源系统的名称。", field="source")
    parsed = parse_mapping(chosen.body, kind)
    for table in kind.tables:
        if table.code not in files:
            raise Refused(f"请选择“{table.title}”的文件。", field=table.code)
        said = declared.get(table.code, {})
        if "rows" not in said or (table.money and "fen" not in said):
            raise Refused(f"请填写“{table.title}”的控制数。", field=table.code)
        read_rows(files[table.code][1], table, parsed[table.code])
    digest = sm3(b"".join(sm3(files[table.code][1]) for table in kind.tables))
    with transaction.atomic():
        known = Batch.objects.filter(jurisdiction=by.jurisdiction, target=target, digest=digest).exclude(
            state__in=[REFUSED, TURNED_DOWN]).first()
        if known is not None:
            raise Refused(f"这些文件已经在批次 {known.number} 里({known.get_state_display()}),不会再导入一遍。")
        kept = {code: store(content, name=name, by=by, jurisdiction=by.jurisdiction, kind="ingest", allow=(CSV, XLSX)).pk
                for code, (name, content) in files.items()}
        made = Batch.objects.create(
            jurisdiction=by.jurisdiction, target=target, mapping=chosen, source=source.strip(), digest=digest, files=kept,
            declared={code: dict(said) for code, said in declared.items()}, by_account=by.account_id, by_name=by.name,
            at=clock.now())
        made.run = jobs.defer("ingest.check", jurisdiction=by.jurisdiction, by=by, batch=made.pk)
        made.save(update_fields=["run"])
        _tell("ingest.receive", by, made, {"source": made.source, "declared": made.declared, "mapping": chosen.pk})
    return made


def batch_for(number: str, *, lock: bool = False) -> Batch:
    """A batch by its number within the scope in force, or NotFound."""
    digits = number.removeprefix("DR")
    rows = Batch.objects.filter(pk=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
    row = None if rows is None else (rows.select_for_update(of=("self",)) if lock else rows).select_related("mapping").first()
    if row is None:
        raise NotFound("没有这个导入批次,或不在您的管辖范围内。")
    return row


def do_confirm(number: str, row: int, *, same: bool, by: Officer) -> BatchRow:
    """An officer has looked: the doubtful row is this person (`same`), or it isn't and stays out."""
    require_role(by, ROLE)
    with transaction.atomic():
        batch = batch_for(number, lock=True)
        found = BatchRow.objects.select_for_update().filter(batch=batch, pk=row).first()
        if batch.state not in (CHECKED, LOADED) or found is None or found.state != "question":
            raise Refused("这一行不用确认,或已确认过,请刷新页面。")
        found.state = "ok" if same else "refused"
        found.reasons += ";已人工确认为同一人" if same else ";人工核对:不是同一人"
        found.confirmed_by = by.name
        found.save(update_fields=["state", "reasons", "confirmed_by"])
        _release(batch, found.unit)
        _tell("ingest.confirm", by, batch, {"table": found.table, "line": found.line, "same": same}, person=found.person)
    return found


def _release(batch: Batch, unit: str) -> None:
    """Once nothing else of the unit is open, the rows that waited go on; they wait when something is wrong."""
    mine = BatchRow.objects.filter(batch=batch, unit=unit)
    if mine.exclude(state__in=["ok", "held"]).exists():
        mine.filter(state="ok").update(state="held")
    else:
        mine.filter(state="held").update(state="ok")


def do_start(number: str, *, by: Officer) -> Batch:
    """正式导入: queued once; what is not importable stays in the report. Rows confirmed later are imported by another start."""
    require_role(by, ROLE)
    with transaction.atomic():
        batch = batch_for(number, lock=True)
        if batch.state not in (CHECKED, LOADED):
            raise Refused(f"批次{batch.get_state_display()},不能开始导入。")
        if not batch.rows.filter(state="ok").exists():
            raise Refused("没有可以导入的户。请按对账明细更正原数据后,重新上传。")
        batch.state = LOADING
        batch.run = jobs.defer("ingest.load", jurisdiction=batch.jurisdiction, by=by, batch=batch.pk)
        batch.save(update_fields=["state", "run"])
        _tell("ingest.start", by, batch, {})
    return batch


def _tell(action: str, by: Officer, batch: Batch, after: dict[str, Any], *, person: int | None = None) -> None:
    audit.record(action, by=by, obj_type="ingest_batch", obj_id=batch.number, jurisdiction=batch.jurisdiction, after=after,
                 subject_person=person)
