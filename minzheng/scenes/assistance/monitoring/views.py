"""Pages of 动态监测: the library, alerts, one alert, one household's 画像, the nights."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import require_role
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import level_of, office_of
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.data.registry.searching import PAGE as FOUND
from minzheng.office.cases.acts import days_left
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.forms import AddMemberForm
from minzheng.scenes.assistance.intake_views import CLERKS, TakeIn
from minzheng.scenes.assistance.kinds import matters
from minzheng.scenes.assistance.monitoring import closing, knowing, library, portrait, signals
from minzheng.scenes.assistance.monitoring.forms import CloseForm, ListForm, UnlistForm
from minzheng.scenes.assistance.monitoring.models import GRADES, OPEN, AlertEvent, Collected, Reason, Sweep
from minzheng.scenes.assistance.monitoring.pages import READERS
from minzheng.scenes.assistance.monitoring.sweeping import lookup_on

LISTERS = ("village_worker", "town_clerk", "county_clerk")
COLOURS = {1: "red", 2: "orange", 3: "blue"}


def _filled(row: library.Row) -> bool:
    return bool(row.total or any(count for _, _, count in row.grades))


@require_GET
@staff(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """Search first; below it the counts of the place by kind and grade, and in a village its households."""
    officer = request.officer
    place = library.place_chosen(request.GET.get("place", ""), officer)
    words, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    rows, total = library.counts(place)
    context: dict[str, Any] = {
        "words": words, "place": place, "place_name": full_name(place, start=3), "total": total,
        "rows": [row for row in rows if _filled(row)], "bare": [row for row in rows if not _filled(row)],
        "village": level_of(place) == 5, "last": Sweep.objects.filter(status="done").order_by("-night").first(),
        "colours": COLOURS}
    if place != officer.jurisdiction:
        context["up"] = _above(place, officer.jurisdiction)
    if level_of(place) == 5 and not words:
        context["listed"] = library.listed_in(place, request.GET.get("kind", ""))
    status = 200
    if words:
        try:
            found = library.find(officer, words, after)
        except Refused as refusal:
            context["wrong"], status = refusal.reason, 422
        else:
            more = len(found) == FOUND
            context |= {"found": found, "next": "?" + urlencode({"q": words, "after": found[-1]["person"].cursor})
                        if more else "", "prev": "?" + urlencode({"q": words}) if after else ""}
    return render(request, "monitoring/home.html", context, status=status)


def _above(place: str, own: str) -> str:
    return "?" + urlencode({"place": max(office_of(place, level_of(place) - 1), own)})


@require_GET
@staff(*READERS)
def alerts(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    place = library.place_chosen(request.GET.get("place", ""), officer)
    grade, after = request.GET.get("grade", ""), request.GET.get("after", "")
    if (grade and grade not in map(str, GRADES)) or (after and not after.isdigit()):
        raise Refused("没有这个筛选条件,请重新选择。")
    found = library.open_alerts(officer, place, grade=int(grade or 0), after=int(after or 0))
    page, more = found[:library.PAGE], len(found) > library.PAGE
    titles: dict[int, list[str]] = {}
    for alert, title in Reason.objects.filter(alert__in=page).order_by("grade", "id").values_list("alert_id", "title"):
        titles.setdefault(alert, []).append(title)
    kept = {"place": place, "grade": grade}
    context = {
        "rows": [{"alert": a, "titles": "、".join(dict.fromkeys(titles.get(a.pk, []))),
                  "place": full_name(a.jurisdiction, start=4), "colour": COLOURS[a.grade]} for a in page],
        "grades": GRADES, "grade": grade, "place": place, "place_name": full_name(place, start=3),
        "next": "?" + urlencode({**kept, "after": page[-1].pk}) if more else "",
        "prev": "?" + urlencode(kept) if after else ""}
    return render(request, "monitoring/alerts.html", context)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def alert(request: HttpRequest, number: str) -> HttpResponse:
    """One alert: why, whom it is about, and what the officer does about it."""
    officer = request.officer
    found = closing.get_alert_for(officer, number, lock=request.method == "POST")
    task = closing.task_of(found) if found.state in OPEN else None
    mine = task is not None and officer.role == task.role and officer.jurisdiction == task.office and (
        task.assignee in (None, officer.account_id))
    form = CloseForm(request.POST or None, initial={"version": found.version, "visited_on": clock.today()})
    if request.method == "POST":
        if task is not None:
            require_role(officer, task.role)
        if form.is_valid() and _done(form, lambda: closing.do_close(
                number, by=officer, **{**form.cleaned_data, "to": tuple(form.cleaned_data["to"])})):
            if form.cleaned_data["outcome"] == "applied" and officer.role in CLERKS:
                messages.success(request, "已登记走访。请接着填写申请,已按人口库预填;提交后这条预警自动办结。")
                return redirect("assistance:alert_apply", number)
            messages.success(request, "已处置。")
            return redirect("assistance:alert", number)
    home_ = registry.get_household_for(officer, found.household_id)
    rows = registry.members_of(home_)
    people = {p.pk: p for p in registry.Person.objects.filter(pk__in=[row.person_id for row in rows])}
    today = clock.today()
    proposals, lacking = knowing.proposals_of(home_, rows, people, today) if found.state in OPEN else ((), "")
    matter = knowing.matter_for(proposals)
    context = {
        "proposals": proposals, "lacking": lacking, "matter": matter_of(matter).short_name if matter else "低保",
        "alert": found, "colour": COLOURS[found.grade], "place": full_name(found.jurisdiction, start=3), "form": form,
        "task": task, "left": days_left(task.due_at) if task else None, "mine": mine, "address": home_.address,
        "members": [{"row": row, "person": people.get(row.person_id),
                     "age": people[row.person_id].age_on(today) if row.person_id in people else None} for row in rows],
        "reasons": Reason.objects.filter(alert=found).order_by("grade", "id"),
        "may_apply": found.state == "applying" and officer.role in CLERKS,
        "events": [{"title": AlertEvent.KINDS[e.kind], "who": e.name, "text": e.text, "at": e.at,
                    "state": "bad" if e.kind in ("opened", "joined") else "done"}
                   for e in AlertEvent.objects.filter(alert=found).order_by("-id")]}
    return render(request, "monitoring/alert.html", context, status=422 if request.method == "POST" else 200)


class Apply(TakeIn):
    """Intake of the matter that fits best with the household of an alert filled in; it is sent to that matter's ordinary
    address, like any application."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, number: str) -> HttpResponse:  # type: ignore[override]
        found = closing.get_alert_for(request.officer, number)
        home_ = registry.get_household_for(request.officer, found.household_id)
        rows = registry.members_of(home_)
        people = registry.people_by_id([row.person_id for row in rows], strict=False)
        known = {number: person for number, person in people.items() if not person.brief}
        proposals, _ = knowing.proposals_of(home_, rows, known, clock.today())
        rows = [row for row in rows if row.person_id in people]
        chosen = request.GET.get("matter", "") or knowing.matter_for(proposals) or self.matter
        if chosen not in matters():
            raise Refused("没有这个事项,请从预警页面重新进入。")
        self.matter = chosen
        person = next((people[row.person_id] for row in rows if people[row.person_id].age_on(clock.today()) >= 18), None)
        if person is None:
            raise Refused("这一户没有成年成员,请监护人到窗口申请。")
        members = intake.household_rows(person)
        formset, application = intake.forms_for(self.matter, members)
        people_ = [p for p, _ in members]
        return self._page(people_, formset, application, intake.extra_form(self.matter, people_), AddMemberForm(),
                          intake.new_key())


@require_GET
@staff(*READERS)
def household(request: HttpRequest, household: int) -> HttpResponse:
    return _household(request, household)


def _household(request: HttpRequest, number: int, *, form: ListForm | None = None, status: int = 200) -> HttpResponse:
    context = portrait.household_page(request.officer, number)
    lister = request.officer.role in LISTERS
    return render(request, "monitoring/household.html", {
        **context, "form": form or (ListForm() if lister else None), "unlist": UnlistForm() if lister else None,
        "colours": COLOURS}, status=status)


@require_http_methods(["POST"])
@staff(*LISTERS)
def enlist(request: HttpRequest, household: int) -> HttpResponse:
    form = ListForm(request.POST)
    if form.is_valid() and _done(form, lambda: closing.do_list(household, form.cleaned_data["kind"],
                                                                reason=form.cleaned_data["reason"], by=request.officer)):
        messages.success(request, "已列入低收入人口库。")
        return redirect("assistance:household", household)
    return _household(request, household, form=form, status=422)


@require_http_methods(["POST"])
@staff(*LISTERS)
def unlist(request: HttpRequest, household: int, listing: int) -> HttpResponse:
    form = UnlistForm(request.POST)
    if not form.is_valid():
        raise Refused("请写明移出原因。")
    row = closing.do_unlist(listing, reason=form.cleaned_data["reason"], by=request.officer)
    if row.household_id != household:
        raise NotFound("没有找到这条记录。")
    messages.success(request, "已移出低收入人口库。")
    return redirect("assistance:household", household)


@require_GET
@staff(*READERS)
def nights(request: HttpRequest) -> HttpResponse:
    """The last nights with their counts, and the rules with the thresholds in force where the post is."""
    zone, look = rules.zone_of(request.officer.jurisdiction), lookup_on(clock.today())
    rows = []
    for rule in signals.all_rules():
        applied = [look(name, zone) for name in rule.parameters]
        rows.append({"rule": rule, "grade": GRADES[rule.grade], "colour": COLOURS[rule.grade],
                     "limits": [(v.name, v.text) for v in applied],
                     "sample": any(v.sample for v in applied)})
    limits = [(GRADES[grade], look(f"monitor.limit.{colour}", zone))
              for grade, colour in ((1, "red"), (2, "orange"), (3, "yellow"))]
    return render(request, "monitoring/nights.html", {
        "sweeps": Sweep.objects.order_by("-night", "-id")[:30], "collected": _collected(), "rules": rows, "limits": limits})


def _collected() -> list[Collected]:
    """What each department's file brought on the newest night."""
    last = Collected.objects.order_by("-night").values_list("night", flat=True).first()
    return list(Collected.objects.filter(night=last).order_by("department")) if last else []


def _done(form: django_forms.Form, act: Any) -> bool:
    """Runs the act; what it refuses of the input is shown on the form, and nothing is written."""
    try:
        with transaction.atomic():
            act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    return True
