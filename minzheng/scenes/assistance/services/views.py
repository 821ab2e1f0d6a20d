"""Officers' pages of services: assessment, drafting, the plan with its deliveries."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock, files, flow
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.office.cases.acts import days_left
from minzheng.scenes.assistance.aid import carried_out, household_for, living_members
from minzheng.scenes.assistance.aid_pages import ReasonForm, Verb, VersionForm, acted, status_of
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.services import delivering, planning
from minzheng.scenes.assistance.services.forms import AssessForm, DeliverForm, EvaluateOneForm, PlanForm, ReviewPlanForm
from minzheng.scenes.assistance.services.models import STATES, Delivery, NeedsAssessment, PlanItem, ServicePlan

PAGE = 30
COLOURS = {"running": "green", "draft": "orange", "refused": "red"}


@require_GET
@staff(*planning.READERS)
def plans(request: HttpRequest) -> HttpResponse:
    state, before = request.GET.get("state", "running"), request.GET.get("before", "")
    if state not in STATES or (before and not before.isdigit()):
        raise Refused("没有这个筛选条件,请重新选择。")
    found = ServicePlan.objects.filter(state=state)
    if before:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    return render(request, "services/list.html", {
        "rows": [{"row": row, "name": mask_name(row.person_name), "place": full_name(row.jurisdiction, start=4),
                  "colour": COLOURS.get(row.state, "")} for row in rows[:PAGE]],
        "states": STATES.items(), "state": state,
        "next": "?" + urlencode({"state": state, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "prev": "?" + urlencode({"state": state}) if before else ""})


@require_http_methods(["GET", "POST"])
@staff(*planning.PLANNERS)
def assess(request: HttpRequest, household: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    form = AssessForm(request.POST or None, initial={"key": new_key(), "assessed_on": clock.today()})
    made: list[NeedsAssessment] = []
    if request.method == "POST" and form.is_valid() and carried_out(form, lambda: made.append(planning.do_assess(
            home.pk, levels=form.levels, assessed_on=form.cleaned_data["assessed_on"], key=form.cleaned_data["key"],
            case_code=request.GET.get("case", ""), by=officer))):
        messages.success(request, "已登记评估。请接着制定服务计划。")
        return redirect("assistance:draft_plan", home.pk, made[0].pk)
    return render(request, "services/assess.html", {
        "form": form, "home": home, "place": full_name(home.jurisdiction, start=3)}, status=status_of(request))


@require_http_methods(["GET", "POST"])
@staff(*planning.PLANNERS)
def draft(request: HttpRequest, household: int, assessment: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    base = NeedsAssessment.objects.filter(pk=assessment, household_id=home.pk).first()
    if base is None:
        raise NotFound("没有找到这一户的这次评估。")
    needed = [kind for kind, row in json.loads(base.found).items() if row["level"]]
    form = PlanForm(request.POST or None, people=list(living_members(home).values()), kinds=needed,
                    initial={"key": new_key(), "starts_on": clock.today()})
    made: list[ServicePlan] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if carried_out(form, lambda: made.append(planning.do_draft(
                base.pk, person=data["person"], items=form.items, starts_on=data["starts_on"], ends_on=data["ends_on"],
                consent=form.consent, key=data["key"], by=officer))):
            messages.success(request, "已制定计划,请另一位工作人员审核。")
            return redirect("assistance:plan", made[0].number)
    return render(request, "services/draft.html", {
        "form": form, "home": home, "base": base, "place": full_name(home.jurisdiction, start=3)}, status=status_of(request))


@require_http_methods(["GET", "POST"])
@staff(*planning.READERS)
def plan(request: HttpRequest, plan: str) -> HttpResponse:
    officer = request.officer
    row = planning.get_plan_for(officer, plan)
    items = list(row.items.order_by("id"))
    deliveries = list(Delivery.objects.filter(item__in=items).select_related("evaluation", "voucher").order_by("-at", "-id"))
    tasks = flow.open_tasks(row.number) if row.state == "running" else []
    verbs = _verbs(row, items, deliveries, tasks, officer)
    if acted(request, verbs):
        return redirect("assistance:plan", plan)
    task = next((task for task in tasks if task.kind == "task"), None)
    titles = {item.pk: item for item in items}
    used = [(item, sum(d.item_id == item.pk for d in deliveries)) for item in items]
    return render(request, "services/plan.html", {
        "row": row, "items": used, "verbs": verbs, "colour": COLOURS.get(row.state, ""), "task": task,
        "left": days_left(task.due_at) if task else None, "needs": row.assessment.rows, "total": planning.total_of(row),
        "place": full_name(row.jurisdiction, start=3),
        "deliveries": [{"row": d, "item": titles[d.item_id], "evaluation": getattr(d, "evaluation", None)}
                       for d in deliveries]}, status=status_of(request))


def _verbs(row: ServicePlan, items: list[PlanItem], deliveries: list[Delivery], tasks: list[Any], by: Officer) -> list[Verb]:
    seen, found = {"version": row.version}, []
    if row.state == "draft" and by.role in planning.DECIDERS and by.account_id != row.drafted_by:
        found += [Verb("start", "同意,开始服务", VersionForm,
                       lambda data: planning.do_start(row.number, version=data["version"], by=by), "已同意,服务码已经生成。",
                       initial=seen, note="要付费的由县级审批或县级负责人同意,同时占用预算。"),
                  Verb("refuse", "不同意", ReasonForm, lambda data: planning.do_refuse(row.number, by=by, **data),
                       "已登记不同意。", initial=seen, danger=True)]
    if any(t.kind == "task" and t.role == by.role and t.office == by.jurisdiction for t in tasks):
        found.append(Verb("review", "复核", ReviewPlanForm, lambda data: planning.do_review(row.number, by=by, **data),
                          "已复核。", initial=seen))
    if row.state == "running" and by.role in planning.PLANNERS:
        found.append(Verb("deliver", "登记一次服务", lambda *a, **k: DeliverForm(*a, items=items, **k),
                          lambda data: _deliver(row, data, by), "已登记这次服务。"))
    if by.role in planning.PLANNERS:
        waiting = [(d.pk, f"{d.at.astimezone(clock.SHANGHAI):%m-%d %H:%M} {d.worker}") for d in deliveries
                   if getattr(d, "evaluation", None) is None and d.recorded_by != by.account_id]
        if waiting:
            found.append(Verb("evaluate", "登记电话回访的评价", lambda *a, **k: EvaluateOneForm(*a, deliveries=waiting, **k),
                              lambda data: delivering.do_evaluate(data["delivery"], score=data["score"], text=data["text"], by=by),
                              "已登记评价。"))
    if row.state == "running" and by.role in planning.PLANNERS:
        found.append(Verb("stop", "停止服务", ReasonForm, lambda data: planning.do_stop(row.number, by=by, **data),
                          "已停止服务,没有用的服务码作废。", initial=seen, danger=True))
    return found


def _deliver(row: ServicePlan, data: dict[str, Any], by: Officer) -> Delivery:
    photo, stored = data["photo"], []
    if photo is not None:
        stored = [files.store(photo.read(), name=photo.name, by=by, jurisdiction=row.jurisdiction, kind="service",
                              person_id=row.person).pk]
    return delivering.do_deliver(row.number, item=data["item"], at=data["at"], place=data["place"], worker=data["worker"],
                                 code=data["code"], photos=stored, text=data["text"], by=by)
