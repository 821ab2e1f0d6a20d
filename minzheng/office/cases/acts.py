"""Finishing a task of a case: the scene's part, the case's timeline and the process move in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from minzheng.base import clock, flow, workdays
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.office.cases.actions import touch
from minzheng.office.cases.doors import check_version, get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import TaskForm


def task_form_for(case: Case, key: str) -> TaskForm:
    """The form of a task under the case's own version of its matter. Refused when the matter has none."""
    try:
        return matter_of(case.matter, case.matter_version).task_form(key)
    except KeyError:
        raise Refused("这个环节没有对应的办理表单,请联系系统管理员。") from None


def do_act(code: str, task_id: int, *, by: Officer, outcome: str, comment: str, data: Mapping[str, Any],
           files: Mapping[str, Any], case_version: int, task_version: int) -> Case:
    """Completes the task for the officer, claiming it first when it is free. Stale pages and wrong posts are refused."""
    case = get_case_for(by, code, lock=True)
    check_version(case, case_version)
    task = flow.get_task_for(by, task_id)
    if task.subject != case.code:
        raise Refused("这个任务不属于这个办件,请返回待办列表重新打开。")
    if task.status == "ready":
        flow.check_claim(task, by)
        task = flow.claim(task, by=by)
        task_version += 1
    form = task_form_for(case, task.key)
    if outcome not in form.outcomes:
        raise Refused("请选择办理结果。", field="outcome")
    if outcome in form.comment_required and not comment.strip():
        raise Refused("选择这个结果需要写明理由。", field="comment")
    flow.check_complete(task, outcome, by=by, version=task_version)
    known = form.complete(case=case, task=task, outcome=outcome, data=data, files=files, comment=comment.strip(), by=by)
    note(case, f"task.{task.key}", f"{task.title}:{form.outcomes[outcome]}", by=by, text=comment.strip(), public=False)
    flow.complete(task, by=by, outcome=outcome, comment=comment, data=known or {}, version=task_version)
    follow_clock(case)
    return case


def follow_clock(case: Case) -> None:
    """Keeps the case's own due time, which lists sort by, equal to that of the process's whole-case clock; where the law
    limits only the stages, to that of the stage."""
    total = flow.clock_of(case.code, "total") or flow.running_clock(case.code)
    if total is not None and total.due_at != case.due_at:
        touch(case, due_at=total.due_at)


def days_left(due: dt.datetime | None) -> int | None:
    """Working days until the limit, negative when past; None when there is none or its year has no calendar yet."""
    if due is None:
        return None
    try:
        return workdays.between(clock.today(), due.astimezone(clock.SHANGHAI).date())
    except Refused:
        return None
