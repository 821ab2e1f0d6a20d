"""Decisions after the first: revoking a wrong one, and serving those that no task of the process serves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock, files, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Stale
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import office_of
from minzheng.front.desk.case_forms import RevokeForm, ServeForm
from minzheng.front.desk.money_forms import attempt
from minzheng.office.benefits.queries import benefits_of_case
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import do_revoke, get_decision_for
from minzheng.office.decisions.models import Decision
from minzheng.office.decisions.queries import service_of, standing_decision
from minzheng.office.decisions.service import SERVERS, Receipt, do_serve

# What has to be done once a decision is gone, by its kind.
FOLLOWS = {
    "confirm": "待遇立即暂停,户主从长期公示中撤下;由县级审批岗重新作出决定后,再恢复、调整或终止待遇。",
    "refuse": "原来的“不予确认”不再有效;由县级审批岗重新作出决定,符合条件的从新决定的次月起发放。",
    "cut": "减发不再有效:原标准和减少的人员从减发的月份起恢复,少发的部分列入下一次补发。有人已在别处享受的,不能撤销。",
    "end": "终止(渐退)不再有效:待遇和认定从停发的月份起恢复,少发的月份列入下一次补发。有人已在别处享受的,不能撤销。",
    "continue": "继续发放的决定不再有效。请重新作出决定。",
}


def _decision(case: Case, number: str, by: Officer) -> Decision:
    found = get_decision_for(by, number)
    if found.case_id != case.pk:
        raise NotFound("没有找到这份决定书,请核对文号。")
    return found


def remedy_of(case: Case) -> str:
    county = full_name(office_of(case.jurisdiction, 3))
    return f"对本决定不服的,可以向{county}人民政府申请行政复议,也可以向人民法院提起行政诉讼。"


def _why_not_revoke(case: Case, row: Decision, by: Officer) -> str:
    if row.revoked_at is not None:
        return "这个决定已经撤销。"
    if row.kind == "revoke":
        return "撤销决定本身不能再撤销,请重新作出决定。"
    if by.role != "county_leader" or not by.reaches(case.jurisdiction):
        return "只有本县的县级负责人可以撤销决定。"
    if row.decided_by in by.hands:
        return "不能撤销自己作出的决定,请由其他负责人办理。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def revoke(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """撤销: the leader of the county writes what was wrong; the page tells beforehand what follows."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    row = _decision(case, number, officer)
    form = RevokeForm(request.POST or None, initial={"legal_basis": row.legal_basis, "remedy": remedy_of(case), "seen": case.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["seen"] != case.version and row.revoked_at is None:
            raise Stale("这个办件刚刚被别人更新过。请刷新页面,看清最新情况后再办理。")
        if attempt(form, lambda: do_revoke(number, by=officer, reasons=data["reasons"], remedy=data["remedy"],
                                           legal_basis=data["legal_basis"].splitlines())):
            messages.success(request, "原决定已撤销,待遇已恢复,少发的列入下一次补发。请送达撤销决定书。" if row.kind in ("cut", "end")
                             else "原决定已撤销。请送达撤销决定书,并由审批岗重新作出决定。")
            return redirect("desk:case", code)
    context = {"case": case, "row": row, "form": form, "why": _why_not_revoke(case, row, officer),
               "follows": FOLLOWS.get(row.kind, ""), "benefits": benefits_of_case(code)}
    return render(request, "desk/revoke.html", context, status=422 if request.method == "POST" else 200)


def _why_not_serve(case: Case, row: Decision, by: Officer) -> str:
    if service_of(row) is not None:
        return "这份决定书已经送达。"
    if row.revoked_at is not None:
        return "这份决定已经撤销,不用再送达。"
    standing = standing_decision(case)
    if standing is not None and standing.pk == row.pk and any(t.key == "serve" for t in flow.open_tasks(case.code)):
        return "这份决定书由“送达决定”任务送达,请在办件页办理。"
    if not by.reaches(case.jurisdiction) or by.role not in SERVERS:
        return "由村级协理员、乡镇经办、乡镇审核或县级经办送达,当前岗位可以查看。"
    return ""


@require_http_methods(["GET", "POST"])
@staff()
def serve(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """送达回证 for 减少, 终止, 撤销 and for decisions made anew after the process has ended."""
    officer = request.officer
    case = get_case_for(officer, code, lock=request.method == "POST")
    row = _decision(case, number, officer)
    form = ServeForm(request.POST or None, request.FILES or None, initial={"served_on": clock.today()})
    why = _why_not_serve(case, row, officer)
    if request.method == "POST" and not why and form.is_valid() and attempt(
            form, lambda: do_serve(number, _receipt(case, row, form.cleaned_data, officer), by=officer)):
        messages.success(request, "已登记送达。")
        return redirect("desk:case", code)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/serve.html", {"case": case, "row": row, "form": form, "why": why}, status=status)


def _receipt(case: Case, row: Decision, data: dict[str, Any], by: Officer) -> Receipt:
    upload = data["signature"]
    signature = None
    if upload is not None:
        signature = files.store(upload.read(), name=upload.name, by=by, jurisdiction=case.jurisdiction, kind="signature",
                                case_id=case.pk).pk
    at = None
    if data["served_on"] != clock.today():
        at = dt.datetime.combine(data["served_on"], dt.time(17, 0), clock.SHANGHAI)
        if at.date() == row.decided_at.astimezone(clock.SHANGHAI).date():
            at = max(at, row.decided_at)
    return Receipt(method=data["method"], receiver=data["receiver"], relation=data["relation"], served_at=at,
                   signature=signature, witnesses=data["witnesses"], tracking=data["tracking"])
