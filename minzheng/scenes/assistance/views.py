"""What officers do with 核对 from the case page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from minzheng.base import files
from minzheng.base.errors import NotFound
from minzheng.base.identity.pages import staff
from minzheng.office.cases.doors import get_case_for
from minzheng.scenes.assistance.verification.doors import get_report_for
from minzheng.scenes.assistance.verification.printing import do_print_report
from minzheng.scenes.assistance.verification.reports import do_issue_report
from minzheng.scenes.assistance.verification.requesting import do_retry


@require_POST
@staff()
def retry_check(request: HttpRequest, code: str) -> HttpResponse:
    get_case_for(request.officer, code, sensitive=False)
    do_retry(request.POST.get("number", ""), by=request.officer)
    messages.success(request, "已向没有反馈的部门再次查询,请稍后刷新查看。")
    return redirect("desk:case", code)


@require_POST
@staff()
def issue_report(request: HttpRequest, code: str) -> HttpResponse:
    get_case_for(request.officer, code, sensitive=False)
    do_issue_report(request.POST.get("number", ""), by=request.officer, reason=request.POST.get("reason", ""))
    messages.success(request, "已出具部分反馈的核对报告。")
    return redirect("desk:case", code)


@require_POST
@staff()
def print_report(request: HttpRequest, code: str) -> HttpResponse:
    """The report as signed PDF. Asked for again, the first paper; every reading is recorded for every member."""
    get_case_for(request.officer, code, sensitive=False)
    report = get_report_for(request.officer, request.POST.get("number", ""))
    if report.request.case_code != code:
        raise NotFound("这份核对报告不属于这个办件。")
    reason = f"打印办件 {code} 的核对报告"
    issued = do_print_report(report.number, by=request.officer, reason=reason)
    return files.download(issued.file, by=request.officer, reason=reason, inline=True)
