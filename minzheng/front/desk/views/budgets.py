"""预算与分担: what each source has given, reserved and paid in a year, and who bears which part from which month."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk import money_reads
from minzheng.front.desk.money_forms import AppropriateForm, SharesForm, attempt, number_from
from minzheng.front.desk.views.payments import address
from minzheng.office.benefits.budgets import FINANCE_ROLES, do_set_shares
from minzheng.office.benefits.models import FundingShare
from minzheng.office.benefits.queries import budget_table
from minzheng.office.benefits.schemes import all_schemes, get_scheme
from minzheng.office.ledger.funding import do_appropriate


def _asked(data: Any) -> tuple[str, int]:
    scheme = data.get("scheme", "") or all_schemes()[0].code
    get_scheme(scheme)
    year = number_from(data.get("year", "")) or clock.today().year
    if not 2020 <= year <= 2100:
        raise Refused("预算年度不正确,请重新选择。", field="year")
    return scheme, year


@require_GET
@staff(*MONEY_ROLES)
def budgets(request: HttpRequest) -> HttpResponse:
    return _page(request, *_asked(request.GET))


def _page(request: HttpRequest, scheme: str, year: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    county = request.officer.jurisdiction
    rows = budget_table(county, scheme, year)
    context = {
        "tab": "budgets", "county": True, "scheme": scheme, "schemes": all_schemes(), "year": year, "rows": rows,
        "total": [sum(row[place] for row in rows) for place in range(1, 5)], "keeps": request.officer.role in FINANCE_ROLES,
        "shares": money_reads.shares_shown(county, scheme), "moves": money_reads.appropriations(county, scheme, year),
        "years": range(clock.today().year + 1, clock.today().year - 4, -1),
        "money_form": AppropriateForm(auto_id="money_%s"), "shares_form": SharesForm(auto_id="shares_%s"), **forms,
    }
    return render(request, "desk/book_budgets.html", context, status=status)


def _back(scheme: str, year: int) -> HttpResponse:
    return redirect(reverse("desk:book_budgets") + address(scheme=scheme, year=year))


@require_POST
@staff(*FINANCE_ROLES)
def appropriate(request: HttpRequest) -> HttpResponse:
    """预算下达, once for a document and a source."""
    scheme, year = _asked(request.POST)
    form, fresh = AppropriateForm(request.POST, auto_id="money_%s"), []

    def act() -> None:
        data = form.cleaned_data
        fresh.append(do_appropriate(
            year=year, source=data["source"], scheme=scheme, county=request.officer.jurisdiction, fen=data["fen"],
            document=data["document"], reason=data["reason"], by=request.officer))

    if not form.is_valid() or not attempt(form, act):
        return _page(request, scheme, year, money_form=form, status=422)
    if fresh[0]:
        messages.success(request, "已登记预算。")
    else:
        messages.info(request, "这个文号已登记过,没有重复入账。")
    return _back(scheme, year)


@require_POST
@staff(*FINANCE_ROLES)
def set_shares(request: HttpRequest) -> HttpResponse:
    """分担比例 from a month on; the same set for the same month again is the same click."""
    scheme, year = _asked(request.POST)
    form, county = SharesForm(request.POST, auto_id="shares_%s"), request.officer.jurisdiction
    if not form.is_valid():
        return _page(request, scheme, year, shares_form=form, status=422)
    month, shares = form.cleaned_data["from_month"], form.shares()
    known = dict(FundingShare.objects.filter(scheme=scheme, jurisdiction=county, from_month=month)
                 .values_list("source", "basis_points"))
    if known != shares:
        if not attempt(form, lambda: do_set_shares(scheme, county, from_month=month, shares=shares,
                                                   reason=form.cleaned_data["reason"], by=request.officer)):
            return _page(request, scheme, year, shares_form=form, status=422)
        messages.success(request, f"已登记 {month:%Y年%m月} 起的分担比例。")
    return _back(scheme, year)
