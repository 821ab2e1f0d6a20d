"""Operating state for the three administrators: backlog, sealer, failed jobs, database and disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base.events import operating
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.failing import sentence_of, sentence_of_note
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.registry import job_title
from minzheng.base.jobs.steering import do_resume, do_stop
from minzheng.front.context import office_title
from minzheng.front.health import measure, problems

ADMINS = ("system_admin", "security_admin", "audit_admin")
SHOWN = 20
ABOUT = {"case": "办件", "decision": "决定", "publicity": "公示", "document": "文书", "ledger": "资金", "benefits": "待遇",
         "entitlement": "待遇", "parameter": "政策参数", "verification": "核对", "registry": "人口信息", "flow": "流程",
         "recognition": "认定"}


def _shown(runs: Iterable[JobRun]) -> list[dict[str, Any]]:
    return [{"run": run, "title": job_title(run.name), "place": office_title(run.jurisdiction),
             "why": sentence_of_note(run.note) if run.status == "failed" else ""} for run in runs]


def _dead(by: Officer) -> list[dict[str, Any]]:
    """Consumer and class name stand before the error's text; only the class leads to words."""
    return [{"event": letter, "place": office_title(letter.jurisdiction),
             "about": ABOUT.get(letter.name.partition(".")[0], "其他"),
             "why": sentence_of(letter.error.partition(":")[2].partition(":")[0])} for letter in operating.dead_letters_for(by)]


@require_GET
@staff(*ADMINS)
def health(request: HttpRequest) -> HttpResponse:
    found = measure()
    runs = JobRun.objects.order_by("-id")
    context = {
        "m": found, "problems": problems(found), "may_act": request.officer.role == "system_admin",
        "open": _shown(runs.filter(status__in=("queued", "running"))[:SHOWN]),
        "failed": _shown(runs.filter(status__in=("failed", "stopped"))[:SHOWN]), "dead": _dead(request.officer),
    }
    return render(request, "desk/health.html", context)


@require_POST
@staff(*ADMINS)
def resume(request: HttpRequest, run: int) -> HttpResponse:
    """Queues a failed or stopped run again; it goes on where it was."""
    require_role(request.officer, "system_admin")
    do_resume(run, by=request.officer)
    messages.success(request, f"任务 {run} 已重新排队,会从断点继续。")
    return redirect("desk:health")


@require_POST
@staff(*ADMINS)
def stop(request: HttpRequest, run: int) -> HttpResponse:
    """A waiting run stops at once, a running one after its present step; what it has done stays done."""
    require_role(request.officer, "system_admin")
    do_stop(run, by=request.officer)
    messages.success(request, f"任务 {run} 已要求停止:排队的立即停止,正在运行的做完当前一步后停止。以后可以从断点继续。")
    return redirect("desk:health")


@require_POST
@staff(*ADMINS)
def retry(request: HttpRequest, event: int) -> HttpResponse:
    """Puts a dead event back in line."""
    operating.do_retry_as_administrator(event, by=request.officer)
    messages.success(request, f"事件 {event} 已重新排队,后面等它的事件会随后处理。")
    return redirect("desk:health")
