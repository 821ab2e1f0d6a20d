"""Tables of the workflow room. `jurisdiction` is always the case's; `office` is who must act on a task."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from minzheng.base import clock as house_clock
from minzheng.base.scope.fields import JurisdictionField, validate_code
from minzheng.base.workdays import Pause

OPEN = ("ready", "claimed")
UNFINISHED = ("ready", "claimed", "suspended")
TASK_STATES = {"ready": "待签收", "claimed": "办理中", "suspended": "已中止", "done": "已办结", "cancelled": "已取消"}
LAMPS = {"green": "正常", "yellow": "临期", "red": "超期", "grey": "暂停或办结"}


class Place(JurisdictionField):
    """The case's jurisdiction on rows that other indexes lead to: an index of its own would draw the planner away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_index", False)
        super().__init__(*args, **kwargs)


def lamp_of(running: bool, warn_at: dt.datetime, due_at: dt.datetime, now: dt.datetime) -> str:
    """green, yellow (临期), red (超期), or grey when the limit does not run."""
    if not running:
        return "grey"
    return "red" if now > due_at else "yellow" if now >= warn_at else "green"


class ProcessDefinition(models.Model):
    """A version of a BPMN file. Rows in use are never changed: a process ends under the version it began with."""

    code = models.TextField()
    version = models.PositiveIntegerField()
    name = models.TextField()
    sha = models.TextField()
    source = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "flow_definition"
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "version"], name="flow_definition_version")]


class Process(models.Model):
    """One running process. `state` is its compressed token tree; `version` counts the writes to it."""

    subject = models.TextField(unique=True)
    jurisdiction = JurisdictionField()
    definition = models.ForeignKey(ProcessDefinition, on_delete=models.PROTECT, related_name="+")
    scene = models.TextField(default="")
    status = models.CharField(max_length=16, default="active")  # active suspended ended cancelled
    state = models.BinaryField()
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flow_process"


class Limited(models.Model):
    """A time limit that may stand still: `pauses` holds closed spans, `paused_at` the open one."""

    started_at = models.DateTimeField()
    limit_amount = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=8)
    limit_parameter = models.TextField(default="")
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    pauses = models.JSONField(default=list)
    paused_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def spans(self) -> list[Pause]:
        return [Pause(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b in self.pauses]


class Task(Limited):
    """A task of a person. kind: task, or notice (督办) about another task. `version` guards against stale pages.
    `assignee_for` and `completed_for`: the account on leave for whom it was taken or done (代岗)."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="tasks")
    subject = models.TextField()
    jurisdiction = Place()
    level = models.PositiveSmallIntegerField()
    office = models.TextField(validators=[validate_code])
    role = models.CharField(max_length=32)
    scene = models.TextField(default="")
    kind = models.CharField(max_length=8, default="task")
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="notices")
    token = models.UUIDField(null=True)
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=64)
    status = models.CharField(max_length=16, default="ready", choices=list(TASK_STATES.items()))
    version = models.PositiveIntegerField(default=1)
    assignee = models.BigIntegerField(null=True)
    assignee_name = models.CharField(max_length=64, default="")
    assignee_for = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, default="")
    comment = models.TextField(default="")
    completed_by = models.BigIntegerField(null=True)
    completed_for = models.BigIntegerField(null=True)
    completed_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    # For figures by office: which process, and the whole working days that the task took (standstill left out).
    matter = models.CharField(max_length=64, default="", db_default="")
    worked_days = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "flow_task"
        indexes: ClassVar = [
            models.Index(
                fields=["office", "role", "due_at", "id"], name="flow_task_office", condition=Q(status__in=OPEN)
            ),
            models.Index(fields=["assignee", "due_at", "id"], name="flow_task_mine", condition=Q(status="claimed")),
            models.Index(
                fields=["jurisdiction", "due_at", "id"], name="flow_task_area", condition=Q(status__in=UNFINISHED)
            ),
            models.Index(
                fields=["completed_by", "-completed_at", "-id"], name="flow_task_done", condition=Q(status="done")
            ),
            models.Index(
                fields=["due_at"], name="flow_task_overdue", condition=Q(status__in=OPEN, escalated_at__isnull=True)
            ),
            models.Index(fields=["subject", "id"], name="flow_task_subject"),
            models.Index(
                fields=["completed_at", "jurisdiction"], name="flow_task_worked", condition=Q(status="done", kind="task"),
                include=["office", "role", "matter", "key", "scene", "worked_days", "due_at"],
            ),
            models.Index(
                fields=["started_at", "jurisdiction"], name="flow_task_received", condition=Q(kind="task"),
                include=["office", "role", "matter", "scene"],
            ),
            models.Index(
                fields=["jurisdiction", "due_at"], name="flow_task_waiting", condition=Q(status__in=OPEN, kind="task"),
                include=["office", "role", "matter", "key", "scene"],
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about", "level"], name="flow_task_one_notice"),
            models.UniqueConstraint(
                fields=["process", "token"], name="flow_task_one_per_token", condition=Q(status__in=UNFINISHED)
            ),
        ]

    @property
    def name(self) -> str:
        return self.title

    @property
    def status_title(self) -> str:
        return TASK_STATES[self.status]

    @property
    def lamp(self) -> str:
        return lamp_of(self.status in OPEN, self.warn_at, self.due_at, house_clock.now())


class TaskEvent(models.Model):
    """What was done with a task, by whom: append-only."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="events")
    subject = models.TextField()
    jurisdiction = Place()
    verb = models.CharField(max_length=16)
    account = models.BigIntegerField(null=True)
    name = models.CharField(max_length=64, default="")
    role = models.CharField(max_length=32, default="")
    at = models.DateTimeField()
    text = models.TextField(default="")
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "flow_task_event"
        indexes: ClassVar = [models.Index(fields=["subject", "id"], name="flow_event_subject")]


class CoSign(models.Model):
    """A further signature asked for on a task (会签)."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="cosigns")
    jurisdiction = Place()
    account = models.BigIntegerField()
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    comment = models.TextField(default="")

    class Meta:
        db_table = "flow_cosign"
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "account"], name="flow_cosign_once")]
        indexes: ClassVar = [
            models.Index(fields=["account"], name="flow_cosign_open", condition=Q(signed_at__isnull=True)),
        ]


class Clock(Limited):
    """A named clock of a subject, e.g. the whole case's. `paused_by` is the element that paused it, or empty."""

    subject = models.TextField()
    jurisdiction = Place()
    name = models.CharField(max_length=32)
    paused_by = models.CharField(max_length=64, default="")
    pause_reason = models.TextField(default="")
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flow_clock"
        constraints: ClassVar = [models.UniqueConstraint(fields=["subject", "name"], name="flow_clock_name")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="flow_clock_due", condition=Q(stopped_at__isnull=True)),
        ]

    @property
    def running(self) -> bool:
        return self.stopped_at is None and self.paused_at is None

    @property
    def lamp(self) -> str:
        return lamp_of(self.running, self.warn_at, self.due_at, house_clock.now())


class Timer(Limited):
    """A time event that a process waits for. The engine reads no clock; the sweep finds due timers here."""

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="timers")
    jurisdiction = Place()
    token = models.UUIDField()
    element = models.CharField(max_length=64)
    fired_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(default="")

    class Meta:
        db_table = "flow_timer"
        constraints: ClassVar = [models.UniqueConstraint(fields=["process", "token"], name="flow_timer_token")]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="flow_timer_due",
                condition=Q(fired_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]


def touch(task: Task, version: int, **changes: Any) -> bool:
    """Write changes to a task if nobody has written since `version`; False otherwise."""
    done = Task.objects.filter(pk=task.pk, version=version).update(version=version + 1, **changes)
    if done:
        task.version = version + 1
        for name, value in changes.items():
            setattr(task, name, value)
    return bool(done)
