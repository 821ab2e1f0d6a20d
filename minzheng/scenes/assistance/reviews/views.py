"""Pages: the recognitions of a place and opening a 复核; the citizen's own recognitions and reporting a change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock
from minzheng.base.crypto import mask_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.identity.pages import citizens_only, staff
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.recognitions.models import KINDS, Recognition
from minzheng.scenes.assistance.recognitions.queries import in_force
from minzheng.scenes.assistance.reviews.forms import ReportForm
from minzheng.scenes.assistance.reviews.opening import REVIEWED, do_open, recognition_for

PAGE = 20
READERS = ("town_clerk", "village_worker", "county_clerk", "town_reviewer", "county_approver", "county_leader")
OPENERS = ("town_clerk", "village_worker", "county_clerk")


@require_GET
@staff(*READERS)
def recognitions(request: HttpRequest) -> HttpResponse:
    """认定台账 of the acting post's range, newest first, by keyset."""
    kind, before = request.GET.get("kind", ""), request.GET.get("before", "")
    found = in_force(clock.today())
    if kind:
        if kind not in KINDS:
            raise Refused("没有这种认定,请重新选择。")
        found = found.filter(kind=kind)
    if before:
        if not before.isdigit():
            raise Refused("翻页位置无效,请从第一页重新查看。")
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    return render(request, "reviews/recognitions.html", {
        "rows": [(row, mask_name(row.head_name)) for row in rows[:PAGE]], "kinds": KINDS.items(), "kind": kind, "reviewed": REVIEWED,
        "opens": request.officer.role in OPENERS, "next": rows[PAGE - 1].pk if len(rows) > PAGE else 0})


def _submitted(request: HttpRequest, row: Recognition, form: ReportForm, *, channel: str, by: Actor) -> str:
    """The case's number, or nothing when the form or the rules refuse; then the form says why."""
    if not form.is_valid():
        return ""
    try:
        return do_open(row, about=form.cleaned_data["about"], text=form.cleaned_data["text"], key=form.cleaned_data["key"],
                       channel=channel, by=by).code
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return ""


@require_http_methods(["GET", "POST"])
@staff(*OPENERS)
def review(request: HttpRequest, number: int) -> HttpResponse:
    row = recognition_for(number)
    form = ReportForm(request.POST or None, kind=row.kind, officer=True, initial={"key": new_key()})
    if request.method == "POST" and (code := _submitted(request, row, form, channel="window", by=request.officer)):
        return redirect("desk:case", code)
    return render(request, "reviews/review.html", {"row": row, "form": form}, status=422 if request.method == "POST" else 200)


@require_GET
@citizens_only
def own_recognitions(request: HttpRequest) -> HttpResponse:
    rows = list(in_force(clock.today()).order_by("-id"))
    return render(request, "reviews/mine.html", {"rows": [(row, row.kind in REVIEWED) for row in rows]})


@require_http_methods(["GET", "POST"])
@citizens_only
def report(request: HttpRequest, number: int) -> HttpResponse:
    row = recognition_for(number)
    form = ReportForm(request.POST or None, kind=row.kind, initial={"key": new_key()})
    if request.method == "POST" and (code := _submitted(request, row, form, channel="phone", by=request.citizen)):
        return redirect("portal:case", code)
    return render(request, "reviews/report.html", {"row": row, "form": form}, status=422 if request.method == "POST" else 200)
