"""Applying for 支出型临时救助: at the window by one ID number, and on the phone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.identity.pages import citizens_only, staff
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.temporary import expenses
from minzheng.scenes.assistance.temporary.expense_forms import FindForm, SpentForm


@require_http_methods(["GET", "POST"])
@staff("town_clerk", "village_worker")
def find(request: HttpRequest) -> HttpResponse:
    """One ID number leads to the household's recognition, or to the way that it must go first."""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                found = expenses.recognised(form.cleaned_data["id_number"], by=request.officer)
            return redirect("assistance:expenditure_new", found.pk)
        except (Refused, NotFound) as refusal:
            form.add_error("id_number", refusal.reason)
    return render(request, "temporary/spent_find.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff("town_clerk", "village_worker")
def take_in(request: HttpRequest, number: int) -> HttpResponse:
    row = expenses.open_recognition(number)
    return _apply(request, row, request.officer, "window", "temporary/spent_new.html", "desk:case")


@require_http_methods(["GET", "POST"])
@citizens_only
def apply(request: HttpRequest) -> HttpResponse:
    """The own household; who is not recognised yet is shown the way."""
    row = expenses.own_recognition()
    if row is None:
        return render(request, "temporary/spent_first.html", {"why": expenses.FIRST})
    return _apply(request, row, request.citizen, "phone", "temporary/spent_apply.html", "portal:case")


def _apply(request: HttpRequest, row: Recognition, by: Actor, channel: str, template: str, then: str) -> HttpResponse:
    people = expenses.household(row, by)
    form = SpentForm(request.POST or None, people=[(one.person, one.name) for one in people])
    key = request.POST.get("key", "") or new_key()
    if request.method == "POST" and form.is_valid() and (case := _submitted(form, row, people, key, channel, by)):
        return redirect(then, case.code)
    return render(request, template, {"row": row, "people": people, "form": form, "key": key},
                  status=422 if request.method == "POST" else 200)


def _submitted(form: SpentForm, row: Recognition, people: list[Any], key: str, channel: str, by: Actor) -> Case | None:
    data = form.cleaned_data
    try:
        with transaction.atomic():
            return expenses.do_apply(row, people, year=form.year(), asked_fen=data["asked_fen"], reason=data["reason"],
                                     phone=data["phone"], key=key, channel=channel, by=by)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None
