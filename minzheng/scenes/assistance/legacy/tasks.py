"""The taking over of an accepted batch, some hundred households a transaction."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.data.ingest.models import ACCEPTED, Batch
from minzheng.scenes.assistance.legacy.accepting import take_over
from minzheng.scenes.assistance.legacy.models import WAITING, LegacyHousehold

BATCH = 200


@job("legacy.accept", queue="default")
def accept(run: Running, batch: int) -> None:
    """Each household ends taken over or refused with its reason; whoever is done is passed over by a later run."""
    with run.transaction():
        row = Batch.objects.get(pk=batch)
    if row.state != ACCEPTED:
        return
    while True:
        with run.transaction():
            rows = list(LegacyHousehold.objects.select_for_update().filter(batch=batch, state=WAITING).order_by("pk")[:BATCH])
            for household in rows:
                reason = take_over(household, row, run.by)
                run.row(household.number, not reason, reason)
            run.checkpoint = rows[-1].pk if rows else run.checkpoint
        if not rows:
            return
