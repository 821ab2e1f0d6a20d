"""核对报告: issued once per state of the answers, signed, never changed; reading it is audited for every member."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock, crypto, events
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Citizen, Officer, Service, require_role
from minzheng.scenes.assistance.verification.doors import get_report_for, get_request_for
from minzheng.scenes.assistance.verification.models import Report, VerificationRequest
from minzheng.scenes.assistance.verification.reading import members_of
from minzheng.scenes.assistance.verification.summary import content_of

KEY = "verification_report"
VALID_DAYS = 60  # 示例值
ISSUERS = ("county_clerk", "county_approver", "data_officer")
DISCLAIMER = "本报告依据各部门反馈的数据生成,仅用于本次社会救助审核,不得用于其他用途,不得向无关人员提供。"
ROUTE = "被核对人对结果有异议的,可以向乡镇(街道)提出并提供证据,由县级民政部门重新核对。"
Status = VerificationRequest.Status


def check_issue(request: VerificationRequest, *, by: Officer | Service, reason: str = "") -> None:
    if isinstance(by, Officer):
        require_role(by, *ISSUERS)
    if request.status == Status.PARTIAL:
        if not reason.strip():
            raise Refused("还有部门没有反馈。请等待或催查;确需先出报告的,请写明理由。", field="reason")
    elif request.status != Status.COMPLETE:
        raise Refused("核对还没有结果,不能出具报告。请等查询结束。")


def do_issue_report(number: str, *, by: Officer | Service, reason: str = "") -> Report:
    """Signs what the departments have said. A partial report needs a reason and names who is silent."""
    with transaction.atomic():
        request = get_request_for(by, number, lock=True)
        check_issue(request, by=by, reason=reason)
        today = clock.today()
        until = today + dt.timedelta(days=VALID_DAYS)
        code = f"{number}-BG{request.reports.count() + 1}"
        members = members_of(request)
        content = {
            "number": code, "request": number, "authorisation": request.authorisation.number,
            "case": request.case_code, "purpose": request.purpose, "kind": request.get_kind_display(),
            "jurisdiction": request.jurisdiction, "issued_on": today.isoformat(), "valid_until": until.isoformat(),
            "validity": f"{VALID_DAYS} 天(示例值)", "disclaimer": DISCLAIMER, "objection": ROUTE, "reason": reason,
            **content_of(members, json.loads(request.declared)),
        }
        data = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        try:
            with transaction.atomic():
                report = Report.objects.create(
                    request=request, jurisdiction=request.jurisdiction, number=code, content=data.decode(),
                    digest=crypto.sm3(data).hex(), signature=crypto.sign(KEY, data).hex(),
                    complete=content["complete"], reason=reason, issued_by=by.name, issued_at=clock.now(),
                    valid_until=until)
        except IntegrityError as error:
            raise Stale("这次核对的报告刚刚有人出具过。请刷新后再看。") from error
        for member in members:
            audit.record("verification.reported", by=by, obj_type="verification.report", obj_id=code,
                         jurisdiction=request.jurisdiction, subject_person=member.person, reason=reason)
        events.emit("verification.reported", aggregate=f"case:{request.case_code}", jurisdiction=request.jurisdiction,
                    payload={"request": number, "report": code, "complete": report.complete})
    return report


def open_content(report: Report) -> dict[str, Any]:
    """The content, after its digest and signature have been checked again. Refused when either fails."""
    data = report.content.encode()
    if crypto.sm3(data).hex() != report.digest or not crypto.verify(KEY, data, bytes.fromhex(report.signature)):
        raise Refused("核对报告的签名验证不通过,内容可能被改动。请联系系统管理员,不要使用这份报告。")
    content: dict[str, Any] = json.loads(data)
    return content


def read_report(number: str, *, by: Officer, reason: str) -> dict[str, Any]:
    """The whole report for an officer who says why; every member can see that it was read."""
    if not reason.strip():
        raise Refused("查看核对报告要写明用途。", field="reason")
    with transaction.atomic():
        report = get_report_for(by, number)
        content = open_content(report)
        for member in content["members"]:
            audit.record("verification.read", by=by, obj_type="verification.report", obj_id=number,
                         jurisdiction=report.jurisdiction, subject_person=member["person"], reason=reason)
    return content | {"expired": report.valid_until < clock.today()}


def read_own_report(number: str, *, by: Citizen) -> dict[str, Any]:
    """What the report says about the citizen; of the others not even their names. Of the household as a whole only what
    differs from the declaration is named, without amounts, since those tell of the others."""
    report = get_report_for(by, number)
    content = open_content(report)
    mine = [member for member in content["members"] if member["person"] == by.person_id]
    if not mine:
        raise NotFound("没有找到您的核对报告。")
    name = mine[0]["name"]
    own = {key: [item for item in content[key] if item["who"] == name]
           for key in ("differences", "contradictions", "flags")}
    return {key: value for key, value in content.items() if key != "household"} | own | {
        "members": mine, "household_differences": [i["title"] for i in content["differences"] if i["who"] == "全家"],
        "expired": report.valid_until < clock.today()}


def latest_report(case_code: str) -> Report | None:
    """The newest report of the case within the acting scope."""
    return Report.objects.filter(request__case_code=case_code).select_related("request").order_by("-id").first()
