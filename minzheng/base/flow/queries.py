"""Read models: worklists by keyset, history, diagram state and step bar."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from minzheng.base import clock as house_clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Officer

from . import registry
from .bpmn.definition import Definition
from .bpmn.engine import Run
from .models import OPEN, UNFINISHED, CoSign, Process, Task, TaskEvent
from .running import definition_of, engine_scope, place_of

PAGE = 20
LARGEST_PAGE = 100
CAP = 999
TABS = {
    "claimable": "待签收",
    "mine": "我在办",
    "office": "本单位",
    "cosign": "待会签",
    "area": "辖区",
    "done": "我办过",
}
LAMPS = ("red", "yellow", "green")
FILTERS = ("lamp", "key", "title", "subject", "role")


@dataclass(frozen=True)
class Page:
    """One page of a worklist; `cursor` leads to the next one and is empty on the last."""

    items: list[Task]
    cursor: str


@dataclass(frozen=True)
class Diagram:
    """For the BPMN viewer: the file, and which elements are passed and which are at work."""

    xml: str
    done: list[str]
    current: list[str]


@dataclass(frozen=True)
class Step:
    """One station of the step bar; state: done, current or todo."""

    title: str
    state: str


def _tab(by: Officer, tab: str) -> QuerySet[Task]:
    rows = Task.objects.all()
    office = Q(office=by.jurisdiction, role=by.role)
    if tab == "claimable":
        rows = rows.filter(office, status__in=OPEN, assignee=None)
    elif tab == "mine":
        rows = rows.filter(office, status="claimed", assignee=by.account_id, assignee_for=by.covers)
    elif tab == "office":
        rows = rows.filter(office, status__in=OPEN)
    elif tab == "cosign":
        asked = CoSign.objects.filter(account=by.account_id, role=by.role, signed_at=None).values("task")
        rows = rows.filter(pk__in=asked, status="claimed")
    elif tab == "area":
        low, high = by.range
        rows = rows.filter(jurisdiction__gte=low, jurisdiction__lt=high, status__in=UNFINISHED)
    elif tab == "done":
        rows = rows.filter(completed_by=by.account_id, status="done")
    else:
        raise Refused("没有这个任务列表。")
    return rows if "*" in by.scenes else rows.filter(scene__in=["", *by.scenes])


def _filtered(rows: QuerySet[Task], filters: Mapping[str, str], now: dt.datetime) -> QuerySet[Task]:
    for name, value in filters.items():
        if name not in FILTERS or not value:
            raise Refused("没有这个筛选条件。")
        if name == "lamp":
            lamps = {
                "red": Q(due_at__lt=now),
                "yellow": Q(due_at__gte=now, warn_at__lte=now),
                "green": Q(warn_at__gt=now),
            }
            if value not in lamps:
                raise Refused("没有这种灯色。")
            rows = rows.filter(lamps[value], status__in=OPEN)
        else:
            rows = rows.filter(**{name: value})
    return rows


def worklist(
    by: Officer, tab: str, *, filters: Mapping[str, str] | None = None, cursor: str = "", size: int = PAGE
) -> Page:
    """Tasks of the acting post, most urgent first (`done`: latest first). One query. Unknown tab, filter or cursor:
    Refused. Tabs: claimable, mine, office, cosign, area (whole range, for supervision), done."""
    rows = _filtered(_tab(by, tab), filters or {}, house_clock.now())
    size = max(1, min(size, LARGEST_PAGE))
    column, sign = ("completed_at", "-") if tab == "done" else ("due_at", "")
    if cursor:
        moment, pk = _read_cursor(cursor)
        side = "lt" if sign else "gt"
        rows = rows.filter(Q(**{f"{column}__{side}": moment}) | Q(**{column: moment, f"id__{side}": pk}))
        rows = rows.filter(**{f"{column}__{side}e": moment})  # lets the index start at the cursor
    found = list(rows.order_by(f"{sign}{column}", f"{sign}id")[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Page(found[:size], _write_cursor(getattr(last, column), last.pk) if last else "")


def lamp_counts(
    by: Officer, tab: str = "office", *, filters: Mapping[str, str] | None = None, lamps: Sequence[str] = LAMPS
) -> dict[str, int]:
    """How many tasks of a tab by lamp, each counted up to CAP + 1 (shown as 999+). One query of short index scans."""
    now = house_clock.now()
    base = _filtered(_tab(by, tab), filters or {}, now)
    scans = [_filtered(base, {"lamp": lamp}, now).order_by()[: CAP + 1].values("pk").query.sql_with_params() for lamp in lamps]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"(SELECT count(*) FROM ({sql}) s)" for sql, _ in scans),  # noqa: S608 (made by Django)
            [value for _, values in scans for value in values],
        )
        return dict(zip(lamps, cursor.fetchone(), strict=True))


def _write_cursor(moment: dt.datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), pk]).encode()).decode()


def _read_cursor(text: str) -> tuple[dt.datetime, int]:
    try:
        moment, pk = json.loads(base64.urlsafe_b64decode(text.encode()))
        return dt.datetime.fromisoformat(moment), int(pk)
    except (ValueError, TypeError) as error:
        raise Refused("翻页位置无效,请从第一页重新查看。") from error


def open_tasks(subject: str) -> list[Task]:
    """Unfinished tasks of a subject, notices included."""
    return list(Task.objects.select_related("process").filter(subject=subject, status__in=UNFINISHED).order_by("id"))


def history(subject: str) -> list[TaskEvent]:
    """All that was done, in order."""
    return list(TaskEvent.objects.filter(subject=subject).select_related("task").order_by("id"))


def _process(subject: str) -> Process:
    process = Process.objects.filter(subject=subject).first()
    if process is None:
        raise NotFound("没有找到这个办件的流程。")
    return process


def _nothing(*args: Any) -> None:
    raise RuntimeError("a process is not stepped while it is read")


def diagram(subject: str) -> Diagram:
    """The subject's diagram under its own version, with where it stands. NotFound outside the scope."""
    return picture(subject)[0]


def picture(subject: str) -> tuple[Diagram, list[Step]]:
    """Diagram and step bar of the subject, read once. NotFound outside the scope."""
    process = _process(subject)
    definition = definition_of(process)
    run = Run.load(definition, bytes(process.state), _nothing)
    current = run.current() if process.status in ("active", "suspended") else set()
    shown = Diagram(definition.source.decode(), sorted(run.done() - current), sorted(current))
    return shown, _steps(definition, run, current)


def steps(subject: str) -> list[Step]:
    """The step bar, from the elements that carry a step. A citizen's right to the subject the caller has checked."""
    with engine_scope(place_of(subject)):
        process = _process(subject)
        definition = definition_of(process)
    run = Run.load(definition, bytes(process.state), _nothing)
    return _steps(definition, run, run.current() if process.status in ("active", "suspended") else set())


def _steps(definition: Definition, run: Run, current: set[str]) -> list[Step]:
    at_work = {definition.elements[i].step for i in current}
    passed = {definition.elements[i].step for i in run.done()}
    found = []
    for title in definition.steps:
        later = title not in passed
        state = "current" if title in at_work else "todo" if later else "done"
        found.append(Step(title, state))
    return found


def task_keys(process: str, version: int) -> list[str]:
    """Keys of the user tasks of a registered definition; LookupError when there is none."""
    return [e.id for e in registry.definition_of(process, version).of_kind("user")]


def task_titles(process: str, version: int | None) -> dict[str, str]:
    """Key and Chinese title of each user task of a registered definition (None: of its newest version); LookupError when
    there is none."""
    return {e.id: e.name for e in registry.definition_of(process, version).of_kind("user")}


def signers_of(task: Task) -> list[str]:
    """Names of those who have co-signed the task, in the order they were asked."""
    return list(CoSign.objects.filter(task=task, signed_at__isnull=False).order_by("id").values_list("name", flat=True))


def cosigns_of(task: Task) -> list[CoSign]:
    """All co-signatures asked for on the task, signed or not."""
    return list(CoSign.objects.filter(task=task).order_by("id"))
