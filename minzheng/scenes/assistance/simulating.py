"""What the scene gives the policy desk: how its schemes are shown there, the facts of a place, and decided cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from minzheng.base import audit, clock
from minzheng.base.errors import NotFound, Refused
from minzheng.data.brain import rules
from minzheng.data.brain.desk import ports
from minzheng.office.benefits.budgets import shares_in_force
from minzheng.office.benefits.models import SOURCES, Entitlement
from minzheng.office.cases.doors import get_case_for
from minzheng.office.decisions.queries import decisions_of
from minzheng.scenes.assistance import uprating
from minzheng.scenes.assistance.assess import household_facts, visits_of
from minzheng.scenes.assistance.kinds import kind_for, shared
from minzheng.scenes.assistance.verification.models import VerificationRequest

SIGNS = {"dibao_rich": "人均货币财产超过上限", "dibao_vehicles": "机动车需核实", "dibao_houses": "住房需核实",
         "dibao_signs": "有辅助指标提示"}


def register() -> None:
    from minzheng.scenes.assistance.monitoring.reading import read_facts

    ports.register_simulated(ports.Simulated(
        scheme="dibao", income="other_fen", statuses={0: "不符合", 1: "低保边缘", 2: "单人保", 3: "低保"},
        measure="dibao_per_capita", line="dibao.standard", doubts=SIGNS))
    ports.register_facts(read_facts)
    ports.register_funding(shares)
    ports.register_past(past_case)
    ports.register_uprating(uprating.SCHEMES, uprating.ROLES, uprating.JOB, uprating.do_order)
    audit.declare_actions({"assistance.uprate": "按新标准调整在享待遇"})


def shares(scheme: str, county: str, month: dt.date) -> list[tuple[str, int]]:
    """Who bears the scheme's money in the county; the benefit has the scheme's name."""
    try:
        found = shares_in_force(scheme, county, month)
    except Refused:
        return []
    return [(f"{title}财政", found.get(source, 0)) for source, title in SOURCES]


def past_case(by: Any, code: str) -> ports.PastCase:
    """A confirmed case with the facts that its file held when it was decided."""
    case = get_case_for(by, code)
    if not shared(case.matter):
        raise Refused("这类办件没有按月测算的待遇,不能重算。")
    decision = next((row for row in decisions_of(case) if row.kind == "confirm" and row.amount_fen), None)
    if decision is None:
        raise NotFound("这个办件没有确认发放的决定,不能重算。")
    kind = kind_for(case.matter)
    decided = decision.decided_at.astimezone(clock.SHANGHAI).date()
    visits = [visit for visit in visits_of(case) if visit.recorded_at <= decision.decided_at]
    check = VerificationRequest.objects.filter(case_code=code, requested_at__lte=decision.decided_at).order_by("-id").first()
    facts = household_facts(case, visits, check)
    if kind.enrich is not None:
        facts = kind.enrich(case, facts)
    # what this very decision gave the household was not held before it
    facts = replace(facts, members=tuple(replace(member, held=None) for member in facts.members))
    granted = Entitlement.objects.filter(case_code=code).order_by("id").first()
    return ports.PastCase(
        code=code, title=kind.title, scheme=kind.scheme, zone=rules.zone_of(case.jurisdiction),
        jurisdiction=case.jurisdiction, facts=facts, on=decided, known_on=decided,
        start=granted.start_month if granted else rules.next_month(decided), amount_fen=decision.amount_fen or 0,
        subject=case.applicant, entitlement=granted.number if granted else "")
