"""改按另一流程办理: the subject goes on under another process; what has been done already is not asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minzheng.base import audit
from minzheng.base import clock as house_clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor

from . import clocks, registry
from .bpmn import expressions
from .bpmn.engine import Run
from .models import UNFINISHED, Process, ProcessDefinition, Task, Timer
from .running import engine_scope, lock, log, must_be_active, place_of, serving, write_back


@dataclass(frozen=True)
class Done:
    """A step that has been done: a task with its outcome, or (`message`) a message with its payload."""

    element: str
    outcome: str = ""
    message: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


def replace(
    subject: str,
    process: str,
    *,
    version: int | None = None,
    data: Mapping[str, Any],
    done: Sequence[Done] = (),
    by: Actor,
    reason: str,
) -> Process:
    """The subject's process is exchanged for another, which first passes the steps in `done`, in their order. Tasks
    finished before stay on record and count for four eyes. Refused when the new process cannot pass them so."""
    if not reason.strip():
        raise Refused("请写明原因。", field="reason")
    definition = registry.definition_of(process, version)
    stored = ProcessDefinition.objects.only("id").get(code=process, version=definition.version, sha=definition.sha)
    with engine_scope(place_of(subject)):
        row, now = lock(subject), house_clock.now()
        must_be_active(row)
        for task in Task.objects.select_for_update().filter(process=row, status__in=UNFINISHED):
            task.status, task.completed_at, task.version = "cancelled", now, task.version + 1
            task.save(update_fields=["status", "completed_at", "version"])
        Timer.objects.filter(process=row, fired_at=None, cancelled_at=None).update(cancelled_at=now)
        clocks.resume_clocks(subject, now=now)
        row.definition, row.scene = stored, registry.scene_of(definition)
        row.save(update_fields=["definition", "scene"])
        try:
            run = Run.start(definition, {name: data[name] for name in definition.inputs}, serving(row, by, now))
            for step in done:
                _pass(run, step)
        except expressions.BadExpression as error:
            raise Refused(f"流程数据不全,不能改按这个流程办理:{error}。请联系管理员。") from error
        log(row, None, "replace", by, now, reason.strip(), to=definition.label)
        audit.record(
            "flow.replace", by=by, obj_type="process", obj_id=subject, jurisdiction=row.jurisdiction,
            after={"process": definition.label}, reason=reason.strip(),
        )  # fmt: skip
        write_back(row, run, by, now)
    return row


def _pass(run: Run, step: Done) -> None:
    if step.message:
        if run.catch(step.element, step.data):
            return
    else:
        token = next((t for t in run.ready() if t.element.id == step.element), None)
        if token is not None and step.outcome in token.element.outcomes:
            run.complete(token.id, step.outcome, step.data)
            return
    raise Refused("两个流程的环节不一致,已办的环节不能沿用。请撤回后重新申请。")
