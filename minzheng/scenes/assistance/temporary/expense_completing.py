"""What each task of 支出型临时救助 does when an officer finishes it, and the process's own step. Inside the task's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minzheng.base import clock, flow
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.office.benefits.granting import Covered, Payee
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.once import do_grant_once
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import Draft, do_decide
from minzheng.office.publicity.actions import do_publish
from minzheng.scenes.assistance.steps import case_of
from minzheng.scenes.assistance.temporary import completing
from minzheng.scenes.assistance.temporary.expenses import assess, keys_of
from minzheng.scenes.assistance.temporary.models import Expense

Given = dict[str, Any]


@flow.handler("expenditure.publish")
def publish(call: flow.Call) -> Mapping[str, Any]:
    """张榜公示 of the sum that the rules give now."""
    case = case_of(call)
    found = _fitting(case)
    days = rules.lookup("temporary.public.days", rules.zone_of(case.jurisdiction), clock.today())
    assert isinstance(call.by, Officer)
    do_publish(case, amount_fen=found.amount_fen, days=int(days.value), by=call.by, members=len(found.covered))
    return {"disputed": False}


def _fitting(case: Case) -> rules.Assessment:
    found = assess(case)
    if found.result != "expenditure":
        raise Refused(f"按规则测算不符合支出型临时救助({found.sentence})。请选择不同意并告知理由。")
    return found


def complete_review(*, case: Case, task: Any, outcome: str, data: Given, files: Any, comment: str, by: Officer) -> None:
    """Only who is recognised still is taken in; others are told which way to go."""
    if outcome == "accept":
        assess(case)
        case_actions.do_accept(case, by=by)
    else:
        case_actions.close(case, "rejected", "不予受理", by=by, text=comment)


def complete_town_review(*, case: Case, task: Any, outcome: str, data: Given, files: Any, comment: str, by: Officer) -> None:
    if outcome == "agree":
        _fitting(case)


def complete_decide(*, case: Case, task: Any, outcome: str, data: Given, files: Any, comment: str, by: Officer) -> None:
    """The decision; on agreement the benefit that the next urgent or monthly run pays. The sum counts for the year's cap."""
    if outcome == "refuse":
        _refuse(case, comment, by=by)
        return
    assert case.applicant is not None
    found = _fitting(case)
    people = [m for m in case.members if str(m.person) in found.covered]
    decision = do_decide(case, Draft(
        kind="confirm", reasons=f"{found.sentence.rstrip('。')}。{comment}", legal_basis=completing.BASIS, amount_fen=found.amount_fen,
        from_month=first_of(clock.today()), assessment=rules.assessment_to_json(found)), by=by)
    reason = f"办件 {case.code}:发放支出型临时救助金"
    account = registry.reveal(by, case.applicant, "bank_account", reason)
    if registry.people_by_id([case.applicant])[case.applicant].death_date is not None:
        raise Refused(f"{case.applicant_name}已登记死亡。请由其他家庭成员重新申请,并终止本件。")
    if not account:
        raise Refused("申请人没有登记银行卡,请先补登账户。")
    do_grant_once(
        scheme=completing.SCHEME, case_code=case.code, decision=decision.number, jurisdiction=case.jurisdiction,
        household_id=case.household, head_person=case.applicant, fen=found.amount_fen, by=by,
        members=[Covered(m.person, m.name, m.relation) for m in people],
        payee=Payee(case.applicant_name, account, registry.reveal(by, case.applicant, "id_number", reason)))
    Expense.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, person_keys=keys_of([m.person for m in people]),
                           given_fen=found.amount_fen, given_on=clock.today(), decision=decision.number)


def _refuse(case: Case, comment: str, *, by: Officer) -> None:
    do_decide(case, completing.refusal(case, comment), by=by)
