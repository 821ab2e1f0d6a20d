"""Confirming who somebody is that was helped without papers: the case, and what the year's cap and the event count by."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.crypto import blind_index
from minzheng.base.errors import NotFound, Refused
from minzheng.base.forms import IdNumberField
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.data import registry
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.identifying import do_identify
from minzheng.scenes.assistance.temporary.assess import emergency_of
from minzheng.scenes.assistance.temporary.registering import found

ROLES = ("town_clerk", "village_worker")


class IdentifyForm(forms.Form):
    id_number = IdNumberField(label="核实的身份证号")
    reason = forms.CharField(label="凭什么确认", min_length=5, max_length=200, help_text="证件、亲属辨认、公安反馈等")
    version = forms.IntegerField(widget=forms.HiddenInput)


def do_link(code: str, number: str, *, reason: str, version: int, by: Officer) -> None:
    """The registered person takes the place of the stated one. Refused when that person has been helped for the event."""
    with transaction.atomic():
        person = found(number, by)
        if person is None:
            raise Refused("人口库里没有这个身份证号,请核对。", field="id_number")
        case = do_identify(code, person.pk, by=by, reason=reason, version=version)
        row = emergency_of(case, lock=True)
        row.person_key, row.birth_date = blind_index("id_number", number).hex(), registry.people_by_id([person.pk])[person.pk].birth_date
        try:
            with transaction.atomic():
                row.save(update_fields=["person_key", "birth_date"])
        except IntegrityError as error:
            raise Refused("这个人因同一件事已经登记过临时救助。请核实后终止其中一件,已发放的追回。", field="id_number") from error


@require_http_methods(["GET", "POST"])
@staff(*ROLES)
def identify(request: HttpRequest, code: str) -> HttpResponse:
    case = get_case_for(request.officer, code)
    if case.matter != "temporary" or case.applicant is not None:
        raise NotFound("这个办件不需要核实身份。")
    form = IdentifyForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            do_link(code, data["id_number"], reason=data["reason"], version=data["version"], by=request.officer)
            messages.success(request, "身份已核实,办件已关联到本人。")
            return redirect("desk:case", code)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
    return render(request, "temporary/identify.html", {"case": case, "form": form}, status=422 if request.method == "POST" else 200)
