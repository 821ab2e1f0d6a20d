"""The only ways to a case: by its code, for an officer or a citizen. Nobody fetches a case by primary key."""

from __future__ import annotations

from django.db import connection

from minzheng.base import audit, clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound, Stale
from minzheng.base.identity.officer import Citizen, Officer, Service
from minzheng.base.scope.acting import CASES_CAP
from minzheng.office.cases.models import PARTY_WAYS, Case, CaseParty

_MISSING = "没有找到这个办件。请核对受理号;如果它属于别的地区,请联系当地民政部门。"


def get_case_for(by: Officer, code: str, *, lock: bool = False, sensitive: bool = True) -> Case:
    """The case within the acting post's scope and scenes. NotFound or NotAllowed otherwise; the read is audited.

    `lock` is for who is going to write: a place that only takes part (协办) reads the case and writes nothing.
    """
    found = Case.objects.filter(code=code)
    case = (found.select_for_update() if lock else found).first()
    if case is None:
        raise NotFound(_MISSING)
    if not by.serves(case.scene):
        raise NotAllowed("当前岗位不办理这类事项。请切换岗位,或联系安全管理员调整岗位范围。")
    if lock and not by.reaches(case.jurisdiction):
        raise NotAllowed(f"这个办件由{full_name(case.jurisdiction, start=3)}办理。本单位是协办单位,可以查看,不能办理。")
    if sensitive and not lock:
        audit.record("case.read", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                     subject_person=case.applicant, reason="办理或查阅办件")
    return case


def get_case_for_citizen(by: Citizen, code: str, *, lock: bool = False) -> Case:
    """The citizen's own case; anybody else's is as if it did not exist."""
    found = Case.objects.filter(code=code, applicant=by.person_id)
    case = (found.select_for_update() if lock else found).first()
    if case is None:
        raise NotFound("没有找到您的这个办件。请核对受理号。")
    return case


def get_case_for_service(by: Service, code: str, *, lock: bool = False) -> Case:
    """For jobs: the case within the service post's scope."""
    found = Case.objects.filter(code=code)
    case = (found.select_for_update() if lock else found).first()
    if case is None:
        raise NotFound(_MISSING)
    return case


def check_version(case: Case, version: int) -> None:
    """Stale when somebody changed the case after the page with `version` was shown."""
    if case.version != version:
        raise Stale("这个办件刚刚被别人更新过。请刷新页面,看清最新情况后再办理。")


def parties_of(case: Case) -> list[tuple[str, str]]:
    """The other places that take part in the case, with the way in which they do, for who may read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, way FROM case_parties(%s)", [case.pk])
        ways = dict(PARTY_WAYS)
        return [(full_name(place), ways[way]) for place, way in cursor.fetchall()]


def cases_shared_with(officer: Officer) -> tuple[int, ...]:
    """Cases in which the officer's place takes part without being answerable (协办), newest first, capped."""
    low, high = officer.range
    found = CaseParty.objects.filter(jurisdiction__gte=low, jurisdiction__lt=high).exclude(until__lt=clock.now())
    return tuple(found.order_by("-case_id").values_list("case_id", flat=True).distinct()[:CASES_CAP])
