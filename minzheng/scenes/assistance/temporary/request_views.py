"""Pages of 急难求助: asking and following on the phone; taking up or answering at the township."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import Refused
from minzheng.base.forms import PastDateField
from minzheng.base.identity.pages import citizens_only, staff
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.temporary import requests
from minzheng.scenes.assistance.temporary.models import WHAT, HelpRequest


class AskForm(forms.Form):
    what = forms.TypedChoiceField(label="遇到什么急难", choices=[("", "请选择"), *WHAT.items()], coerce=int)
    happened_on = PastDateField(label="发生日期")
    place = forms.ChoiceField(label="在哪里办理", help_text="在外地遇到急难的,请直接到当地乡镇(街道)")
    where = forms.CharField(label="具体地点", max_length=100)
    reason = forms.CharField(label="发生了什么", min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    phone = forms.RegexField(r"^1\d{10}$", label="联系电话", error_messages={"invalid": "手机号应为 11 位数字。"})

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    answer = forms.CharField(label="答复", min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
                             help_text="为什么不属于急难,可以申请什么")


def _try(form: Any, act: Any) -> bool:
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
@citizens_only
def ask(request: HttpRequest) -> HttpResponse:
    citizen = request.citizen
    form = AskForm(request.POST or None, places=requests.own_places(citizen))
    key = request.POST.get("key", "") or new_key()
    if request.method == "POST" and form.is_valid() and _try(
            form, lambda: requests.do_ask(**form.cleaned_data, key=key, by=citizen)):
        messages.success(request, "求助已发出,乡镇(街道)会尽快联系您。")
        return redirect("assistance_my:ask_urgent")
    rows = HelpRequest.objects.filter(person=citizen.person_id).order_by("-id")[:10]
    waits = any(row.state == "open" for row in rows)
    return render(request, "temporary/ask.html", {"rows": rows, "form": None if waits and request.method == "GET" else form,
                                                  "key": key}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff("town_clerk")
def answer(request: HttpRequest, number: str) -> HttpResponse:
    row = requests.request_for(number)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _try(
            form, lambda: requests.do_decline(number, answer=form.cleaned_data["answer"], by=request.officer)):
        messages.success(request, "已答复,本人在手机上可以看到。")
        return redirect("desk:tasks")
    return render(request, "temporary/request.html", {"row": row, "form": form}, status=422 if request.method == "POST" else 200)
