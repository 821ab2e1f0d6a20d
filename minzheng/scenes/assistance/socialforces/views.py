"""Officers' pages of social forces: needs, one need, one claim, representatives."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.acts import days_left
from minzheng.scenes.assistance.aid import carried_out, household_for, living_members
from minzheng.scenes.assistance.aid_pages import ReasonForm, Verb, VersionForm, acted, status_of
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.socialforces import claims, needs
from minzheng.scenes.assistance.socialforces.forms import (
    ClaimForForm,
    GiveForm,
    MatchForm,
    NeedForm,
    RepresentForm,
    SayForm,
)
from minzheng.scenes.assistance.socialforces.models import (
    NEED_STATES,
    TOPICS,
    Claim,
    Feedback,
    Gift,
    Need,
    Representative,
)

PAGE = 30
COLOURS = {"open": "blue", "claimed": "orange", "matched": "blue", "served": "green", "draft": "orange"}


@require_GET
@staff(*needs.READERS)
def needs_list(request: HttpRequest) -> HttpResponse:
    state, before = request.GET.get("state", "open"), request.GET.get("before", "")
    if state not in NEED_STATES or (before and not before.isdigit()):
        raise Refused("没有这个筛选条件,请重新选择。")
    found = Need.objects.filter(state=state)
    if before:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    return render(request, "socialforces/list.html", {
        "rows": [{"row": row, "topic": TOPICS[row.topic], "place": full_name(office_of(row.jurisdiction, 4), start=4)}
                 for row in rows[:PAGE]],
        "states": NEED_STATES.items(), "state": state, "represents": request.officer.role in ("county_clerk", "county_approver"),
        "next": "?" + urlencode({"state": state, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "prev": "?" + urlencode({"state": state}) if before else ""})


@require_http_methods(["GET", "POST"])
@staff(*needs.WRITERS)
def write(request: HttpRequest, household: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    form = NeedForm(request.POST or None, people=list(living_members(home).values()), initial={"key": new_key()})
    made: list[Need] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if carried_out(form, lambda: made.append(needs.do_write(
                home.pk, consent=form.consent, by=officer,
                **{name: data[name] for name in ("person", "kind", "topic", "title", "description", "source", "key")}))):
            messages.success(request, "已登记需求,请另一位工作人员审核后发布。")
            return redirect("assistance:need", made[0].number)
    return render(request, "socialforces/write.html", {
        "form": form, "home": home, "place": full_name(home.jurisdiction, start=3)}, status=status_of(request))


@require_http_methods(["GET", "POST"])
@staff(*needs.READERS)
def need(request: HttpRequest, need: str) -> HttpResponse:
    officer = request.officer
    row = needs.get_need_for(officer, need)
    verbs = _need_verbs(row, officer)
    if acted(request, verbs):
        return redirect("assistance:need", need)
    return render(request, "socialforces/need.html", {
        "row": row, "verbs": verbs, "topic": TOPICS[row.topic], "colour": COLOURS.get(row.state, ""),
        "place": full_name(office_of(row.jurisdiction, 4), start=3), "village": full_name(row.jurisdiction, start=3),
        "claims": Claim.objects.filter(need=row).order_by("-id")}, status=status_of(request))


def _need_verbs(row: Need, by: Officer) -> list[Verb]:
    seen, found = {"version": row.version}, []
    if row.state == "draft" and by.role in needs.REVIEWERS and by.account_id != row.written_by:
        found.append(Verb("publish", "审核通过,发布", VersionForm,
                          lambda data: needs.do_publish(row.number, version=data["version"], by=by), "已发布给社会组织。",
                          initial=seen, note="请再看一遍标题和说明,确认认不出是哪一家。"))
    if row.state == "open" and by.role in needs.WRITERS:
        found.append(Verb("claim", "代社会组织登记认领", ClaimForForm,
                          lambda data: claims.do_claim_for(row.number, by=by, **data), "已登记认领,请审核岗位对接。",
                          initial=seen | {"key": new_key()}, note="社会组织没有代表人账户、来函或来电认领的,在这里登记。"))
    if row.state in ("draft", "open", "served") and by.role in (*needs.WRITERS, *needs.REVIEWERS):
        found.append(Verb("close", "结束需求", ReasonForm, lambda data: needs.do_close(row.number, by=by, **data),
                          "已结束。", initial=seen, danger=True))
    return found


@require_http_methods(["GET", "POST"])
@staff(*needs.READERS)
def claim(request: HttpRequest, claim: str) -> HttpResponse:
    officer = request.officer
    row = claims.get_claim_for(officer, claim)
    needs.get_need_for(officer, row.need.number)  # the look is recorded for the person
    tasks = flow.open_tasks(row.number) if row.state == "claimed" else []
    gift = Gift.objects.filter(claim=row).first()
    said = Feedback.objects.filter(gift=gift).first() if gift else None
    verbs = _claim_verbs(row, tasks, gift, said, officer)
    if acted(request, verbs):
        return redirect("assistance:claim", claim)
    task = next((task for task in tasks if task.kind == "task"), None)
    shows = row.representative is None and officer.role in (*needs.WRITERS, *needs.REVIEWERS)
    return render(request, "socialforces/claim.html", {
        "row": row, "verbs": verbs, "colour": COLOURS.get(row.state, ""), "gift": gift, "said": said, "task": task,
        "left": days_left(task.due_at) if task else None,
        "contact": claims.contact_of(row, by=officer) if shows else {}}, status=status_of(request))


def _claim_verbs(row: Claim, tasks: list[Any], gift: Gift | None, said: Feedback | None, by: Officer) -> list[Verb]:
    seen, found = {"version": row.version}, []
    if any(t.kind == "task" and t.role == by.role and t.office == by.jurisdiction for t in tasks):
        found += [Verb("match", "同意对接,告知联系方式", MatchForm, lambda data: claims.do_match(row.number, by=by, **data),
                       "已对接,联系方式已告知并留痕。", initial=seen | {"consent_on": clock.today()},
                       note="先把组织名称和打算怎样帮告诉家庭,家庭同意了再对接。"),
                  Verb("reject", "不同意,退回需求池", ReasonForm, lambda data: claims.do_reject(row.number, by=by, **data),
                       "已退回,其他组织可以认领。", initial=seen, danger=True)]
    if row.state == "matched" and by.role in needs.WRITERS:
        found.append(Verb("give", "登记帮扶", GiveForm, lambda data: claims.do_give(row, by=by, **data), "已登记,家庭会收到反馈的邀请。",
                          initial={"given_on": clock.today()}))
    if gift is not None and said is None and by.role in needs.WRITERS and gift.recorded_by != by.account_id:
        found.append(Verb("say", "登记家庭的反馈", SayForm, lambda data: claims.do_say(gift.pk, by=by, **data), "已登记反馈。"))
    if row.state in ("claimed", "matched") and by.role in (*needs.WRITERS, *needs.REVIEWERS):
        found.append(Verb("back", "收回认领", ReasonForm, lambda data: claims.do_take_back(row.number, by=by, **data),
                          "已收回,需求回到需求池。", initial=seen, danger=True))
    return found


@require_http_methods(["GET", "POST"])
@staff("county_clerk", "county_approver")
def representatives(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    verbs = [Verb("enter", "登记代表人", RepresentForm, lambda data: needs.do_represent(by=officer, **data),
                  "已登记。代表人用本人的市民账户登录,在“我的帮扶”旁边认领。",
                  note="登记前核对社会组织的授权文件。一人只代表一个组织,新的登记代替旧的。")]
    if acted(request, verbs):
        return redirect("assistance:representatives")
    return render(request, "socialforces/representatives.html", {
        "rows": Representative.objects.order_by("organisation_name", "id")[:100], "verbs": verbs, "today": clock.today()},
        status=status_of(request))
