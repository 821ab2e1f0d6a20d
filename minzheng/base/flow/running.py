"""A process between database and engine: load under a row lock, step, write back tasks, timers and clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from minzheng.base import events, scope
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import office_of, range_of

from . import clocks, registry
from .bpmn import expressions
from .bpmn.definition import Definition, Element, parse
from .bpmn.engine import Run
from .limits import reckon
from .models import UNFINISHED, Process, ProcessDefinition, Task, TaskEvent, Timer


@contextmanager
def engine_scope(jurisdiction: str) -> Iterator[None]:
    """Officers and jobs step a process in their own scope. For a citizen, whose right to the subject the caller has
    checked, the engine acts within the case's own place and no wider."""
    held = scope.require()
    with transaction.atomic():
        if held.role != "citizen":
            yield
            return
        low, high = range_of(jurisdiction)
        with scope.acting(scope.Scope("officer", low, high, account=held.account)):
            yield


def place_of(subject: str) -> str:
    """Jurisdiction of a subject's process, as far as the acting person may know it. NotFound otherwise."""
    if scope.require().role == "citizen":
        with connection.cursor() as cursor:
            cursor.execute("select flow_place(%s)", [subject])
            (found,) = cursor.fetchone()
    else:
        found = Process.objects.filter(subject=subject).values_list("jurisdiction", flat=True).first()
    if not found:
        raise NotFound("没有找到这个办件的流程。")
    return str(found)


@lru_cache(maxsize=256)
def _stored(definition_id: int) -> Definition:
    row = ProcessDefinition.objects.get(pk=definition_id)
    return parse(row.code, row.version, bytes(row.source))


def definition_of(process: Process) -> Definition:
    """The definition that the process began with, from the database."""
    return _stored(process.definition_id)


def lock(subject: str) -> Process:
    """The subject's process, locked until the transaction ends."""
    process = Process.objects.select_for_update().filter(subject=subject).first()
    if process is None:
        raise NotFound("没有找到这个办件的流程。")
    return process


def must_be_active(process: Process) -> None:
    if process.status == "suspended":
        raise Refused("这个办件已中止办理,恢复后才能继续。")
    if process.status != "active":
        raise Refused("这个办件的流程已经结束。")


def serving(process: Process, by: Actor, now: dt.datetime) -> Any:
    """How the engine runs the service tasks of this process."""
    def call(element: Element, variables: dict[str, Any]) -> Mapping[str, Any] | None:
        if element.handler.startswith("clock."):
            _clock_handler(process, element, now)
            return None
        return registry.handler_of(element.handler)(
            registry.Call(process.subject, process.jurisdiction, element.id, dict(variables), by, now)
        )

    return call


def _clock_handler(process: Process, element: Element, now: dt.datetime) -> None:
    if element.handler == "clock.stop":
        clocks.stop_clocks(process.subject, names=(element.clock,), now=now)
        return
    assert element.limit is not None
    amount = registry.amount_of(element.limit, process.jurisdiction, now.date())
    unit, parameter = element.limit.unit, element.limit.parameter
    if element.handler == "clock.start":
        clocks.start_clock(
            process.subject,
            element.clock,
            amount,
            unit,
            jurisdiction=process.jurisdiction,
            now=now,
            parameter=parameter,
        )
    else:
        clocks.limit_clock(process.subject, element.clock, amount, unit, parameter=parameter)


@contextmanager
def stepping(process: Process, by: Actor, now: dt.datetime) -> Iterator[Run]:
    """Load the locked process, let the caller step it, then write everything back."""
    run = Run.load(definition_of(process), bytes(process.state), serving(process, by, now))
    try:
        yield run
    except expressions.BadExpression as error:
        raise Refused(f"流程数据不全,不能继续:{error}。请联系管理员。") from error
    write_back(process, run, by, now)


def begin(process: Process, variables: Mapping[str, Any], by: Actor, now: dt.datetime) -> None:
    """First steps of a new process whose row exists."""
    try:
        run = Run.start(definition_of(process), variables, serving(process, by, now))
    except expressions.BadExpression as error:
        raise Refused(f"流程数据不全,不能开始:{error}。请联系管理员。") from error
    write_back(process, run, by, now)


def log(
    process: Process, task: Task | None, verb: str, by: Actor, now: dt.datetime, text: str = "", **data: Any
) -> None:
    """One line in the subject's history."""
    TaskEvent.objects.create(
        process=process, task=task, subject=process.subject, jurisdiction=process.jurisdiction, verb=verb,
        account=by.account_id or None, name=by.name[:64], role=getattr(by, "role", ""), at=now, text=text, data=data,
    )  # fmt: skip


def write_back(process: Process, run: Run, by: Actor, now: dt.datetime) -> None:
    """Bring tasks, timers and clocks to where the engine stands, save its state, tell others."""
    opened, closed = _tasks(process, run, by, now)
    _timers(process, run, now)
    _clocks(process, run, now)
    process.state = run.save()
    process.version += 1
    if run.ended:
        process.status, process.ended_at = "ended", now
        clocks.stop_clocks(process.subject, now=now)
    process.save(update_fields=["state", "version", "status", "ended_at"])
    events.emit(
        "flow.moved",
        aggregate=process.subject,
        jurisdiction=process.jurisdiction,
        payload={"subject": process.subject, "opened": opened, "closed": closed, "status": process.status},
    )


def _tasks(process: Process, run: Run, by: Actor, now: dt.datetime) -> tuple[list[str], list[str]]:
    held = {t.token: t for t in Task.objects.filter(process=process, status__in=UNFINISHED, kind="task")}
    ready = {token.id: token.element for token in run.ready()}
    opened, closed = [], []
    for token, task in held.items():
        if token not in ready:
            Task.objects.filter(pk=task.pk).update(status="cancelled", version=task.version + 1, completed_at=now)
            log(process, task, "cancelled", by, now)
            closed.append(task.key)
    for token, element in ready.items():
        if token not in held:
            new_task(process, token, element, now).save()
            opened.append(element.id)
    return opened, closed


def new_task(process: Process, token: Any, element: Element, now: dt.datetime) -> Task:
    """An unsaved task with its office and limit. Refused when the place is not detailed enough for the element's level."""
    assert element.limit is not None
    try:
        office = office_of(process.jurisdiction, element.level)
    except ValueError as error:
        raise Refused(f"办件所在地没有具体到办理“{element.name}”所需的层级,请先补全所在地。") from error
    task = Task(
        process=process, subject=process.subject, jurisdiction=process.jurisdiction, level=element.level, office=office,
        role=element.role, scene=process.scene, matter=definition_of(process).code, token=token, key=element.id, title=element.name, started_at=now,
        limit_amount=registry.amount_of(element.limit, process.jurisdiction, now.date()),
        limit_unit=element.limit.unit, limit_parameter=element.limit.parameter,
    )  # fmt: skip
    reckon(task)
    return task


def _timers(process: Process, run: Run, now: dt.datetime) -> None:
    waiting = {t.id: t.element for t in run.waiting() if t.element.event == "timer"}
    held = {t.token: t for t in Timer.objects.filter(process=process, fired_at=None, cancelled_at=None)}
    gone = [t.pk for token, t in held.items() if token not in waiting]
    if gone:
        Timer.objects.filter(pk__in=gone).update(cancelled_at=now)
    for token, element in waiting.items():
        if token in held:
            continue
        assert element.limit is not None
        amount = registry.amount_of(element.limit, process.jurisdiction, now.date())
        timer = Timer(
            process=process, jurisdiction=process.jurisdiction, token=token, element=element.id, started_at=now,
            limit_amount=amount, limit_unit=element.limit.unit, limit_parameter=element.limit.parameter,
        )  # fmt: skip
        reckon(timer)
        timer.save()


def _clocks(process: Process, run: Run, now: dt.datetime) -> None:
    waiting = {t.element.id: t.element for t in (*run.waiting(), *run.ready())}
    pausing = [e for e in run.definition.elements.values() if e.pauses]
    for element in pausing:
        if element.id in waiting:
            clocks.pause_clocks(
                process.subject, reason=element.name, names=element.pauses, by_element=element.id, now=now
            )
        else:
            clocks.resume_clocks(process.subject, names=element.pauses, by_element=element.id, now=now)
