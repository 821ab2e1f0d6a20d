"""What officers do with 核对 from the case page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from minzheng.base.identity.pages import staff
from minzheng.office.cases.doors import get_case_for
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
