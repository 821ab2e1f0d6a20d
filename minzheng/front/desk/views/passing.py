"""转办: handing a task to a colleague with the same post of the same office, or back to the office."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock, flow
from minzheng.base.errors import Refused
from minzheng.base.flow.models import Task
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.front.desk.forms import TransferForm
from minzheng.office.cases.doors import get_case_for
from minzheng.office.decisions.objecting import read_subject


def same_post(task: Task, officer: Officer) -> list[tuple[str, str]]:
    """Accounts that could do the task instead: the same role at the same office, oneself left out."""
    today = clock.today()
    posts = Post.objects.filter(office=task.office, role=task.role, valid_from__lte=today, approved_by__isnull=False,
                                ended_at=None).exclude(valid_to__lt=today).select_related("account").order_by("id")
    return [(str(p.account_id), p.account.name) for p in posts if p.account_id != officer.account_id]


@require_http_methods(["GET", "POST"])
@staff()
def transfer(request: HttpRequest, code: str, task_id: int) -> HttpResponse:
    case = get_case_for(request.officer, code, sensitive=False)
    task = flow.get_task_for(request.officer, task_id)
    parts = read_subject(task.subject)
    if (parts[0] if parts else task.subject) != case.code:
        raise Refused("这个任务不属于这个办件,请返回待办列表重新打开。")
    flow.check_seat(task, request.officer)
    form = TransferForm(request.POST or None, colleagues=same_post(task, request.officer))
    if request.method == "POST" and form.is_valid():
        if task.status == "ready":
            task = flow.claim(task, by=request.officer)
        try:
            flow.transfer(task, to=int(form.cleaned_data["account"]), reason=form.cleaned_data["reason"], by=request.officer)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, f"“{task.title}”已转办。")
            return redirect("desk:tasks")
    return render(request, "desk/transfer.html", {"case": case, "task": task, "form": form},
                  status=422 if request.method == "POST" else 200)
