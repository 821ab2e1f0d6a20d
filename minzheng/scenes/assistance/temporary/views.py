"""登记急难情况 at the window or in the field: one page."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from minzheng.base.divisions.models import Division
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.office.ledger import imprest
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.temporary import requests
from minzheng.scenes.assistance.temporary.completing import SCHEME
from minzheng.scenes.assistance.temporary.forms import HardshipForm
from minzheng.scenes.assistance.temporary.registering import Hardship, do_register


def places(officer: Officer) -> list[tuple[str, str]]:
    """The villages of the acting township (a village worker: the own village)."""
    low, high = officer.range
    rows = Division.objects.filter(code__gte=low, code__lt=high, level=5, valid_to=None).order_by("code")
    return list(rows.values_list("code", "name"))


@require_http_methods(["GET", "POST"])
@staff("town_clerk", "village_worker")
def register(request: HttpRequest) -> HttpResponse:
    officer: Officer = request.officer
    number = request.POST.get("request", "") or request.GET.get("request", "")
    asked = requests.open_request(number) if number else None
    initial = requests.initial(asked, by=officer) if asked else None
    form = HardshipForm(request.POST or None, places=places(officer), initial=initial)
    key = request.POST.get("key", "") or new_key()
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                case = do_register(Hardship(**form.cleaned_data, key=key), by=officer)
                if asked is not None:
                    requests.do_take(asked.number, case.code, by=officer)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            return render(request, "temporary/done.html", {"case": case})
    context = {"form": form, "key": key, "asked": asked, "fund": imprest.fund_of(officer.jurisdiction, SCHEME)}
    return render(request, "temporary/register.html", context, status=422 if request.method == "POST" else 200)
