"""Starting a check: one request, all departments, all members, one job. County 民政 starts within 3 working days
of the request (民发〔2021〕57号 第十七条)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events, jobs, workdays
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, Service, require_role
from minzheng.scenes.assistance.verification.authorising import check_covers
from minzheng.scenes.assistance.verification.doors import check_reach, get_authorisation, get_request_for
from minzheng.scenes.assistance.verification.models import (
    OPEN,
    Authorisation,
    RequestMember,
    VerificationRequest,
)
from minzheng.scenes.assistance.verification.people import Person
from minzheng.scenes.assistance.verification.sources import SOURCES

PURPOSE = "社会救助家庭经济状况核对"
START_WITHIN = 3  # working days
JOB = "verification.run"
REQUESTERS = ("town_clerk", "town_reviewer", "county_clerk", "county_approver")


def check_request(
    *, by: Officer | Service, case_code: str, jurisdiction: str, authorisation: str, people: Sequence[Person],
) -> Authorisation:
    """Refused unless everybody has authorised it and no check of the case is open. Sends nothing."""
    if isinstance(by, Officer):
        require_role(by, *REQUESTERS)
    check_reach(by, jurisdiction)
    if not case_code.strip():
        raise Refused("核对必须有业务编号(社会救助法第七十条)。")
    if not people:
        raise Refused("没有要核对的人员。")
    if not authorisation:
        raise Refused("还没有登记核对授权书。请先请全体成年成员签署授权书。")
    form = get_authorisation(by, authorisation)
    check_covers(form, case_code, people)
    if VerificationRequest.objects.filter(case_code=case_code, status__in=OPEN).exists():
        raise Refused("这个办件正在核对中,不能重复发起。请等本次核对结束,或在核对页面查看进度。")
    return form


def do_request_check(
    *, by: Officer | Service, case_code: str, jurisdiction: str, authorisation: str, people: Sequence[Person],
    declared: dict[str, int] | None = None, kind: str = "new", purpose: str = PURPOSE,
) -> VerificationRequest:
    """Opens the request and queues its job. `declared` is what the household declares together."""
    form = check_request(by=by, case_code=case_code, jurisdiction=jurisdiction, authorisation=authorisation,
                         people=people)
    with transaction.atomic():
        request = open_request(by=by, form=form, jurisdiction=jurisdiction, people=people, declared=declared or {},
                               kind=kind, purpose=purpose)
        _ask_all(request)
        queue(request, by=by)
    return request


def _ask_all(request: VerificationRequest) -> None:
    """A question to every department about every member."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO verification_sourceanswer (request_id, member_id, jurisdiction, department, status, detail, attempts,"
            " as_of, carried) SELECT m.request_id, m.id, m.jurisdiction, d.name, 'pending', '', 0, '', false"
            " FROM verification_requestmember m CROSS JOIN unnest(%s::text[]) WITH ORDINALITY d (name, at)"
            " WHERE m.request_id = %s ORDER BY m.id, d.at", [list(SOURCES), request.pk])


def open_request(
    *, by: Officer | Service, form: Authorisation, jurisdiction: str, people: Sequence[Person],
    declared: dict[str, int], kind: str, purpose: str, previous: VerificationRequest | None = None,
) -> VerificationRequest:
    """Writes the request and its members, audits and tells; the caller adds the questions. Inside a transaction."""
    if kind not in VerificationRequest.Kind.values or not purpose.strip():
        raise Refused("核对要写明类型和用途。")
    code, today = form.case_code, clock.today()
    count = VerificationRequest.objects.filter(case_code=code).count()
    try:
        with transaction.atomic():
            request = VerificationRequest.objects.create(
                number=f"{code}-HD{count + 1}", case_code=code, jurisdiction=jurisdiction, authorisation=form,
                previous=previous, kind=kind, purpose=purpose, declared=json.dumps(declared), requested_by=by.name,
                requested_at=clock.now(), start_by=workdays.add(today, START_WITHIN))
    except IntegrityError as error:
        raise Refused("这个办件正在核对中,不能重复发起。请等本次核对结束,或在核对页面查看进度。") from error
    RequestMember.objects.bulk_create(
        RequestMember(request=request, jurisdiction=jurisdiction, person=p.person, name=p.name, id_number=p.id_number,
                      birth_date=p.birth_date, relation=p.relation, inside=p.inside, declared=json.dumps(p.declared))
        for p in people)
    audit.record_many("verification.requested", by=by, obj_type="verification.request", reason=purpose, lines=[
        audit.Line(request.number, jurisdiction, subject_person=person.person) for person in people])
    events.emit("verification.requested", aggregate=f"case:{code}", jurisdiction=jurisdiction,
                payload={"request": request.number, "kind": kind})
    return request


def queue(request: VerificationRequest, *, by: Officer | Service) -> None:
    jobs.defer(JOB, jurisdiction=request.jurisdiction, by=by, lock=f"{JOB}:{request.pk}", at=request.next_at,
               request=request.pk)


def do_retry(number: str, *, by: Officer) -> VerificationRequest:
    """Asks the departments that have not answered again now, not at the scheduled time."""
    require_role(by, *REQUESTERS)
    with transaction.atomic():
        request = get_request_for(by, number, lock=True)
        if request.status != VerificationRequest.Status.PARTIAL:
            raise Refused("只有部分反馈的核对可以催查。")
        request.next_at = None
        request.save(update_fields=["next_at"])
        queue(request, by=by)
        audit.record("verification.requested", by=by, obj_type="verification.request", obj_id=number,
                     jurisdiction=request.jurisdiction, reason="催查未反馈的部门")
    return request
