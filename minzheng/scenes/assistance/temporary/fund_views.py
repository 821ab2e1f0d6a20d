"""备用金 on one page: finance opens it, the cashier tops it up, the township accounts for it, finance checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.divisions.models import Division
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.forms import MoneyField
from minzheng.base.identity.pages import staff
from minzheng.office.ledger import imprest
from minzheng.office.ledger.models import ImprestFund
from minzheng.scenes.assistance.temporary.completing import SCHEME
from minzheng.scenes.assistance.temporary.models import Emergency

ROLES = ("town_clerk", "town_reviewer", "county_cashier", "county_finance", "county_leader")


class OpenForm(forms.Form):
    office = forms.ChoiceField(label="乡镇(街道)")
    ceiling_fen = MoneyField(label="核定额度")
    reason = forms.CharField(label="核定依据", max_length=200)

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["office"].choices = offices


class TopUpForm(forms.Form):
    number = forms.CharField(widget=forms.HiddenInput)
    fen = MoneyField(label="拨款金额")
    document = forms.CharField(label="拨款凭证号", max_length=64)


class BackForm(forms.Form):
    ref = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(label="退回原因", min_length=4, max_length=200)


class AnswerForm(forms.Form):
    number = forms.CharField(widget=forms.HiddenInput)
    approve = forms.TypedChoiceField(label="审核结果", choices=[("yes", "凭证齐全,予以报账"), ("no", "退回补正")],
                                     coerce=lambda value: value == "yes")
    answer = forms.CharField(label="审核意见", max_length=200, required=False)


@require_http_methods(["GET", "POST"])
@staff(*ROLES)
def funds(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    step = request.POST.get("step", "") if request.method == "POST" else ""
    low, high = officer.range
    towns = Division.objects.filter(code__gte=low, code__lt=high, level=4, valid_to=None).order_by("code")
    forms_by_step: dict[str, Any] = {
        "open": lambda data: OpenForm(data, offices=list(towns.values_list("code", "name"))), "top": TopUpForm, "back": BackForm,
        "answer": AnswerForm}
    form = forms_by_step[step](request.POST) if step in forms_by_step else None
    if request.method == "POST":
        if form is None and step != "submit":
            raise Refused("没有这种操作,请从页面上选择。")
        if (form is None or form.is_valid()) and _done(request, step, form):
            return redirect("assistance:temporary_funds")
    rows = [{"fund": fund, "place": full_name(fund.jurisdiction, start=4), "unsettled": imprest.unsettled(fund),
             "settlements": list(fund.settlements.order_by("-id")[:5]), "moves": list(fund.moves.order_by("-id")[:10]),
             "top": TopUpForm(initial={"number": fund.number})}
            for fund in ImprestFund.objects.filter(scheme=SCHEME, jurisdiction__gte=low, jurisdiction__lt=high).order_by("jurisdiction")[:100]]
    context = {"rows": rows, "failed": form if form is not None and form.errors else None, "role": officer.role,
               "open": form if step == "open" else forms_by_step["open"](None)}
    return render(request, "temporary/funds.html", context, status=422 if request.method == "POST" else 200)


def _done(request: HttpRequest, step: str, form: Any) -> bool:
    officer = request.officer
    try:
        with transaction.atomic():
            if step == "open":
                data = form.cleaned_data
                imprest.do_open_fund(data["office"], SCHEME, ceiling_fen=data["ceiling_fen"], reason=data["reason"], by=officer)
            elif step == "top":
                imprest.do_top_up(**form.cleaned_data, by=officer)
            elif step == "back":
                imprest.do_give_back(**form.cleaned_data, by=officer)
                Emergency.objects.filter(given_ref=form.cleaned_data["ref"]).update(given_fen=0)  # frees the year's cap
            elif step == "answer":
                imprest.do_answer_settlement(**form.cleaned_data, by=officer)
            else:
                imprest.do_submit_settlement(request.POST.get("number", ""), by=officer)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        if form is None:
            messages.error(request, refusal.reason)
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    messages.success(request, "已办理。")
    return True
