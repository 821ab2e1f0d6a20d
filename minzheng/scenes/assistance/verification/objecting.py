"""Objection to a result with evidence, and re-check (民发〔2021〕57号 第十八条)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import transaction

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Citizen, Officer, require_role
from minzheng.scenes.assistance.verification.authorising import in_force
from minzheng.scenes.assistance.verification.doors import get_objection_for, get_report_for
from minzheng.scenes.assistance.verification.models import (
    OPEN,
    Objection,
    Report,
    RequestMember,
    SourceAnswer,
    VerificationRequest,
)
from minzheng.scenes.assistance.verification.people import Person
from minzheng.scenes.assistance.verification.requesting import REQUESTERS, open_request, queue
from minzheng.scenes.assistance.verification.sources import SOURCES

LODGERS = ("town_clerk", "town_reviewer", "county_clerk")


def check_object(report: Report, *, by: Officer | Citizen, person: int, statement: str,
                 departments: Sequence[str]) -> None:
    if isinstance(by, Officer):
        require_role(by, *LODGERS)
    elif by.person_id != person:
        raise NotAllowed("只能对本人的核对结果提出异议。")
    if not statement.strip():
        raise Refused("请写明对哪一项结果有异议、实际情况是什么。", field="statement")
    if not departments or set(departments) - SOURCES.keys():
        raise Refused("请选择有异议的部门。", field="departments")
    if not RequestMember.objects.filter(request_id=report.request_id, person=person).exists():
        raise Refused("这份报告里没有这个人。")


def do_object(
    report_number: str, *, by: Officer | Citizen, person: int, statement: str, departments: Sequence[str],
    evidence: str = "",
) -> Objection:
    """Lodges the person's objection. `evidence` is the number of a stored file."""
    with transaction.atomic():
        report = get_report_for(by, report_number)
        check_object(report, by=by, person=person, statement=statement, departments=departments)
        mine = Objection.objects.filter(report=report, person=person)
        if mine.filter(status=Objection.Status.LODGED).exists():
            raise Refused("这个人的异议已经提出,正在等待重新核对。")
        objection = Objection.objects.create(
            number=f"{report_number}-YY{person}-{mine.count() + 1}", report=report, jurisdiction=report.jurisdiction,
            person=person, departments=sorted(set(departments)), statement=statement, evidence=evidence,
            lodged_by=by.name, lodged_at=clock.now())
        audit.record("verification.objected", by=by, obj_type="verification.objection", obj_id=objection.number,
                     jurisdiction=report.jurisdiction, subject_person=person)
        events.emit("verification.objected", aggregate=f"case:{report.request.case_code}",
                    jurisdiction=report.jurisdiction, payload={"objection": objection.number})
    return objection


def lodged_objection(case_code: str) -> str:
    """Number of the oldest objection in the case that waits for its re-check; empty when there is none."""
    rows = Objection.objects.filter(report__request__case_code=case_code, status=Objection.Status.LODGED)
    return rows.order_by("id").values_list("number", flat=True).first() or ""


def do_recheck(objection_number: str, *, by: Officer) -> VerificationRequest:
    """A new request for all objections that wait in the case: each person's disputed departments are asked about that
    person again, all other answers are carried over from the newest report that is disputed."""
    require_role(by, *REQUESTERS)
    with transaction.atomic():
        asked = get_objection_for(by, objection_number, lock=True)
        if asked.status != Objection.Status.LODGED:
            raise Refused("这件异议已经进入重新核对。")
        waiting = list(Objection.objects.select_for_update(of=("self",)).select_related("report__request").filter(
            report__request__case_code=asked.report.request.case_code, status=Objection.Status.LODGED).order_by("id"))
        before = max((objection.report for objection in waiting), key=lambda report: report.pk).request
        if not in_force(before.authorisation):
            raise Refused("核对授权书不在有效期内或已撤回。请重新签署授权书后再核对。")
        if VerificationRequest.objects.filter(case_code=before.case_code, status__in=OPEN).exists():
            raise Refused("这个办件正在核对中,请等本次核对结束后再重新核对。")
        people = [Person(m.person, m.name, m.id_number, m.birth_date, m.relation, m.inside,
                         declared=json.loads(m.declared)) for m in before.members.order_by("id")]
        request = open_request(
            by=by, form=before.authorisation, jurisdiction=before.jurisdiction, people=people,
            declared=json.loads(before.declared), kind="recheck", purpose=before.purpose, previous=before)
        members = {member.person: member for member in request.members.all()}
        disputed = {(objection.person, department) for objection in waiting for department in objection.departments}
        SourceAnswer.objects.bulk_create(
            _question(request, members[old.member.person], old, disputed)
            for old in before.answers.select_related("member").order_by("id"))
        for objection in waiting:
            objection.status, objection.recheck = Objection.Status.RECHECKING, request
            objection.save(update_fields=["status", "recheck"])
            audit.record("verification.rechecked", by=by, obj_type="verification.objection", obj_id=objection.number,
                         jurisdiction=before.jurisdiction, subject_person=objection.person)
        queue(request, by=by)
    return request


def _question(
    request: VerificationRequest, member: RequestMember, old: SourceAnswer, disputed: set[tuple[int, str]]
) -> SourceAnswer:
    fresh = SourceAnswer(request=request, member=member, jurisdiction=request.jurisdiction, department=old.department)
    if (member.person, old.department) in disputed:
        return fresh
    for name in ("status", "detail", "records", "as_of", "call", "answered_at"):
        setattr(fresh, name, getattr(old, name))
    fresh.carried = True
    return fresh
