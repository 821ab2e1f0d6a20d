"""Checking the bills, what the rules take from it, and what is shown of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from minzheng.base import audit, clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor, Officer
from minzheng.data.brain.rules import Fact, HouseholdFacts, MemberFacts
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.matters.definitions import Panel
from minzheng.scenes.assistance.assess import SELF_DECLARED, answers_of
from minzheng.scenes.assistance.rigid.forms import PERSONAL, TITLES, TOGETHER
from minzheng.scenes.assistance.rigid.models import BillCheck


def check_of(case: Case) -> BillCheck | None:
    return BillCheck.objects.filter(case_id=case.pk).order_by("-id").first() if case.accepted_at else None


def year_of(case: Case) -> tuple[dict[str, Any], str, dt.date]:
    """The year's amounts as form names, where they come from and of what day: the bills, or the declaration."""
    check = check_of(case)
    if check is not None:
        return check.amounts, "票据核实", check.until
    return answers_of(case)["extra"], SELF_DECLARED, case.submitted_at.astimezone(clock.SHANGHAI).date()


def enrich(case: Case, facts: HouseholdFacts) -> HouseholdFacts:
    """The household's expenses stand with the applicant, so that they are counted once."""
    year, source, day = year_of(case)

    def of(member: MemberFacts, first: bool) -> MemberFacts:
        own: dict[str, int] = {name: int(year.get(f"{name}_{member.key}") or 0) for name in PERSONAL}
        own |= {name: int(year.get(name) or 0) if first else 0 for name in TOGETHER}
        facts: dict[str, Any] = {name: Fact(fen, source, day) for name, fen in own.items()}
        return replace(member, **facts)

    members = tuple(of(member, place == 0) for place, member in enumerate(facts.members))
    return replace(facts, members=members, income_year_fen=Fact(int(year["income_year_fen"]), source, day))


def complete_bills(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                   by: Officer) -> None:
    """票据核实: what is proven takes the place of what was declared, and may not exceed it."""
    declared = answers_of(case)["extra"]
    found = {name: int(value) for name, value in data.items() if name.endswith("_fen") or "_fen_" in name}
    for name, fen in found.items():
        if name != "income_year_fen" and fen > int(declared.get(name) or 0):
            raise Refused("核实的支出不能多于申报的支出。多出的请让申请人补充申报。", field=name)
    if not data["bills"] and any(found[name] for name in found if name.split("_fen")[0] + "_fen" in PERSONAL):
        raise Refused("医疗、教育、康复支出要有票据才能认可。请填写票据张数,没有票据的金额改为 0。", field="bills")
    row = BillCheck.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, until=data["until"], bills=data["bills"],
        found=json.dumps(found), note=data["note"], recorded_by=by.account_id, actor=actor_title(by),
        recorded_at=clock.now())
    note(case, "bills", "支出单据核实完成", by=by, text=f"有效票据 {row.bills} 张")
    audit.record("rigid.bills", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"bills": row.bills, "until": row.until}, reason=data["note"])


def prepare_bills(*, case: Case, by: Officer) -> dict[str, Any]:
    """The form asks for each counted member and begins with what was declared."""
    declared = answers_of(case)["extra"]
    return {"form": {"people": [(m.person, m.name) for m in case.members if m.counted]},
            "initial": {**declared, "until": clock.today()}}


def panels(case: Case, by: Actor) -> list[Panel]:
    declared, check = answers_of(case)["extra"], check_of(case)
    found = check.amounts if check else {}
    names = {str(m.person): m.name for m in case.members}
    rows = [("家庭总收入", int(declared["income_year_fen"]), found.get("income_year_fen"))]
    for name, fen in declared.items():
        field, _, person = name.partition("_fen_")
        key = f"{field}_fen" if person else name
        if key in TITLES and (fen or found.get(name)):
            rows.append((f"{names.get(person, '')} {TITLES[key]}".strip(), int(fen), found.get(name)))
    return [Panel("前 12 个月收入与刚性支出", "rigid/panel.html", {"rows": rows, "check": check})]
