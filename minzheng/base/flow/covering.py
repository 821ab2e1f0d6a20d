"""What becomes of an absent officer's tasks: they pass to the stand-in or back to the office, and return afterwards."""

from __future__ import annotations

from django.db import transaction

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed
from minzheng.base.identity import leaves
from minzheng.base.identity.models import Leave
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.identity.posts import named

from .actions import _write, check_four_eyes
from .models import Task
from .running import log

HELD = ("claimed", "suspended")


def do_approve_leave(number: int, *, opinion: str = "", by: Officer) -> Leave:
    """The head agrees; when the leave begins today or has begun, the tasks pass on at once."""
    with transaction.atomic():
        row = leaves.agree(leaves.leave_for(number, by, lock=True), opinion=opinion, by=by)
        if row.valid_from <= clock.today():
            begin(row, by=by)
    return row


def do_end_leave(number: int, *, reason: str, by: Officer | Service) -> Leave:
    """The officer is back (or the days are over): what the stand-in has in hand in this post returns."""
    with transaction.atomic():
        row = leaves.leave_for(number, by, lock=True)
        if row.state == "ended":
            return row
        leaves.close(row, reason=reason, by=by)
        _return(row, by=by)
    return row


def begin(row: Leave, *, by: Officer | Service) -> int:
    """Passes on what the absent officer has claimed in the post; a task that the stand-in may not do goes back to the office.
    Returns how many tasks moved; a leave begins once."""
    if row.begun_at is not None:
        return 0
    row.begun_at = clock.now()
    row.save(update_fields=["begun_at"])
    tasks = _held(row.account_id, None, row)
    for task in tasks:
        to_stand_in = row.tasks == "pass" and _may(task, row)
        _turn(task, row, by, row.stand_in_id if to_stand_in else None, row.account_id if to_stand_in else None,
              f"{row.account.name}请假,转{row.stand_in.name}代办" if to_stand_in else f"{row.account.name}请假,退回本单位待签收")
    return len(tasks)


def _may(task: Task, row: Leave) -> bool:
    """Four eyes hold for the pair: an earlier step by the stand-in forbids a later one in the absent officer's name."""
    try:
        check_four_eyes(task, row.stand_in_id, row.account_id)
    except NotAllowed:
        return False
    return True


def _return(row: Leave, *, by: Officer | Service) -> None:
    back = row.post.ended_at is None and (row.post.valid_to is None or row.post.valid_to >= clock.today())
    for task in _held(row.stand_in_id, row.account_id, row):
        text = f"代岗结束,交还{row.account.name}" if back else "代岗结束,退回本单位待签收"
        _turn(task, row, by, row.account_id if back else None, None, text)


def _held(assignee: int, covered: int | None, row: Leave) -> list[Task]:
    rows = Task.objects.select_for_update(of=("self",)).select_related("process")
    return list(rows.filter(assignee=assignee, assignee_for=covered, status__in=HELD, office=row.post.office,
                            role=row.post.role).order_by("id"))


def _turn(task: Task, row: Leave, by: Officer | Service, to: int | None, covered: int | None, text: str) -> None:
    name = "" if to is None else named(row.stand_in, row.cover) if covered and row.cover else row.account.name
    status = task.status if task.status == "suspended" else "claimed" if to else "ready"
    _write(task, task.version, status=status, assignee=to, assignee_for=covered, assignee_name=name,
           claimed_at=clock.now() if to else None)
    log(task.process, task, "cover", by, clock.now(), text, to=to)
    audit.record("flow.cover", by=by, obj_type="task", obj_id=task.pk, jurisdiction=task.jurisdiction, reason=text,
                 after={"subject": task.subject, "key": task.key, "to": to, "for": covered, "leave": row.pk})


def do_turn_of_the_day(*, by: Service, limit: int = 50) -> int:
    """Leaves that begin today begin, those whose days are over end. Run until 0."""
    today = clock.today()
    rows = Leave.objects.filter(state="approved", closed_at=None)
    over = list(rows.filter(valid_to__lt=today).order_by("id").values_list("pk", flat=True)[:limit])
    for number in over:
        do_end_leave(number, reason="代岗期满", by=by)
    starting = rows.filter(valid_from__lte=today, begun_at=None).order_by("id").values_list("pk", flat=True)[:limit]
    for number in list(starting):
        begin(leaves.leave_for(number, by, lock=True), by=by)
    return len(over) + len(starting)
