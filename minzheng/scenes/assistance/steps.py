"""What the processes of the shared way ask of the scene by itself: handlers of its service tasks, run inside the step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minzheng.base import flow
from minzheng.base.identity.officer import Officer, Service
from minzheng.data import registry
from minzheng.office.cases.actions import close
from minzheng.office.cases.doors import get_case_for, get_case_for_service
from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.publicity.actions import do_end, do_publish
from minzheng.scenes.assistance.apply import MemberAnswers, checked_people
from minzheng.scenes.assistance.assess import answers_of, assess, own_parameter
from minzheng.scenes.assistance.verification.authorising import authorisation_in_force
from minzheng.scenes.assistance.verification.objecting import do_recheck, lodged_objection
from minzheng.scenes.assistance.verification.reading import latest_check
from minzheng.scenes.assistance.verification.requesting import do_request_check

HOUSEHOLD = ("financial_fen", "vehicles", "houses")


def case_of(call: flow.Call) -> Case:
    """The case of a service task, locked, within the acting scope."""
    if isinstance(call.by, Officer):
        return get_case_for(call.by, call.subject, lock=True)
    assert isinstance(call.by, Service)
    return get_case_for_service(call.by, call.subject, lock=True)


@flow.handler("assistance.request_check")
def request_check(call: flow.Call) -> None:
    """发起核对: all departments, all counted members, in one request; the job asks them after the commit. After an
    objection only what is disputed is asked again."""
    case = case_of(call)
    if case.flags.get("matters") and latest_check(case.code) is not None:
        return  # the case has become another matter; what was found about the household counts
    if isinstance(call.by, Officer) and (objection := lodged_objection(case.code)):
        do_recheck(objection, by=call.by)
        return
    answers = answers_of(case)
    members = [MemberAnswers(m.person, m.relation, m.counted, m.reason, answers["members"].get(str(m.person), {}))
               for m in CaseMember.objects.filter(case_id=case.pk).order_by("id")]
    people = registry.people_by_id([m.person for m in members])
    form = authorisation_in_force(case.code)
    do_request_check(by=call.by, case_code=case.code, jurisdiction=case.jurisdiction,
                     authorisation=form.number if form else "",
                     people=checked_people(case, members, people, call.by),
                     declared={name: int(answers.get(name) or 0) for name in HOUSEHOLD})


@flow.handler("assistance.publish")
def publish(call: flow.Call) -> Mapping[str, Any]:
    """张榜公示: name, number of members and amount only, for the days that the law says."""
    case = case_of(call)
    found = assess(case)
    days = own_parameter("public.days", case)
    assert isinstance(call.by, Officer)
    do_publish(case, amount_fen=found.amount_fen, days=int(days.value), by=call.by, members=len(found.covered) or None)
    return {"disputed": False}


@flow.handler("assistance.end_publicity")
def end_publicity(call: flow.Call) -> None:
    """公示期满: this process's timer is the only one that counts the days."""
    do_end(case_of(call), by=call.by)


@flow.handler("assistance.withdrawn")
def withdrawn(call: flow.Call) -> None:
    """The kernel's `do_withdraw` closes the case after this message."""


@flow.handler("assistance.person_died")
def person_died(call: flow.Call) -> None:
    close(case_of(call), "ended", "申请人死亡,终止办理", by=call.by)
