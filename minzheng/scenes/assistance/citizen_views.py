"""Applying from a phone: the household comes from the registry, the citizen adds income, property and the promise."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import citizens_only
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.forms import ApplicationForm, MemberFormSet


def _page(request: HttpRequest, rows: list[tuple[Any, str]], formset: Any, form: ApplicationForm, key: str,
          status: int = 200) -> HttpResponse:
    today = clock.today()
    people = [{"person": p, "relation": relation, "age": p.age_on(today), "form": member}
              for (p, relation), member in zip(rows, formset, strict=False)]
    return render(request, "assistance/apply.html", {
        "rows": people, "formset": formset, "application": form, "key": key, "failed": status == 422}, status=status)


@require_http_methods(["GET", "POST"])
@citizens_only
def apply(request: HttpRequest) -> HttpResponse:
    """The members are those of the registry's household; a posted person outside it is refused."""
    rows = intake.own_household_rows(request.citizen)
    people = [p for p, _ in rows]
    if request.method == "GET":
        formset, form = intake.forms_for(rows)
        return _page(request, rows, formset, form, intake.new_key())
    key = request.POST.get("key", "")
    if intake.ids_of(request.POST) != [p.pk for p in people]:
        raise Refused("家庭成员与人口库不一致,请返回重新填写;成员有变化的,请到窗口办理。")
    formset = MemberFormSet(request.POST, prefix="m")
    form = ApplicationForm(request.POST, payees=intake.payees(people))
    if formset.is_valid() & form.is_valid():
        try:
            case = do_apply(intake.application_of(formset, form.cleaned_data, channel="phone", key=key),
                            by=request.citizen)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            return redirect("portal:case", case.code)
    return _page(request, rows, formset, form, key, 422)
