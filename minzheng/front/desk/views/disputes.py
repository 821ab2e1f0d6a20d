"""公示 for officers: answering the objections of the public, taking down a notice that is wrong."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.front.desk.case_forms import AnswerForm, UnpublishForm
from minzheng.front.desk.money_forms import attempt
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.publicity import actions
from minzheng.office.publicity.models import SHOWN
from minzheng.office.publicity.queries import objection_of, publicity_of


def _why_not(case: Case, by: Officer) -> str:
    if not by.reaches(case.jurisdiction):
        return "本单位是协办单位,可以查看,不能办理。"
    if by.role not in actions.PUBLISHERS:
        return "由乡镇(街道)经办、审核或县级经办、审批岗位办理,当前岗位可以查看。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def objection(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What somebody objects to, for those who answer it and those who supervise them."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    row = objection_of(case, number)
    if row is None:
        raise NotFound("没有找到这条异议。")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: actions.do_answer(row.pk, by=officer, **form.cleaned_data)):
        messages.success(request, "已答复。公示期满后按流程开展民主评议。")
        return redirect("desk:case", code)
    context = {"case": case, "row": row, "form": form, "why": _why_not(case, officer)}
    return render(request, "desk/objection.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff()
def unpublish(request: HttpRequest, code: str) -> HttpResponse:
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    form = UnpublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: actions.do_withdraw_publicity(code, by=officer, reason=form.cleaned_data["reason"])):
        messages.success(request, "公示已撤下,办件随即回到初审,改正后重新公示。")
        return redirect("desk:case", code)
    shown = next((row for row in publicity_of(case) if row.state in SHOWN), None)
    context = {"case": case, "shown": shown, "form": form, "why": _why_not(case, officer)}
    return render(request, "desk/publicity_withdraw.html", context, status=422 if request.method == "POST" else 200)
