"""请假代岗: asking for leave with a stand-in, agreeing to it, and ending it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from minzheng.base import clock, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity import leaves
from minzheng.base.identity.models import Leave, Post
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import get_role
from minzheng.front.context import CASE_ROLES, MONEY_ROLES
from minzheng.front.desk.admin_forms import day_field
from minzheng.front.desk.money_forms import attempt, number_from

LEAVE_ROLES = CASE_ROLES | MONEY_ROLES | {"data_officer"}
PAGE = 20


class LeaveForm(forms.Form):
    stand_in = forms.TypedChoiceField(label="由谁代岗", coerce=int, error_messages={"required": "请选择代岗人。"})
    valid_from = day_field(label="从", initial=clock.today)
    valid_to = day_field(label="到(含)")
    tasks = forms.ChoiceField(label="手头的任务", choices=Leave.TASKS, initial="pass", widget=forms.RadioSelect)
    reason = forms.CharField(label="原因", max_length=200, help_text="例如:年休假、病假、外出培训")

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["stand_in"].choices = [("", "请选择"), *people]


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="意见", required=False, max_length=200, help_text="不批准的必填")


def _form(officer: Officer, data: Any = None) -> LeaveForm | None:
    """The form of the acting post; none in a cover post, or where no head is known."""
    post = Post.objects.filter(pk=officer.post_id).first()
    if post is None or post.covers_id is not None or not get_role(post.role).heads:
        return None
    return LeaveForm(data, people=[(a.pk, a.name) for a in leaves.candidates(post)], auto_id="leave_%s")


@require_http_methods(["GET", "POST"])
@staff(*LEAVE_ROLES)
def leave(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    form = _form(officer, request.POST or None)
    if request.method == "POST":
        if form is None:
            raise Refused("代岗岗位不能再请人代。请切换到您自己的岗位再请假。")
        if form.is_valid() and attempt(form, lambda: leaves.do_ask(by=officer, **form.cleaned_data)):
            messages.success(request, "已提交,等负责人批准。批准前不生效。")
            return redirect("desk:leave")
    rows = Leave.objects.select_related("account", "stand_in", "post", "decided_by").order_by("-id")
    before = number_from(request.GET.get("before", ""))
    unit = rows.filter(state="approved", jurisdiction=officer.jurisdiction).exclude(account=officer.account_id)[:PAGE]
    mine = list((rows.filter(pk__lt=before) if before else rows).filter(account=officer.account_id)[:PAGE + 1])
    waiting = [row for row in rows.filter(state="asked", heads__contains=[officer.role])[:PAGE * 3] if leaves.decides(row, officer)]
    context = {
        "form": form, "covering": officer.covers is not None, "opinion": OpinionForm(), "today": clock.today(),
        "waiting": [_shown(row, officer) for row in waiting], "mine": [_shown(row, officer) for row in mine[:PAGE]],
        "unit": [_shown(row, officer) for row in unit],
        "next": f"?before={mine[PAGE - 1].pk}" if len(mine) > PAGE else "", "prev": reverse("desk:leave") if before else "",
    }
    return render(request, "desk/leave.html", context, status=422 if request.method == "POST" else 200)


def _shown(row: Leave, officer: Officer) -> dict[str, Any]:
    return {"row": row, "post": get_role(row.post.role).title, "place": full_name(row.jurisdiction, start=3),
            "own": row.account_id == officer.account_id, "ends": row.state == "approved" and (
                row.account_id == officer.account_id or leaves.decides(row, officer))}


@require_POST
@staff(*LEAVE_ROLES)
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Approve, refuse, withdraw or end. Each once: a second click finds it done and is told so."""
    by, opinion = request.officer, request.POST.get("opinion", "").strip()[:200]
    if verb == "approve":
        row = flow.do_approve_leave(number, opinion=opinion, by=by)
        messages.success(request, f"已批准。{row.valid_from} 起由{row.stand_in.name}代岗。")
    elif verb == "refuse":
        leaves.do_refuse(number, opinion=opinion, by=by)
        messages.success(request, "已退回,没有生效。")
    elif verb == "withdraw":
        leaves.do_withdraw(number, by=by)
        messages.success(request, "已撤回。")
    elif verb == "end":
        flow.do_end_leave(number, reason=opinion or "提前返岗", by=by)
        messages.success(request, "代岗已结束,代岗人手头的任务已交还。")
    else:
        raise Refused("没有这种操作,请从页面上选择。")
    return redirect("desk:leave")
