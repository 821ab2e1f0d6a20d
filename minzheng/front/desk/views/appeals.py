"""对决定的异议 for officers: registering one for the person at the window, answering it in writing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from minzheng.base import flow
from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.front.desk.case_forms import AppealAnswerForm, AppealForm
from minzheng.front.desk.money_forms import attempt
from minzheng.front.desk.views.deciding import remedy_of
from minzheng.office.cases.actions import WINDOW
from minzheng.office.cases.acts import days_left
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions import objecting


def why_not_register(case: Case, by: Officer) -> str:
    if case.state not in ("decided", "closed"):
        return "还没有作出决定。"
    if by.role not in WINDOW or not by.reaches(case.jurisdiction):
        return "由村级协理员、乡镇经办或县级经办登记。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def appeal_new(request: HttpRequest, code: str) -> HttpResponse:
    """The person has come to the window, or has written."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    form = AppealForm(request.POST or None, decisions=objecting.objectionable(case), initial={"version": case.version})
    why = why_not_register(case, officer)
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: objecting.do_object_to_decision(code, by=officer, **form.cleaned_data)):
        messages.success(request, "已登记。由没有作出这个决定的县级负责人复核,书面答复当事人。")
        return redirect("desk:case", code)
    return render(request, "desk/appeal_new.html", {"case": case, "form": form, "why": why},
                  status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff()
def appeal(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One page for who answers and for who supervises; it says who is missing before anybody waits in vain."""
    officer = request.officer
    case, row = objecting.get_objection_for(officer, code, number)
    tasks = flow.open_tasks(objecting.subject_of(code, number))
    task = next((t for t in tasks if t.kind == "task"), None)
    why = objecting.why_not_answer(case, row, officer)
    if not why and task is not None and task.assignee not in (None, officer.account_id):
        why = f"这个任务由{task.assignee_name}办理。"
    form = AppealAnswerForm(request.POST or None, revoked=row.decision.revoked_at is not None, initial={
        "legal_basis": row.decision.legal_basis, "remedy": remedy_of(case), "version": task.version if task else 0})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: objecting.do_answer_objection(
                code, number, by=officer, outcome=data["outcome"], answer=data["answer"], version=data["version"],
                legal_basis=data["legal_basis"].splitlines(), remedy=data["remedy"])):
            messages.success(request, "已答复。当事人可以在“我的办件”中查看答复书。")
            return redirect("desk:case", code)
    leaders = [] if row.answered_at else objecting.others_who_can_answer(case, row)
    context = {"case": case, "row": row, "form": form, "why": why, "task": task, "leaders": leaders,
               "left": days_left(task.due_at) if task else None, "reminder": _reminder(tasks, officer),
               "may_pass": task is not None and task.role == officer.role and task.office == officer.jurisdiction}
    return render(request, "desk/appeal.html", context, status=422 if request.method == "POST" else 200)


def _reminder(tasks: list[Any], by: Officer) -> Any:
    """督办 of an overdue answer that waits for this post."""
    return next((t for t in tasks if t.kind == "notice" and t.role == by.role and t.office == by.jurisdiction), None)


@require_POST
@staff()
def reminded(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The supervising post has seen to it."""
    objecting.get_objection_for(request.officer, code, number)
    task = _reminder(flow.open_tasks(objecting.subject_of(code, number)), request.officer)
    if task is None:
        raise NotFound("没有等您办理的督办任务。")
    if task.status == "ready":
        task = flow.claim(task, by=request.officer)
    flow.complete(task, by=request.officer, outcome="seen", version=task.version, comment="已督办")
    messages.success(request, "已登记督办。")
    return redirect("desk:tasks")
