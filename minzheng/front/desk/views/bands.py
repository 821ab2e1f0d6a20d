"""签批权限: what is in force, what waits for the leader, and what was before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk.money_forms import BandsAnswerForm, BandsForm, attempt
from minzheng.office.ledger import bands as rules
from minzheng.office.ledger.models import BandSet

LEADER = "county_leader"
DONE = {"in_force": "签批权限已生效登记。", "refused": "已告知资金岗不同意。", "withdrawn": "已撤回,可以重新拟定。"}
SHOWN = 50


def _page(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    officer = request.officer
    county, today = officer.jurisdiction, clock.today()
    rows = list(BandSet.objects.filter(jurisdiction=county).order_by("-id")[:SHOWN])
    current = next((row for row in sorted(rows, key=lambda row: row.from_date, reverse=True)
                    if row.state == "in_force" and row.from_date <= today), None)
    waiting = next((row for row in rows if row.state == "draft"), None)
    try:
        bands = rules.bands_in_force(county, today)
    except Refused:
        bands = []
    context = {
        "tab": "bands", "current": current, "bands": sorted(bands, key=lambda b: (b.up_to_fen is None, b.up_to_fen or 0)),
        "waiting": waiting, "rows": rows, "drafts": officer.role == rules.DRAFTER, "leads": officer.role == LEADER,
        "own": waiting is not None and waiting.drafted_by == officer.account_id,
        "form": BandsForm(auto_id="bands_%s"), "answer_form": BandsAnswerForm(auto_id="answer_%s"), **forms,
    }
    return render(request, "desk/payments_bands.html", context, status=status)


@require_GET
@staff(*MONEY_ROLES)
def bands(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@staff(rules.DRAFTER)
def draft(request: HttpRequest) -> HttpResponse:
    """A draft by finance. The same one again, while it waits, is the same click."""
    form, officer = BandsForm(request.POST, auto_id="bands_%s"), request.officer
    if not form.is_valid():
        return _page(request, form=form, status=422)
    data = form.cleaned_data
    waiting = BandSet.objects.filter(jurisdiction=officer.jurisdiction, state="draft").first()
    if waiting is None or (waiting.from_date, waiting.bands, waiting.source) != (data["from_date"], form.bands(), data["source"]):
        if not attempt(form, lambda: rules.do_draft(officer.jurisdiction, from_date=data["from_date"], bands=form.bands(),
                                                    source=data["source"], by=officer)):
            return _page(request, form=form, status=422)
        messages.success(request, "已拟定。下一步:由县级负责人在本页生效。")
    return redirect("desk:pay_bands")


@require_POST
@staff(rules.DRAFTER, LEADER)
def answer(request: HttpRequest, number: str) -> HttpResponse:
    rules.get_bands(number)
    form = BandsAnswerForm(request.POST, auto_id="answer_%s")
    if not form.is_valid():
        return _page(request, answer_form=form, status=422)
    data = form.cleaned_data
    if not attempt(form, lambda: rules.do_answer(number, outcome=data["outcome"], reason=data["reason"], by=request.officer)):
        return _page(request, answer_form=form, status=422)
    messages.success(request, DONE[data["outcome"]])
    return redirect("desk:pay_bands")
