"""Passing a case on to another place, and doing for the applicant what the applicant may do on the phone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base.divisions.names import children_of, name_of
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import level_of, office_of, province
from minzheng.front.desk.case_forms import HandOverForm, SupplementForm, WithdrawForm
from minzheng.front.desk.money_forms import attempt
from minzheng.office.cases.actions import HANDERS, WINDOW, do_hand_over, do_supplement, do_withdraw
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import OPEN_STATES, Case

LEVELS = (("city", "设区市"), ("county", "县(市、区)"), ("town", "乡镇(街道)"), ("village", "村(社区)"))
UNDECIDED = ("submitted", "accepted", "supplement")


def cascade(chosen: Any, top: str = "") -> tuple[list[dict[str, Any]], str]:
    """Linked selects from below `top` (the province) down to the villages, and the deepest place chosen; only real ones count."""
    top = top or province()
    place, levels = top, []
    for name, label in LEVELS[level_of(top) - 1:]:
        options = [(d.code, d.name) for d in children_of(place)]
        value = chosen.get(f"to_{name}", "")
        value = value if value in dict(options) else ""
        levels.append({"name": f"to_{name}", "label": label, "value": value, "options": options})
        if not value:
            break
        place = value
    return levels, "" if place == top else place


@require_GET
@staff()
def places(request: HttpRequest) -> HttpResponse:
    """The same selects for new values."""
    levels, _ = cascade(request.GET)
    return render(request, "ui/cascade.html", {"levels": levels, "url": reverse("desk:hand_over_places"), "id": "to"})


def why_not_hand_over(case: Case, by: Officer) -> str:
    if case.state not in OPEN_STATES:
        return "办结的办件不能移交。"
    if by.role not in HANDERS or not by.reaches(case.jurisdiction):
        return "由所在地的乡镇经办、县级经办或县级审批岗位移交。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """移交. Without scripts the button below the selects brings the next level."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    levels, target = cascade(request.POST if request.method == "POST" else {
        "to_city": office_of(case.jurisdiction, 2), "to_county": office_of(case.jurisdiction, 3)})
    choosing = "_cascade" in request.POST or request.method == "GET"
    form = HandOverForm(None if choosing else request.POST, initial={
        "version": case.version, "reason": request.POST.get("reason", "")})
    if not choosing and form.is_valid():
        data = form.cleaned_data
        if not target or level_of(target) < 4:
            form.add_error(None, "请选择接收的乡镇(街道)或村(社区)。")
        elif attempt(form, lambda: do_hand_over(code, target, by=officer, reason=data["reason"], version=data["version"])):
            messages.success(request, f"办件 {code} 已移交至{name_of(target)}。")
            return redirect("desk:tasks")
    context = {"case": case, "levels": levels, "form": form, "why": why_not_hand_over(case, officer)}
    return render(request, "desk/handover.html", context, status=200 if choosing else 422)


def why_not_for_applicant(case: Case, by: Officer, states: tuple[str, ...]) -> str:
    if case.state not in states:
        return "现在的状态不需要这一步。"
    if by.role not in WINDOW or not by.reaches(case.jurisdiction):
        return "由所在地的村级协理员、乡镇经办或县级经办代办。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    """The applicant has brought to the window what was missing."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    form = SupplementForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: do_supplement(code, by=officer, **form.cleaned_data)):
        messages.success(request, "已登记补正,办理时限继续计算。")
        return redirect("desk:case", code)
    why = why_not_for_applicant(case, officer, ("supplement",))
    return _page(request, case, form, why, title="登记补正", button="登记补正", missing=case.flags.get("missing", []))


@require_http_methods(["GET", "POST"])
@staff()
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """The applicant withdraws at the window."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    form = WithdrawForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: do_withdraw(code, by=officer, **form.cleaned_data)):
        messages.success(request, "已登记撤回。")
        return redirect("desk:case", code)
    why = why_not_for_applicant(case, officer, UNDECIDED)
    return _page(request, case, form, why, title="登记申请人撤回", button="登记撤回", danger=True)


def _page(request: HttpRequest, case: Case, form: Any, why: str, **more: Any) -> HttpResponse:
    context = {"case": case, "form": form, "why": why, **more}
    return render(request, "desk/handover_window.html", context, status=422 if request.method == "POST" else 200)
