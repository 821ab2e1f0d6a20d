"""Pages: the county's batches and a month to choose; one batch with its preview, its answer, its progress and its lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.data.brain import rules
from minzheng.office.benefits.schemes import all_schemes
from minzheng.scenes.assistance.price import actions
from minzheng.scenes.assistance.price.funding import sources, total
from minzheng.scenes.assistance.price.models import ADDED, DRAFT, OUTCOMES, SUBMITTED, Batch, Line

PAGE = 50


class MonthForm(forms.Form):
    month = forms.TypedChoiceField(label="补贴月份", coerce=dt.date.fromisoformat)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["month"].choices = [("", "请选择"), *(  # type: ignore[attr-defined]
            (month.isoformat(), f"{month.year} 年 {month.month} 月") for month in actions.months())]


class SeenForm(forms.Form):
    count = forms.IntegerField(widget=forms.HiddenInput)
    fen = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="退回原因", min_length=4, max_length=200)


def _try(form: Any, act: Any) -> Any:
    """The act's result; what it refuses of the input is put on the form, nothing is written, and None comes back."""
    try:
        with transaction.atomic():
            return act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None


@require_http_methods(["GET", "POST"])
@staff(*actions.READERS)
def home(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    form = MonthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.do_prepare(form.cleaned_data["month"], by=officer))
        if made is not None:
            return redirect("assistance:price_batch", made.number)
    rows = Batch.objects.filter(jurisdiction=officer.jurisdiction).order_by("-pk")[:PAGE]
    return render(request, "price/home.html", {"rows": rows, "form": form, "may": officer.role == actions.PREPARER},
                  status=422 if request.method == "POST" else 200)


@require_http_methods(["GET"])
@staff(*actions.READERS)
def batch(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@require_POST
@staff(actions.PREPARER)
def submit(request: HttpRequest, number: str) -> HttpResponse:
    form = forms.Form(request.POST)
    if not (form.is_valid() and _try(form, lambda: actions.do_submit(number, by=request.officer))):
        return _page(request, number, failed=form, status=422)
    messages.success(request, "已报审,等待县级审批岗位审批。")
    return redirect("assistance:price_batch", number)


@require_POST
@staff(actions.PREPARER)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    actions.do_withdraw(number, by=request.officer)
    messages.success(request, "已作废,没有发放。需要时重新测算。")
    return redirect("assistance:price")


@require_POST
@staff(actions.APPROVER)
def approve(request: HttpRequest, number: str) -> HttpResponse:
    form = SeenForm(request.POST)
    if not (form.is_valid() and _try(form, lambda: actions.do_approve(
            number, seen=(form.cleaned_data["count"], form.cleaned_data["fen"]), by=request.officer))):
        return _page(request, number, failed=form, status=422)
    messages.success(request, "已批准,正在逐户生成。")
    return redirect("assistance:price_batch", number)


@require_POST
@staff(actions.APPROVER)
def send_back(request: HttpRequest, number: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not (form.is_valid() and _try(form, lambda: actions.do_return(
            number, reason=form.cleaned_data["reason"], by=request.officer))):
        return _page(request, number, reason_form=form, status=422)
    messages.success(request, "已退回,没有发放。")
    return redirect("assistance:price_batch", number)


def _page(request: HttpRequest, number: str, *, status: int = 200, **more: Any) -> HttpResponse:
    officer, row = request.officer, actions.batch_for(number)
    counts = dict(row.lines.values_list("state").annotate(Count("id")))
    tabs = [(code, title, counts[code]) for code, title in OUTCOMES if counts.get(code)]
    outcome, after = request.GET.get("rows", tabs[0][0] if tabs else ADDED), request.GET.get("after", "0")
    if outcome not in dict(OUTCOMES) or not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotFound("没有这一页,请从头打开。")
    lines = list(Line.objects.filter(batch=row, state=outcome, id__gt=int(after)).order_by("id")[:PAGE + 1])
    titles = {scheme.code: scheme.title for scheme in all_schemes()}
    waiting = row.state in (DRAFT, SUBMITTED)
    context = {
        "batch": row, "p": {"assessment": rules.assessment_from_json(row.assessment)}, "title": "启动条件与每人补贴",
        "rates": [(titles.get(code, "低保边缘家庭"), fen) for code, fen in row.each.items()],
        "sources": _sources(row) if waiting else None, "tabs": tabs, "outcome": outcome, "added": total(row, ADDED),
        "rows": [(line, titles.get(line.scheme, "低保边缘家庭")) for line in lines[:PAGE]],
        "next": f"?rows={outcome}&after={lines[PAGE - 1].pk}" if len(lines) > PAGE else "",
        "prev": f"?rows={outcome}" if int(after) else "", "run": JobRun.objects.filter(pk=row.run or 0).first(),
        "may_prepare": officer.role == actions.PREPARER and officer.jurisdiction == row.jurisdiction,
        "may_answer": officer.role == actions.APPROVER and row.state == SUBMITTED and officer.account_id != row.made_by,
        "seen": SeenForm(initial={"count": row.count, "fen": row.fen}), "reason_form": ReasonForm(),
        "cashier": officer.role == "county_cashier", **more}
    return render(request, "price/batch.html", context, status=status)


def _sources(row: Batch) -> dict[str, Any]:
    """The table, or why there is none."""
    try:
        return {"rows": sources(row)}
    except Refused as refusal:
        return {"trouble": refusal.reason}
