"""Operating state for the three administrators: backlog, sealer, failed jobs, database and disk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base.identity.officer import require_role
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.steering import do_resume
from minzheng.front.context import office_title
from minzheng.front.health import measure, problems

ADMINS = ("system_admin", "security_admin", "audit_admin")
FAILED = 20


@require_GET
@staff(*ADMINS)
def health(request: HttpRequest) -> HttpResponse:
    found = measure()
    failed = JobRun.objects.filter(status="failed").order_by("-id")[:FAILED]
    context = {
        "m": found, "problems": problems(found), "may_resume": request.officer.role == "system_admin",
        "failed": [{"run": run, "place": office_title(run.jurisdiction), "kind": run.note.partition(":")[0]}
                   for run in failed],
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
