"""The system checks a row again: departments are asked, the rules are evaluated, and the row gets one of four outcomes.

Only "nothing changed" may be confirmed in bulk, so every doubt ends elsewhere: a department that is silent, a form that has
expired, a suspended benefit, an open review, facts that the rules lack.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Q

from minzheng.base import audit, clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.office.benefits.models import ACTIVE, Review
from minzheng.office.benefits.records import amount_in_force, entitlement_for
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.cases.models import Case, CaseMember
from minzheng.scenes.assistance.apply import MemberAnswers, checked_people
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.campaigns.models import CHECKED, CHECKING, OPEN, WAITING, Row
from minzheng.scenes.assistance.completing import review_months
from minzheng.scenes.assistance.kinds import kind_of, shared
from minzheng.scenes.assistance.reviews.reassessing import reassess
from minzheng.scenes.assistance.steps import HOUSEHOLD
from minzheng.scenes.assistance.verification.authorising import authorisation_in_force
from minzheng.scenes.assistance.verification.models import UNSETTLED, VerificationRequest
from minzheng.scenes.assistance.verification.reading import latest_check, members_of
from minzheng.scenes.assistance.verification.requesting import do_request_check
from minzheng.scenes.assistance.verification.sources import SOURCES

FRESH = dt.timedelta(days=30)  # a complete check of the last days is not asked for again (示例值)
PURPOSE = "社会救助定期复核"
# Findings that no sum shows and a person must look at.
GRAVE = {"death": "死亡", "prison": "服刑", "executive": "企业高管", "public_payroll": "财政供养"}


def do_check(row: Row, *, by: Service) -> str:
    """Asks the departments about a waiting row, or judges it by a recent check. Says what happened. The row must be locked."""
    if row.state != WAITING:
        return "已核对过"
    try:
        case = get_case_for_service(by, row.case_code)
        if not shared(case.matter):
            raise Refused("原办件的事项不能自动测算。")
        check = latest_check(case.code)
        if check is not None and check.status in ("queued", "running", "partial"):
            row.fields(state=CHECKING, request=check.number)
            return judge(row, by=by) if check.status == "partial" else "部门正在核对"
        if check is not None and check.status == "complete" and clock.now() - check.requested_at < FRESH:
            row.fields(request=check.number)
            return judge(row, by=by)
        request = _ask(case, by)
        row.fields(state=CHECKING, request=request.number)
        return "已向部门发起核对"
    except Refused as refusal:
        return _found(row, "lacking", refusal.reason, by=by)


def _ask(case: Case, by: Service) -> VerificationRequest:
    form = authorisation_in_force(case.code)
    if form is None:
        raise Refused("没有有效的核对授权书,请补签后重新核对。")
    answers = answers_of(case)
    members = [MemberAnswers(m.person, m.relation, m.counted, m.reason, answers["members"].get(str(m.person), {}))
               for m in CaseMember.objects.filter(case_id=case.pk).order_by("id")]
    people = registry.people_by_id([m.person for m in members])
    return do_request_check(by=by, case_code=case.code, jurisdiction=case.jurisdiction, authorisation=form.number, kind="review",
                            purpose=PURPOSE, people=[replace(p, id_number=registry.reveal(by, p.person, "id_number", f"办件 {case.code}:定期复核"))
                                    for p in checked_people(case, members, people, by)],
                            declared={name: int(answers.get(name) or 0) for name in HOUSEHOLD})


def judge(row: Row, *, by: Service) -> str:
    """The outcome by the newest check. A row that is settled is left alone; one that was judged before is judged anew."""
    if row.state not in OPEN:
        return "已办理"
    case = get_case_for_service(by, row.case_code)
    check = latest_check(case.code)
    if check is None or check.status in ("queued", "running"):
        return "部门正在核对"
    if check.status == "withdrawn":
        return _found(row, "lacking", "核对授权已撤回或失效,请补签授权书。", by=by)
    silent = {SOURCES[answer.department] for answer in check.answers.all() if answer.status in UNSETTLED}
    if silent:
        return _found(row, "lacking", f"未反馈的部门:{'、'.join(sorted(silent))}。", by=by)
    kinds = {finding.kind for member in members_of(check) for source in member.sources for finding in source.findings}
    try:
        found = reassess(case, check)
        months = review_months(case)
    except (Refused, rules.RuleCannotEvaluate) as error:
        return _found(row, "lacking", f"不能自动测算:{getattr(error, 'reason', '') or error}", by=by)
    now = _standing(row, by)
    values: dict[str, Any] = {"before_fen": now, "after_fen": found.amount_fen if now is not None else None, "months": months}
    if trouble := _trouble(row, by):
        return _found(row, "lacking", trouble, by=by, **values)
    grave = [title for kind, title in GRAVE.items() if kind in kinds]
    if not found.eligible or found.result not in kind_of(case).recognises:
        return _found(row, "unfit", found.sentence, by=by, **values)
    if grave:
        return _found(row, "unfit", f"核对发现:{'、'.join(grave)},须人工核实。", by=by, **values)
    if now is not None and found.amount_fen != now:
        return _found(row, "amount", found.sentence, by=by, **values)
    return _found(row, "same", found.sentence, by=by, **values)


def _standing(row: Row, by: Service) -> int | None:
    """Fen a month that the household gets; None for a status without money."""
    if not row.entitlement:
        return None
    benefit = entitlement_for(by, row.entitlement)
    return amount_in_force(benefit.pk, max(rules.next_month(clock.today()), benefit.start_month))


def _trouble(row: Row, by: Service) -> str:
    if not row.entitlement:
        return ""
    benefit = entitlement_for(by, row.entitlement)
    row.version = benefit.version
    if benefit.status != ACTIVE or benefit.end_month is not None:
        return f"待遇{benefit.get_status_display()}或正在渐退,须逐户复核。"
    if Review.objects.filter(Q(entitlement=benefit), closed_at=None).exists():
        return "还有没办结的复核。"
    return ""


def _found(row: Row, outcome: str, reason: str, *, by: Service, **values: Any) -> str:
    row.fields(state=CHECKED, outcome=outcome, reason=reason[:500], version=row.version, checked_at=clock.now(), **values)
    audit.record("campaign.checked", by=by, obj_type="campaign_row", obj_id=row.pk, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"outcome": outcome, "request": row.request})
    return row.get_outcome_display()
