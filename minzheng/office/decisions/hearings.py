"""Hearing the person before a benefit is cut or ended (社会救助法 §48)."""

from __future__ import annotations

import datetime as dt

from minzheng.base import audit, clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.decisions.limits import TRIES, Limit
from minzheng.office.decisions.models import HEARD, KINDS, WAYS, Hearing, HearingTry

HEARERS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk", "county_approver")
DECIDED_STATES = ("accepted", "decided", "closed")


def do_try(code: str, *, by: Officer, way: str, text: str) -> HearingTry:
    """Records an attempt to reach the person, at the present time."""
    case = _case(code, by)
    if way not in WAYS:
        raise Refused("请选择联系方式。", field="way")
    if not text.strip():
        raise Refused("请写明这次联系的情况,例如“电话无人接听”。", field="text")
    row = HearingTry.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, at=clock.now(), way=way,
                                    note=text.strip(), account=by.account_id, actor=actor_title(by))
    audit.record("decision.try", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"way": way}, reason=text.strip())
    return row


def do_hear(code: str, *, by: Officer, about: str, outcome: str, person_name: str, told: str, statement: str = "",
            heard_at: dt.datetime | None = None, file: int | None = None, limit: Limit = TRIES) -> Hearing:
    """Records the hearing before a cut (`cut`) or an end (`end`). Whoever could not be reached needs `limit` tries."""
    case = _case(code, by)
    at = heard_at or clock.now()
    if about not in ("cut", "end"):
        raise Refused("请选择拟作出的决定:减少或终止。", field="about")
    if outcome not in HEARD:
        raise Refused("请选择听取意见的结果。", field="outcome")
    if at > clock.now():
        raise Refused("听取意见的时间不能晚于现在。", field="heard_at")
    if not person_name.strip():
        raise Refused("请填写当事人姓名。", field="person_name")
    if not told.strip():
        raise Refused("请写明已告知当事人的拟作决定、事实和理由。", field="told")
    if outcome == "heard" and not statement.strip():
        raise Refused("请如实记录当事人的意见。", field="statement")
    if outcome == "deceased" and not statement.strip():
        raise Refused("请写明死亡信息的来源和日期。", field="statement")
    tries = HearingTry.objects.filter(case_id=case.pk).count()
    if outcome == "unreachable" and tries < limit.value:
        raise Refused(f"认定联系不上前,应至少联系 {limit.value} 次并逐次记录,现在记录了 {tries} 次。", field="outcome")
    row = Hearing.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, about=about, outcome=outcome, heard_at=at,
        person_name=person_name.strip(), told=told.strip(), statement=statement.strip(), tries=tries, file=file,
        account=by.account_id, actor=actor_title(by))
    note(case, "hearing", f"决定前听取意见:{HEARD[outcome]}", by=by, text=f"拟作决定:{KINDS[about]}")
    audit.record("decision.hear", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"about": about, "outcome": outcome, "hearing": row.pk})
    return row


def unused_hearing(case: Case, about: str) -> Hearing | None:
    """The newest hearing about this decision that no decision rests on yet."""
    return Hearing.objects.filter(case_id=case.pk, about=about, decision=None).order_by("-id").first()


def _case(code: str, by: Officer) -> Case:
    case = get_case_for(by, code, lock=True)
    require_role(by, *HEARERS)
    if case.state not in DECIDED_STATES:
        raise Refused("这个办件现在的状态不需要听取意见。")
    return case
