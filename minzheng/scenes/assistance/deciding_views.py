"""Pages of officers that end a case before its decision, or decide it anew after a revocation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.office.cases.doors import check_version, get_case_for
from minzheng.scenes.assistance import redeciding, stopping
from minzheng.scenes.assistance.forms import DecideAgainForm, DecideStopForm, ProposeStopForm
from minzheng.scenes.assistance.panels import measured


def _done(form: forms.Form, act: Any) -> bool:
    """Runs the act; what it refuses of the input is shown on the form, and nothing is written."""
    try:
        with transaction.atomic():
            act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    return True


@require_http_methods(["GET", "POST"])
@staff()
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """The township proposes with a written reason; whoever decides says yes or no. One page, as the case stands."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    proposed = case.flags.get("stop") if case.state in stopping.UNDECIDED else None
    why = stopping.why_not_decide(case, officer) if proposed else stopping.why_not_propose(case, officer)
    form_class = DecideStopForm if proposed else ProposeStopForm
    form = form_class(request.POST or None, initial={"version": case.version})
    if request.method == "POST":
        act = stopping.do_decide_stop if proposed else stopping.do_propose_stop
        if form.is_valid() and _done(form, lambda: act(code, by=officer, **form.cleaned_data)):
            messages.success(request, "已提交。")
            return redirect("desk:case", code)
    context = {"case": case, "proposed": proposed, "why": why, "form": form}
    return render(request, "assistance/stop.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff()
def decide_again(request: HttpRequest, code: str) -> HttpResponse:
    officer = request.officer
    case = get_case_for(officer, code, lock=request.method == "POST")
    form = DecideAgainForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        check_version(case, data["version"])
        if _done(form, lambda: redeciding.do_decide_again(case, outcome=data["outcome"], comment=data["comment"], by=officer)):
            messages.success(request, "已重新作出决定。请送达决定书。")
            return redirect("desk:case", code)
    context = {"case": case, "form": form, "why": redeciding.why_not(case, officer), "old": redeciding.revoked_of(case),
               "benefit": redeciding.benefit_of(case), "measured": measured(case)}
    return render(request, "assistance/decide_again.html", context, status=422 if request.method == "POST" else 200)
