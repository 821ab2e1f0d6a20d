"""The officer's inbox (消息)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.office.notices.actions import do_read, do_read_all
from minzheng.office.notices.queries import inbox

PAGE = 20


@require_GET
@staff()
def inbox_page(request: HttpRequest) -> HttpResponse:
    """The own notices, newest first, by keyset."""
    before = request.GET.get("before", "")
    if before and not before.isdigit():
        raise Refused("翻页位置无效,请从第一页重新查看。")
    rows = inbox(request.officer, before=int(before) if before else None, limit=PAGE + 1)
    context = {"rows": rows[:PAGE], "next": "?" + urlencode({"before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
               "prev": "?" if before else ""}
    return render(request, "desk/messages.html", context)


@require_POST
@staff()
def read(request: HttpRequest, number: int) -> HttpResponse:
    """Marks one read and goes to its case, when it is about one."""
    notice = do_read(number, by=request.officer)
    return redirect("desk:case", notice.case_code) if notice.case_code else redirect("desk:messages")


@require_POST
@staff()
def read_all(request: HttpRequest) -> HttpResponse:
    count = do_read_all(by=request.officer)
    messages.success(request, f"已把 {count} 条标为已读。" if count else "没有未读消息。")
    return redirect("desk:messages")
