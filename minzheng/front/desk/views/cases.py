"""Case pages: the file of one case, acting on its task, search, printed sheets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import flow
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.data import registry
from minzheng.base.identity.pages import staff
from minzheng.front.desk.forms import HandOverForm, OpinionForm, RevealForm
from minzheng.office.cases.actions import do_hand_over
from minzheng.office.cases.acts import days_left, do_act, task_form_for
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import STATES, Case, CaseMember
from minzheng.office.cases.timeline import timeline
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import CHANNELS

PAGE = 20


def my_task(case: Case, officer: Officer) -> Any:
    """The open task of the case that the acting post may do, if any."""
    for task in flow.open_tasks(case.code):
        if task.office == officer.jurisdiction and task.role == officer.role and task.assignee in (
                None, officer.account_id):
            return task
    return None


def _page(request: HttpRequest, case: Case, *, opinion: OpinionForm | None = None, form: Any = None,
          status: int = 200) -> HttpResponse:
    officer = request.officer
    matter = matter_of(case.matter, case.matter_version)
    open_tasks = flow.open_tasks(case.code)
    task = my_task(case, officer)
    spec = task_form_for(case, task.key) if task else None
    if spec and opinion is None:
        opinion = OpinionForm(outcomes=spec.outcomes)
    if spec and spec.form and form is None:
        form = spec.form(initial=spec.prepare(case=case, by=officer).get("initial") if spec.prepare else None)
    diagram = flow.diagram(case.code)
    context = {
        "case": case, "matter": matter, "channel": CHANNELS[case.channel], "left": days_left(case.due_at),
        "steps": [vars(step) for step in flow.steps(case.code)], "open_tasks": open_tasks, "task": task, "spec": spec,
        "opinion": opinion, "form": form,
        "extra": spec.prepare(case=case, by=officer) if spec and spec.prepare else {},
        "panels": matter.panels(case=case, by=officer) if matter.panels else [],
        "members": CaseMember.objects.filter(case_id=case.pk).order_by("id"),
        "events": [{"title": e.title, "who": e.actor, "text": e.text, "at": e.at, "state": "done"}
                   for e in timeline(case)],
        "done_ids": diagram.done, "current_ids": diagram.current, "hand_over": HandOverForm(),
        "place": full_name(case.jurisdiction),
    }
    return render(request, "desk/case.html", context, status=status)


@require_GET
@staff()
def case(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, get_case_for(request.officer, code))


@require_POST
@staff()
def act(request: HttpRequest, code: str, task_id: int) -> HttpResponse:
    """Completes the officer's task. Errors of the form come back on the same page; nothing has been written then."""
    case = get_case_for(request.officer, code, lock=True)
    task = flow.get_task_for(request.officer, task_id)
    spec = task_form_for(case, task.key)
    opinion = OpinionForm(request.POST, outcomes=spec.outcomes)
    form = spec.form(request.POST, request.FILES) if spec.form else None
    valid = opinion.is_valid() & (form is None or form.is_valid() or not form.has_changed()
                                  and opinion.data.get("outcome") in spec.comment_required)
    if not valid:
        return _page(request, case, opinion=opinion, form=form, status=422)
    try:
        do_act(code, task_id, by=request.officer, outcome=opinion.cleaned_data["outcome"],
               comment=opinion.cleaned_data["comment"], data=form.cleaned_data if form else {}, files=request.FILES,
               case_version=opinion.cleaned_data["case_version"], task_version=opinion.cleaned_data["task_version"])
    except Stale:
        raise
    except Refused as refusal:
        if refusal.status != 422:
            raise
        target = form if form is not None and refusal.field in form.fields else opinion
        target.add_error(refusal.field if refusal.field in target.fields else None, refusal.reason)
        return _page(request, case, opinion=opinion, form=form, status=422)
    messages.success(request, f"“{task.title}”已办完。")
    return redirect("desk:tasks")


@require_GET
@staff()
def diagram(request: HttpRequest, code: str) -> HttpResponse:
    """The process as BPMN, under the version that the case runs."""
    get_case_for(request.officer, code, sensitive=False)
    return HttpResponse(flow.diagram(code).xml, content_type="application/xml; charset=utf-8")


@require_http_methods(["GET", "POST"])
@staff()
def reveal(request: HttpRequest, code: str, person: int) -> HttpResponse:
    """Clear text of a member's ID number and phone: asks why, leaves a record that the citizen sees."""
    case = get_case_for(request.officer, code, sensitive=False)
    if not CaseMember.objects.filter(case_id=case.pk, person=person).exists():
        raise Refused("这个人不在这个办件里,不能从这里查看。")
    form = RevealForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = {title: registry.reveal(request.officer, person, name, f"办件 {code}:{form.cleaned_data['reason']}")
                 for name, title in (("id_number", "身份证号"), ("phone", "手机号"))}
    status = 422 if request.method == "POST" and not form.is_valid() else 200
    return render(request, "desk/reveal.html", {"case": case, "form": form, "found": found}, status=status)


@require_POST
@staff()
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    form = HandOverForm(request.POST)
    if not form.is_valid():
        raise Refused("请填写接收地的区划代码和移交原因。")
    data = form.cleaned_data
    do_hand_over(code, data["target"], by=request.officer, reason=data["reason"], version=data["version"])
    messages.success(request, f"办件 {code} 已移交。")
    return redirect("desk:tasks")


@require_GET
@staff()
def cases(request: HttpRequest) -> HttpResponse:
    """All cases of the acting post's range, newest first, by keyset."""
    found = Case.objects.all()
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state:
        if state not in STATES:
            raise Refused("没有这种状态,请重新选择。")
        found = found.filter(state=state)
    if "*" not in request.officer.scenes:
        found = found.filter(scene__in=request.officer.scenes)
    if before:
        if not before.isdigit():
            raise Refused("翻页位置无效,请从第一页重新查看。")
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "rows": [row_of(c) for c in rows], "states": STATES.items(), "state": state,
        "next": "?" + urlencode({"state": state, "before": rows[-1].pk}) if more else "",
        "prev": "?" + urlencode({"state": state}) if before else "",
    }
    return render(request, "desk/cases.html", context)


def row_of(case: Case) -> dict[str, Any]:
    return {"case": case, "matter": matter_of(case.matter, case.matter_version).name, "left": days_left(case.due_at),
            "name": mask_name(case.applicant_name), "place": full_name(case.jurisdiction, start=3),
            "channel": CHANNELS[case.channel]}


@require_GET
@staff()
def search(request: HttpRequest) -> HttpResponse:
    """Global search: a case number, an ID number or a name. Nothing is listed without words."""
    words = request.GET.get("q", "").strip()
    if words.isdigit() and Case.objects.filter(code=words).exists():
        return redirect("desk:case", words)
    people = registry.search(request.officer, words) if len(words) >= 2 else []
    found = Case.objects.filter(applicant__in=[p.id for p in people]).order_by("-id")[:PAGE] if people else []
    context = {"words": words, "people": people, "rows": [row_of(c) for c in found], "search_text": words}
    return render(request, "desk/search.html", context)


@require_GET
@staff()
def sheet(request: HttpRequest, code: str, sheet: str) -> HttpResponse:
    """A4 sheets: 受理单 and 审批表."""
    case = get_case_for(request.officer, code)
    titles = {"receipt": "受理通知单", "approval": "审核确认表"}
    if sheet not in titles:
        raise Refused("没有这种单据。")
    matter = matter_of(case.matter, case.matter_version)
    context = {"case": case, "matter": matter, "title": titles[sheet], "sheet": sheet, "place": full_name(case.jurisdiction),
               "members": CaseMember.objects.filter(case_id=case.pk).order_by("id"), "channel": CHANNELS[case.channel],
               "panels": matter.panels(case=case, by=request.officer) if matter.panels and sheet == "approval" else [],
               "events": timeline(case), "back": reverse("desk:case", args=[code])}
    return render(request, "desk/sheet.html", context)
