"""Audit records for the audit administrator, and whether the chain of seals holds."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from minzheng.base import audit, clock
from minzheng.base.audit.sealing import delay
from minzheng.base.audit.state import last_verified, seal_state
from minzheng.base.errors import Refused
from minzheng.base.identity.models import Account
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import role_title
from minzheng.front.context import office_title
from minzheng.front.desk.admin_forms import AuditForm

PAGE = 50
LATE = 60.0
OBJECTS = {
    "case": "办件", "registry.person": "个人档案", "registry.household": "家庭", "file": "文件", "document": "文书",
    "parameter": "政策参数", "account": "账户", "post": "岗位", "page": "页面", "job_run": "任务", "event": "事件",
    "audit": "审计记录", "entitlement": "待遇", "verification.request": "核对请求", "verification.report": "核对报告",
    "verification.objection": "核对异议", "verification.authorisation": "核对授权", "process": "办理流程", "task": "办理环节",
    "envelope": "支付清单", "budget": "预算", "funding_share": "资金比例", "figures": "统计报表", "delegation": "委托确认",
    "county": "县区", "backup": "备份", "registry.load": "人口装载", "exchange.notice": "部门通知",
}
ROLES = {"citizen": "市民"}

audit.declare_actions({"audit.search": "检索审计记录", "page.refused": "访问被拒绝", "identity.switch_post": "切换岗位"})


def row_of(entry: Any) -> dict[str, Any]:
    role = ROLES.get(entry.role) or role_title(entry.role)
    where = office_title(entry.jurisdiction) if entry.jurisdiction else ""
    detail = {name: value for name, value in (("变更前", entry.before), ("变更后", entry.after)) if value}
    return {"entry": entry, "actor": "系统" if entry.role == "service" else entry.actor, "who": f"{where} {role}".strip(),
            "object": OBJECTS.get(entry.obj_type, "业务记录"),
            "detail": json.dumps(detail, ensure_ascii=False, indent=1) if detail else ""}


@require_GET
@staff("audit_admin")
def records(request: HttpRequest) -> HttpResponse:
    """Search by period and account, newest first, by keyset; the search itself is recorded."""
    officer, today = request.officer, clock.today()
    asked = "since" in request.GET
    form = AuditForm(request.GET if asked else {"since": today - dt.timedelta(days=6), "until": today, "username": ""})
    before = request.GET.get("before", "")
    if before and not before.isdigit():
        raise Refused("翻页位置无效,请重新查询。")
    entries: list[Any] = []
    account = None
    if form.is_valid() and (name := form.cleaned_data["username"].strip()):
        account = Account.objects.filter(username=name, person_id=None).values_list("pk", flat=True).first()
        if account is None:
            form.add_error("username", "没有这个用户名。请核对后再查。")
    if form.is_valid():
        data = form.cleaned_data
        first = dt.datetime.combine(data["since"], dt.time(), clock.SHANGHAI)
        last = dt.datetime.combine(data["until"] + dt.timedelta(days=1), dt.time(), clock.SHANGHAI)
        entries = audit.search(by_role=officer.role, since=first, until=last, account=account,
                               before_id=int(before) if before else None, limit=PAGE + 1)
        if asked:
            audit.record("audit.search", by=officer, obj_type="audit", obj_id="search", jurisdiction=officer.jurisdiction,
                         after={"since": data["since"], "until": data["until"], "account": account},
                         reason="检索审计记录")
    kept = {"since": form["since"].value(), "until": form["until"].value(), "username": form["username"].value() or ""}
    shown, waited = entries[:PAGE], delay()
    context = {
        "form": form, "rows": [row_of(entry) for entry in shown], "seal": seal_state(), "verified": last_verified(),
        "delay": int(waited), "late": waited > LATE,
        "next": "?" + urlencode({**kept, "before": shown[-1].id}) if len(entries) > PAGE else "",
        "prev": "?" + urlencode(kept) if before else "",
    }
    return render(request, "desk/audit.html", context, status=200 if form.is_valid() else 422)
