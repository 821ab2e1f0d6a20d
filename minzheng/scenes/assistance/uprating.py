"""调标: after the law has changed, the benefits in payment of a county follow it, by an officer's order and row by row.

A rise is written from the month asked (months already paid become 补发 by the usual supplement). A fall or an end is
never written here: it opens a review, since the household is heard first (社会救助法第四十八条).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from minzheng.base import audit, clock, jobs
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Officer, Service, require_role
from minzheng.base.jobs import job
from minzheng.base.scope.ranges import level_of
from minzheng.data.brain import rules
from minzheng.office.benefits.budgets import yuan
from minzheng.office.benefits.changing import do_change_amount, open_review
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.benefits.months import check_month
from minzheng.office.benefits.records import amount_in_force, entitlement_for
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.assess import household_facts
from minzheng.scenes.assistance.kinds import kind_for, shared

JOB = "assistance.uprate"
ROLES = ("county_approver", "county_leader")
SCHEMES = ("dibao",)
BATCH = 100
FARTHEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class Found:
    """What the rules of the day say of one benefit from a month on."""

    before_fen: int
    after_fen: int
    sentence: str


def facts_now(case: Case) -> rules.HouseholdFacts:
    """The case's facts without what its own decision gave the household."""
    kind, facts = kind_for(case.matter), household_facts(case)
    if kind.enrich is not None:
        facts = kind.enrich(case, facts)
    return replace(facts, members=tuple(replace(member, held=None) for member in facts.members))


def compare(row: Entitlement, month: dt.date, *, by: Service) -> Found:
    """Raises RuleCannotEvaluate or NotFound with the reason."""
    case = get_case_for_service(by, row.case_code)
    if not shared(case.matter):
        raise Refused("这份待遇不是按家庭测算的,请人工复核。")
    kind = kind_for(case.matter)
    said = rules.evaluate(kind.scheme, facts_now(case), max(month, clock.today()), rules.zone_of(case.jurisdiction),
                          month=month)
    fits = said.result in kind.recognises
    return Found(amount_in_force(row.pk, month), said.amount_fen if fits else 0, said.sentence)


def do_order(scheme: str, month: dt.date, document: str, *, by: Officer) -> int:
    """The county's order to bring all benefits in payment to the law; returns the job's run."""
    require_role(by, *ROLES)
    check_month(month)
    if level_of(by.jurisdiction) != 3:
        raise NotAllowed("调标由县(市、区)审批岗位办理。")
    if scheme not in SCHEMES:
        raise Refused("这个项目不能批量调标,请从列表中选择。", field="scheme")
    if not clock.today() - FARTHEST <= month <= clock.today() + FARTHEST:
        raise Refused("起算月份应在前后一年之内,请核对。", field="month")
    if len(document.strip()) < 4:
        raise Refused("请填写调标依据的文件和文号。", field="document")
    with transaction.atomic():
        run = jobs.defer(JOB, jurisdiction=by.jurisdiction, by=by, key=f"{JOB}:{by.jurisdiction}:{scheme}", scheme=scheme,
                         month=month.isoformat(), document=document.strip())
        audit.record("assistance.uprate", by=by, obj_type="job_run", obj_id=str(run), jurisdiction=by.jurisdiction,
                     reason=document.strip(), after={"scheme": scheme, "month": month.isoformat()})
    return run


@job(JOB)
def uprate(run: Any, scheme: str, month: str, document: str) -> None:
    """Every benefit once; the same order again changes nothing."""
    first = dt.date.fromisoformat(month)
    after = int(run.checkpoint or 0)
    with run.transaction():
        total = Entitlement.objects.filter(scheme=scheme).exclude(status=ENDED).count()
    if not after:
        run.total(total)
    while True:
        with run.transaction():
            rows = list(Entitlement.objects.filter(scheme=scheme, id__gt=after).exclude(status=ENDED)
                        .order_by("id")[:BATCH])
            for row in rows:
                run.row(row.number, *_one(row.number, first, document, run.by))
            if not rows:
                return
            after = run.checkpoint = rows[-1].pk


def _one(number: str, first: dt.date, document: str, by: Service) -> tuple[bool, str]:
    """(done, what happened)."""
    row = entitlement_for(by, number, lock=True)
    month = max(first, row.start_month)
    try:
        found = compare(row, month, by=by)
    except Refused as refusal:
        return False, refusal.reason
    if found.after_fen == found.before_fen:
        return True, "金额不变"
    if found.after_fen < found.before_fen:
        detail = f"按{document},{month:%Y年%m月}起测算为 {yuan(found.after_fen)} 元,低于现发 {yuan(found.before_fen)} 元,听取意见后决定"
        open_review(row, key=f"law:{month}:{document}"[:120], cause="review", detail=detail, holds=False, by=by)
        return True, "测算减少,转人工复核"
    try:
        do_change_amount(number, from_month=month, monthly_fen=found.after_fen, decision=document,
                         reason=f"标准调整:{found.sentence}"[:400], by=by)
    except Refused as refusal:
        return False, refusal.reason
    return True, "已调高"
