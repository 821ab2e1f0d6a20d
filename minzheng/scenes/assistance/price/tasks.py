"""An approved list becomes one-off benefits, some hundred a transaction. Killed anywhere it goes on where it stopped:
whoever is done is passed over, and the database admits a person once for a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit
from minzheng.base.errors import Refused as RefusedError
from minzheng.base.identity.officer import Actor
from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.base.scope.ranges import range_of
from minzheng.office.benefits.due import DUE
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.once import Addition, do_add_once
from minzheng.scenes.assistance.price.funding import SCHEME, total
from minzheng.scenes.assistance.price.models import ADDED, APPROVED, DONE, PLANNED, REFUSED, Batch, Line

CHUNK = 200
CHANGED = "审批后保障名单有变化,请重新测算这一户"
NOT_DUE = "审批后该月待遇已不应发,请核实"
ODD = "写入时出错,请联系系统管理员"


@job("price.add", queue="default", title="生成价格临时补贴")
def add(run: Running, batch: int) -> None:
    """Each line ends added or refused with its reason. Nothing happens to a batch that is not approved."""
    with run.transaction():
        row = Batch.objects.get(pk=batch)
        left, _ = total(row, PLANNED)
    if row.state != APPROVED:
        return
    run.total(left + (run.checkpoint or {}).get("done", 0))
    while True:
        with run.transaction():
            lines = list(Line.objects.select_for_update().filter(batch=row, state=PLANNED).order_by("id")[:CHUNK])
            if not lines:
                finish(row, run.by)
                return
            for line, reason in add_chunk(row, lines, run.by):
                run.row(line.pk, not reason, reason)
            run.checkpoint = {"done": (run.checkpoint or {}).get("done", 0) + len(lines)}


def add_chunk(batch: Batch, lines: Sequence[Line], by: Actor) -> list[tuple[Line, str]]:
    """All lines at once; when the database refuses one of them, one by one, so that only that one is refused."""
    changed = _changed(lines, batch.month)
    good = [line for line in lines if line.pk not in changed]
    outcome = {line.pk: changed.get(line.pk, "") for line in lines}
    if good and _try(batch, good, by):
        outcome |= {line.pk: _try(batch, [line], by) for line in good}
    Line.objects.filter(pk__in=[pk for pk, why in outcome.items() if not why]).update(state=ADDED)
    for line in lines:
        if outcome[line.pk]:
            Line.objects.filter(pk=line.pk).update(state=REFUSED, note=outcome[line.pk])
    return [(line, outcome[line.pk]) for line in lines]


def _try(batch: Batch, lines: Sequence[Line], by: Actor) -> str:
    """Empty, or why the database did not take them; then nothing of them is written."""
    try:
        with transaction.atomic():
            do_add_once(SCHEME, month=batch.month, decision=batch.number, county=batch.jurisdiction, by=by, additions=[
                Addition(line.entitlement or 0, tuple(line.people), line.fen) for line in lines])
    except RefusedError as refusal:
        return refusal.reason
    except IntegrityError:
        return ODD
    return ""


def _changed(lines: Sequence[Line], month: dt.date) -> dict[int, str]:
    """Reasons by line of what no longer stands as it was approved."""
    rows = {row.pk: {member["person_id"] for member in row.members}
            for row in Entitlement.objects.filter(pk__in=[line.entitlement for line in lines])}
    due: set[int] = set()
    with connection.cursor() as cursor:
        for scheme, place in {(line.scheme, line.jurisdiction[:6]) for line in lines}:
            low, high = range_of(place.ljust(12, "0"))
            cursor.execute(f"SELECT id FROM ({DUE}) d WHERE id = ANY(%(ids)s)", {  # noqa: S608
                "month": month, "scheme": scheme, "low": low, "high": high, "ids": [line.entitlement for line in lines]})
            due |= {found for (found,) in cursor.fetchall()}
    return {line.pk: CHANGED if not set(line.people) <= rows.get(line.entitlement or 0, set()) else NOT_DUE for line in lines
            if line.entitlement not in due or not set(line.people) <= rows.get(line.entitlement or 0, set())}


def finish(batch: Batch, by: Actor) -> None:
    """All lines have an outcome; the cashier may build the urgent run."""
    if not Batch.objects.filter(pk=batch.pk, state=APPROVED).update(state=DONE):
        return
    (added, fen), (refused, _) = total(batch, ADDED), total(batch, REFUSED)
    audit.record("price.added", by=by, obj_type="price_batch", obj_id=batch.number, jurisdiction=batch.jurisdiction,
                 after={"count": added, "fen": fen, "refused": refused})
