"""Naming the person of a case whose applicant was stated only (身份待核实): by an officer, never by a machine."""

from __future__ import annotations

from minzheng.base import audit, events
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.data import registry
from minzheng.office.cases.actions import WINDOW, touch
from minzheng.office.cases.doors import check_version, get_case_for
from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.cases.timeline import note


def do_identify(code: str, person: int, *, by: Officer, reason: str, version: int) -> Case:
    """Ties the case to a person of the registry that the acting place may read. Once; a wrong one is not silently changed."""
    case = get_case_for(by, code, lock=True)
    check_version(case, version)
    require_role(by, *WINDOW)
    if len(reason.strip()) < 5:
        raise Refused("请写明凭什么确认身份(证件、亲属辨认、公安反馈等,至少 5 个字)。", field="reason")
    if case.applicant is not None:
        if case.applicant == person:
            return case
        raise Refused("这个办件已经确认过身份。确认有误的,请联系县级审批岗位撤销后重新登记。")
    found = registry.people_by_id([person])[person]
    stated = case.applicant_name
    CaseMember.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, person=person, name=found.name, relation="本人")
    touch(case, applicant=person, applicant_name=found.name)
    case.__dict__.pop("members", None)
    note(case, "identified", "身份已核实", by=by, text=reason.strip())
    audit.record("case.identified", by=by, obj_type="case", obj_id=code, jurisdiction=case.jurisdiction, subject_person=person,
                 before={"stated": stated}, after={"person": person}, reason=reason.strip())
    events.emit("case.identified", aggregate=code, jurisdiction=case.jurisdiction, payload={"case": code, "person": person})
    return case
