"""Jobs: the dry run and the import. Each transaction takes about 2,000 rows and leaves a checkpoint."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from minzheng.base import audit, clock, events
from minzheng.base.errors import Refused
from minzheng.base.files.storing import get_numbered_file_for
from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.data.ingest import checking
from minzheng.data.ingest.mapping import parse_mapping
from minzheng.data.ingest.models import CHECKED, LOADED, LOADING, RECEIVED, REFUSED, Batch
from minzheng.data.ingest.reading import read_rows
from minzheng.data.ingest.targets import Target, get_target


@job("ingest.check", queue="default")
def check(run: Running, batch: int) -> None:
    """Reads the files, counts them against the declared totals, looks for twins, matches people, judges units."""
    with run.transaction():
        row = Batch.objects.select_related("mapping").get(pk=batch)
        target = get_target(row.target)
    if row.state != RECEIVED:
        return
    at = dict(run.checkpoint or {})
    try:
        _read(run, row, target, at)
    except Refused as refusal:
        _refuse(run, row, refusal.reason)
        return
    with run.transaction():
        counted = checking.count(row, target)
        said = checking.differences(row, target, counted)
        Batch.objects.filter(pk=row.pk).update(counted=counted)
    if said:
        _refuse(run, row, "声明的控制数与文件不符,整批退回,没有导入任何数据:" + ";".join(said))
        return
    if not at.get("twins"):
        with run.transaction():
            checking.mark_twins(row, target)
            at["twins"] = True
            run.checkpoint = dict(at)
    for table in target.tables:
        while table.person and (after := at.get(f"people:{table.code}", 0)) is not None:
            with run.transaction():
                at[f"people:{table.code}"] = checking.match_people(row, table, after)
                run.checkpoint = dict(at)
    while (unit := at.get("units", "")) is not None:
        with run.transaction():
            at["units"] = checking.judge_units(row, target, unit)
            run.checkpoint = dict(at)
    with run.transaction():
        if Batch.objects.filter(pk=row.pk, state=RECEIVED).update(state=CHECKED, checked_at=clock.now()):
            _tell("ingest.checked", run, row, {"counted": row.counted})


def _read(run: Running, row: Batch, target: Target, at: dict[str, Any]) -> None:
    mappings = parse_mapping(row.mapping.body, target)
    for table in target.tables:
        with run.transaction():
            content = get_numbered_file_for(row.files[table.code]).open()
        rows = read_rows(content, table, mappings[table.code])
        while (done := at.get(f"rows:{table.code}", 0)) < len(rows):
            part = rows[done:done + checking.BATCH]
            with run.transaction():
                checking.keep_rows(row, table, mappings[table.code], part)
                for line, _ in part:
                    run.row(f"{table.code}:{line}", True, "已读入")
                at[f"rows:{table.code}"] = done + len(part)
                run.checkpoint = dict(at)


def _refuse(run: Running, row: Batch, reason: str) -> None:
    with run.transaction():
        Batch.objects.filter(pk=row.pk, state=RECEIVED).update(state=REFUSED, note=reason, checked_at=clock.now())
        _tell("ingest.refused", run, row, {}, reason=reason)


@job("ingest.load", queue="default")
def load(run: Running, batch: int) -> None:
    """Imports the units of which every row may be imported; one that fails is set aside with its reason."""
    with run.transaction():
        row = Batch.objects.get(pk=batch)
        target = get_target(row.target)
    if row.state != LOADING:
        return
    after = str(run.checkpoint or "")
    while True:
        with run.transaction():
            units = checking.units_after(row, after, state="ok")
            for unit in units:
                _load_unit(run, row, target, unit)
            if not units:
                Batch.objects.filter(pk=row.pk, state=LOADING).update(state=LOADED, loaded_at=clock.now())
                _tell("ingest.loaded", run, row, {"units": row.rows.filter(state="loaded").values("unit").distinct().count()})
                return
            after = run.checkpoint = units[-1].number


def _load_unit(run: Running, row: Batch, target: Target, unit: Any) -> None:
    mine = row.rows.filter(unit=unit.number)
    try:
        with transaction.atomic():
            target.load(row, unit, run.by)
            mine.update(state="loaded")
        run.row(unit.number, True)
    except Refused as refusal:
        mine.update(state="refused", reasons=refusal.reason)
        run.row(unit.number, False, refusal.reason)


def _tell(action: str, run: Running, row: Batch, after: dict[str, Any], reason: str = "") -> None:
    audit.record(action, by=run.by, obj_type="ingest_batch", obj_id=row.number, jurisdiction=row.jurisdiction, after=after,
                 reason=reason)
    events.emit(action, aggregate=f"ingest:{row.pk}", jurisdiction=row.jurisdiction, payload={"batch": row.pk})
