"""Verbs on whole processes: suspend, resume, cancel, move."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from minzheng.base import audit, events
from minzheng.base import clock as house_clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import check_code

from . import clocks
from .limits import pause
from .limits import resume as run_again
from .models import OPEN, UNFINISHED, Process, Task, Timer
from .running import engine_scope, lock, log, must_be_active, place_of

TIMES = ["status", "version", "due_at", "warn_at", "provisional", "pauses", "paused_at"]


def suspend(subject: str, *, by: Actor, reason: str) -> Process:
    """Stop all work on the subject: tasks cannot be touched, clocks stand still, timers do not fire."""
    _need(reason)
    with engine_scope(place_of(subject)):
        process, now = lock(subject), house_clock.now()
        must_be_active(process)
        for task in Task.objects.select_for_update().filter(process=process, status__in=OPEN):
            pause(task, now)
            task.status, task.version = "suspended", task.version + 1
            task.save(update_fields=TIMES)
        clocks.pause_clocks(subject, reason=reason, by_element="suspended", now=now)
        _turn(process, "suspended", "suspend", by, now, reason)
    return process


def resume(subject: str, *, by: Actor, reason: str) -> Process:
    """Take up suspended work again; the standstill is left out of every limit."""
    _need(reason)
    with engine_scope(place_of(subject)):
        process, now = lock(subject), house_clock.now()
        if process.status != "suspended":
            raise Refused("这个办件没有中止办理。")
        for task in Task.objects.select_for_update().filter(process=process, status="suspended"):
            run_again(task, now)
            task.status, task.version = "claimed" if task.assignee else "ready", task.version + 1
            task.save(update_fields=TIMES)
        clocks.resume_clocks(subject, by_element="suspended", now=now)
        _turn(process, "active", "resume", by, now, reason)
    return process


def cancel(subject: str, *, by: Actor, reason: str) -> Process:
    """End the process without its remaining steps, e.g. when the applicant withdraws."""
    _need(reason)
    with engine_scope(place_of(subject)):
        process, now = lock(subject), house_clock.now()
        if process.status not in ("active", "suspended"):
            raise Refused("这个办件的流程已经结束。")
        for task in Task.objects.select_for_update().filter(process=process, status__in=UNFINISHED):
            task.status, task.completed_at, task.version = "cancelled", now, task.version + 1
            task.save(update_fields=["status", "completed_at", "version"])
        Timer.objects.filter(process=process, fired_at=None, cancelled_at=None).update(cancelled_at=now)
        clocks.stop_clocks(subject, now=now)
        process.ended_at = now
        _turn(process, "cancelled", "cancel", by, now, reason)
    return process


def move(subject: str, target: str) -> None:
    """Everything of the subject now belongs to another place; open tasks lie unclaimed with its offices of the same
    levels. The caller has checked and audits the hand-over. NotFound when the subject is not ours to give."""
    check_code(target)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select flow_move(%s, %s)", [subject, target])
        if not cursor.fetchone()[0]:
            raise NotFound("没有找到这个办件的流程,或它不在您的辖区。")


def _need(reason: str) -> None:
    if not reason.strip():
        raise Refused("请写明原因。", field="reason")


def _turn(process: Process, status: str, verb: str, by: Actor, now: dt.datetime, reason: str) -> None:
    before, process.status = process.status, status
    process.version += 1
    process.save(update_fields=["status", "version", "ended_at"])
    log(process, None, verb, by, now, reason.strip())
    audit.record(
        f"flow.{verb}", by=by, obj_type="process", obj_id=process.subject, jurisdiction=process.jurisdiction,
        before={"status": before}, after={"status": status}, reason=reason.strip(),
    )  # fmt: skip
    events.emit(
        "flow.moved", aggregate=process.subject, jurisdiction=process.jurisdiction,
        payload={"subject": process.subject, "opened": [], "closed": [], "status": status},
    )  # fmt: skip
