"""Pages of referrals and offers of work."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock, flow
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.data.registry.models import Household
from minzheng.office.cases.acts import days_left
from minzheng.scenes.assistance.aid import ADULT, carried_out, household_for, living_members
from minzheng.scenes.assistance.aid_pages import ReasonForm, Verb, VersionForm, acted, status_of
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.referrals import actions, working
from minzheng.scenes.assistance.referrals.departments import DEPARTMENTS
from minzheng.scenes.assistance.referrals.forms import (
    AnswerForm,
    JudgeForm,
    OfferForm,
    ReferForm,
    TellForm,
    WorkAnswerForm,
)
from minzheng.scenes.assistance.referrals.models import OPEN, STATES, Referral

PAGE = 30
COLOURS = {"done": "green", "declined": "red", "accepted": "blue", "sent": "blue", "queued": "orange"}


@require_GET
@staff(*actions.READERS)
def referrals(request: HttpRequest) -> HttpResponse:
    """The range's referrals, newest first; open ones unless another state is asked for."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if (state and state not in STATES) or (before and not before.isdigit()):
        raise Refused("没有这个筛选条件,请重新选择。")
    found = Referral.objects.filter(state=state) if state else Referral.objects.filter(state__in=OPEN)
    if before:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    return render(request, "referrals/list.html", {
        "rows": [{"row": row, "name": mask_name(row.person_name), "place": full_name(row.jurisdiction, start=4),
                  "left": days_left(row.due_at) if row.open else None, "colour": COLOURS.get(row.state, "")}
                 for row in rows[:PAGE]],
        "states": STATES.items(), "state": state,
        "next": "?" + urlencode({"state": state, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "prev": "?" + urlencode({"state": state}) if before else ""})


@require_http_methods(["GET", "POST"])
@staff(*actions.READERS)
def referral(request: HttpRequest, referral: str) -> HttpResponse:
    officer = request.officer
    row = actions.get_referral_for(officer, referral)
    tasks = flow.open_tasks(row.number)
    verbs = _verbs(row, tasks, officer)
    if acted(request, verbs):
        return redirect("assistance:referral", referral)
    task = next((task for task in tasks if task.kind == "task"), None)
    return render(request, "referrals/referral.html", {
        "row": row, "verbs": verbs, "colour": COLOURS.get(row.state, ""), "place": full_name(row.jurisdiction, start=3),
        "task": task, "left": days_left(task.due_at) if task else None,
        "events": [{"title": event.KINDS[event.kind], "who": event.name, "text": event.text, "at": event.at,
                    "state": "bad" if event.kind in ("unreached", "declined") else "done"}
                   for event in row.events.order_by("-id")]}, status=status_of(request))


def _verbs(row: Referral, tasks: list[Any], by: Officer) -> list[Verb]:
    mine = {task.key for task in tasks if task.kind == "task" and task.role == by.role and task.office == by.jurisdiction}
    seen = {"version": row.version}
    found = []
    if "tell" in mine:
        found.append(Verb("tell", "登记告知和另行帮助", TellForm,
                          lambda data: actions.do_tell(row.number, text=data["text"], by=by), "已登记。"))
    if row.open and by.role in actions.MAKERS:
        found.append(Verb("remind", "催办", VersionForm,
                          lambda data: actions.do_remind(row.number, version=data["version"], by=by),
                          "已催办,系统正在联系对方。", initial=seen, note="马上再问一次对方,并告诉对方我们在等答复。"))
    if row.open and row.state != "queued" and "follow" in mine:
        found.append(Verb("answer", "登记电话、书面答复", AnswerForm,
                          lambda data: actions.do_take_answer(row.number, by=by, **data), "已登记答复,并已告知当事人。",
                          initial=seen | {"given_on": clock.today()}))
    if row.open and by.role in actions.MAKERS:
        found.append(Verb("withdraw", "撤回转介", ReasonForm,
                          lambda data: actions.do_withdraw(row.number, by=by, **data), "已撤回;已经送到对方的,也会告诉对方。",
                          initial=seen, danger=True))
    return found


@require_http_methods(["GET", "POST"])
@staff(*actions.MAKERS)
def refer(request: HttpRequest, household: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    people = list(living_members(home).values())
    code = request.GET.get("case", "")
    form = ReferForm(request.POST or None, people=people, initial={"key": new_key()})
    made: list[Referral] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        department, _, ask = data["what"].partition(":")
        if carried_out(form, lambda: made.append(actions.do_refer(
                home.pk, person=data["person"], department=department, ask=ask, basis=data["basis"], reason=data["reason"],
                consent=form.consent, phone=data["phone"], key=data["key"], case_code=code, by=officer))):
            messages.success(request, "已提出转介,系统正在送给对方。")
            return redirect("assistance:referral", made[0].number)
    return render(request, "referrals/refer.html", {
        "form": form, "home": home, "place": full_name(home.jurisdiction, start=3), "case_code": code,
        "departments": DEPARTMENTS.values()}, status=status_of(request))


def _adults(home: Household) -> list[tuple[int, str]]:
    today = clock.today()
    return [(p.pk, p.name) for p in living_members(home).values() if p.age_on(today) >= ADULT]


@require_http_methods(["GET", "POST"])
@staff(*working.RECORDERS)
def offer_work(request: HttpRequest, household: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    form = OfferForm(request.POST or None, people=_adults(home), initial={"key": new_key(), "offered_on": clock.today()})
    if request.method == "POST" and form.is_valid() and carried_out(
            form, lambda: working.do_offer(home.pk, by=officer, **form.cleaned_data)):
        messages.success(request, "已登记工作推荐。")
        return redirect("assistance:aid", home.pk)
    return render(request, "referrals/offer_work.html", {
        "form": form, "home": home, "place": full_name(home.jurisdiction, start=3)}, status=status_of(request))


@require_http_methods(["GET", "POST"])
@staff(*actions.READERS)
def work(request: HttpRequest, offer: int) -> HttpResponse:
    """One offer: recording the answer, and judging a refusal after hearing the person."""
    officer = request.officer
    row = working.get_offer_for(officer, offer)
    verbs = []
    if not row.answer and officer.role in working.RECORDERS:
        verbs.append(Verb("answer", "登记本人答复", WorkAnswerForm,
                          lambda data: working.do_answer(row.pk, by=officer, **data), "已登记答复。",
                          initial={"answered_on": clock.today()}))
    if row.answer == "refused" and not row.judged and officer.role in working.JUDGES:
        verbs.append(Verb("judge", "听取意见,认定理由", JudgeForm,
                          lambda data: working.do_judge(row.pk, by=officer, **data), "已认定,并已告知本人。",
                          note="登记推荐的人不能认定。连续三次没有正当理由的,减发或停发另行听取意见后作出决定。"))
    if acted(request, verbs):
        return redirect("assistance:work", offer)
    count = working.refusals_of([row.person]).get(row.person, (0, None))[0]
    return render(request, "referrals/work.html", {"row": row, "verbs": verbs, "count": count}, status=status_of(request))
