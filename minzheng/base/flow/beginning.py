"""Starting many processes of one kind at once, as a nightly job does: few statements, however many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, events
from minzheng.base import clock as house_clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service

from . import registry
from .actions import check_inputs, published
from .bpmn import expressions
from .bpmn.engine import Run
from .models import Process, Task
from .running import new_task


@dataclass(frozen=True)
class Beginning:
    """One subject that begins: its place, and the inputs that the definition declares."""

    subject: str
    jurisdiction: str
    data: Mapping[str, Any]


def start_many(process: str, beginnings: Sequence[Beginning], *, by: Service, version: int | None = None) -> None:
    """Starts a process for each subject, all or none, in the scope in force. For processes that begin with people's
    tasks: ValueError where one would wait, call a handler or end at once. Refused as by `start`."""
    definition, stored = published(process, version)
    now = house_clock.now()
    rows: list[Process] = []
    opened: list[list[Any]] = []
    for beginning in beginnings:
        check_inputs(definition, beginning.data)
        try:
            run = Run.start(definition, {name: beginning.data[name] for name in definition.inputs}, _no_handler)
        except expressions.BadExpression as error:
            raise Refused(f"流程数据不全,不能开始:{error}。请联系管理员。") from error
        if run.waiting() or run.ended:
            raise ValueError(f"{definition.label} does not begin with people's tasks")
        rows.append(Process(subject=beginning.subject, jurisdiction=beginning.jurisdiction, definition=stored,
                            state=run.save(), started_at=now, scene=registry.scene_of(definition)))
        opened.append(run.ready())
    with transaction.atomic():
        try:
            with transaction.atomic():
                Process.objects.bulk_create(rows)
        except IntegrityError as error:
            raise Refused("这个办件已经有流程在办,不能重复发起。") from error
        Task.objects.bulk_create(new_task(row, token.id, token.element, now)
                                 for row, tokens in zip(rows, opened, strict=True) for token in tokens)
        audit.record_many("flow.start", [audit.Line(row.subject, row.jurisdiction, {"process": definition.label})
                                         for row in rows], by=by, obj_type="process")
        events.emit_many("flow.moved", [
            (row.subject, row.jurisdiction, {"subject": row.subject, "opened": [token.element.id for token in tokens],
                                             "closed": [], "status": row.status})
            for row, tokens in zip(rows, opened, strict=True)])


def _no_handler(*args: Any) -> None:
    raise ValueError("a process that calls a handler is not started in bulk")
