"""The page that compares all kinds of help for a case, and on which the township goes on with another one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.pages import staff
from minzheng.data import registry
from minzheng.office.cases.doors import get_case_for
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance import converting, intake
from minzheng.scenes.assistance.kinds import shared


class ConvertForm(forms.Form):
    reason = forms.CharField(label="理由", min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@staff()
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """All kinds of help side by side; with `to` the form of one that the case may become."""
    officer = request.officer
    case = get_case_for(officer, code, lock=request.method == "POST", sensitive=request.method == "GET")
    if not shared(case.matter):
        raise NotFound("这类办件不作各项救助比对。")
    why, targets = converting.why_not(case, officer), converting.targets(case)
    to = request.GET.get("to", "") if not why else ""
    if to and to not in dict(targets):
        raise NotFound("没有这项救助,请重新选择。")
    form = ConvertForm(request.POST or None, initial={"version": case.version})
    people = list(registry.people_by_id([m.person for m in case.members if m.counted]).values()) if to else []
    extra = intake.extra_form(to, people, request.POST or None) if to else None
    if request.method == "POST" and to and form.is_valid() & (extra is None or extra.is_valid()):
        data = form.cleaned_data
        try:
            with transaction.atomic():
                converting.do_convert(code, to=to, extra=extra.cleaned_data if extra else {}, reason=data["reason"],
                                      version=data["version"], by=officer)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, f"已改按{matter_of(to).short_name}办理,请继续初审。")
            return redirect("desk:case", code)
    context = {"case": case, "why": why, "targets": targets, "to": to, "target": matter_of(to) if to else None, "form": form,
               "extra": extra, "proposals": converting.considered(case)}
    return render(request, "assistance/convert.html", context, status=422 if request.method == "POST" else 200)
