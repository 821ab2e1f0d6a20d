"""What the scene shows on a case page: declaration, rules, 核对, visits, materials, publicity, decisions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.data.brain import rules
from minzheng.data.brain.rules import HouseholdFacts
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.office.decisions.queries import decisions_of
from minzheng.office.decisions.service import SERVERS
from minzheng.office.materials.actions import why_not
from minzheng.office.materials.queries import current_of, missing_of
from minzheng.office.matters.definitions import Act, Panel
from minzheng.office.publicity.actions import PUBLISHERS
from minzheng.office.publicity.queries import objections_of, publicity_of
from minzheng.scenes.assistance import converting, redeciding, stopping
from minzheng.scenes.assistance.assess import answers_of, assess, household_facts, visits_of
from minzheng.scenes.assistance.forms import CAUSE_TITLES, INCOME_FIELDS
from minzheng.scenes.assistance.kinds import kind_of
from minzheng.scenes.assistance.models import DemocraticReview, KinFiling, Visit
from minzheng.scenes.assistance.verification.models import VerificationRequest
from minzheng.scenes.assistance.verification.reading import latest_check, progress_of
from minzheng.scenes.assistance.verification.reports import latest_report, open_content

# Posts that record a hearing or decide on it, and may open the ledger of benefits.
CUTTERS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader")


def declaration(case: Case) -> dict[str, Any]:
    """What the household declared, by member and together; the kin filing is for officers, who add it."""
    answers = answers_of(case)
    members = case.members
    said = answers["members"]
    rows = [{"name": m.name, "alone": bool(said.get(str(m.person), {}).get("applies_alone")),
             "amounts": [(title, int(said.get(str(m.person), {}).get(name) or 0)) for name, title in INCOME_FIELDS.items()]}
            for m in members]
    payee = next((m.name for m in members if m.person == answers["payee"]), "") if kind_of(case).benefit else ""
    return {"titles": list(INCOME_FIELDS.values()), "rows": rows, "answers": answers, "payee": payee,
            "cause": CAUSE_TITLES.get(answers["cause"], "")}


@dataclass(frozen=True)
class Seen:
    """What one showing of the page reads and works out once: visits, newest check, facts, and the rules' explained
    result today or why there is none yet."""

    visits: list[Visit]
    check: VerificationRequest | None
    facts: HouseholdFacts | None
    measured: dict[str, Any]


def seen(case: Case) -> Seen:
    """Kept with the case as it was read for the page, so that opinion and panels see the same."""
    kept = case.__dict__.get("_seen")
    if kept is None:
        visits, check = (visits_of(case), latest_check(case.code)) if case.accepted_at else ([], None)
        facts: HouseholdFacts | None = None
        result: dict[str, Any]
        try:
            facts = household_facts(case, visits, check)
            result = {"assessment": assess(case, facts=facts)}
        except Refused as refusal:
            result = {"refusal": refusal.reason}
        kept = case.__dict__["_seen"] = Seen(visits, check, facts, result)
    found: Seen = kept
    return found


def measured(case: Case) -> dict[str, Any]:
    """The rules' explained result today, or why there is none yet."""
    return seen(case).measured


def checked(case: Case, request: VerificationRequest | None) -> dict[str, Any]:
    """Progress of the newest check, and its newest report."""
    if request is None:
        return {}
    report = latest_report(case.code)
    return {"request": request, "progress": progress_of(request), "report": report,
            "content": open_content(report) if report else None}


def told(case: Case, visits: list[Visit]) -> list[dict[str, Any]]:
    names = {str(m.person): m.name for m in case.members}
    found = []
    for visit in visits:
        findings = json.loads(visit.findings)
        verified = [(names.get(person, ""), INCOME_FIELDS[name], fen)
                    for person, row in findings["members"].items() for name, fen in row.items()]
        found.append({"visit": visit, "visitors": "、".join(visit.visitors), "verified": verified, "findings": findings})
    return found


def for_officer(*, case: Case, by: Officer) -> list[Panel]:
    page = seen(case)
    visits, check = page.visits, page.check
    kin = list(KinFiling.objects.filter(case_id=case.pk)) if case.flags.get("kin") else []
    panels = [Panel("规则核对与测算", "assistance/panel_rules.html", page.measured),
              Panel("家庭申报", "assistance/panel_declaration.html", {**declaration(case), "kin": kin})]
    panels += own_panels(case, by)
    if case.accepted_at:
        panels.append(Panel("家庭经济状况核对", "assistance/panel_check.html", {"case": case, **checked(case, check)}))
    if visits:
        panels.append(Panel("入户调查", "assistance/panel_visits.html", {"visits": told(case, visits)}))
    panels.append(Panel("材料", "assistance/panel_materials.html",
                        {"case": case, "rows": current_of(case), "why": why_not(case, by)}))
    if case.accepted_at and (notices := publicity_of(case)):
        objections = objections_of(case)
        disputed = objections or "publicity" in case.flags.get("objections", [])
        reviews = list(DemocraticReview.objects.filter(case_id=case.pk)) if disputed else []
        panels.append(Panel("公示与评议", "assistance/panel_publicity.html", {
            "case": case, "notices": notices, "reviews": reviews, "objections": objections,
            "withdraws": by.role in PUBLISHERS and by.reaches(case.jurisdiction)}))
    if case.state in ("decided", "closed") and (found_decisions := decisions_of(case)):
        panels.append(Panel("决定与送达", "assistance/panel_decisions.html", {"case": case, **decided(case, found_decisions, by)}))
    return panels


def own_panels(case: Case, by: Officer | Citizen) -> list[Panel]:
    """What only this kind asks and keeps."""
    own = kind_of(case).panels
    return own(case, by) if own is not None else []


def decided(case: Case, rows: list[Decision], by: Officer) -> dict[str, Any]:
    """The decisions, and what this post may do about them."""
    ours = by.reaches(case.jurisdiction)
    paying = Entitlement.objects.filter(case_code=case.code).exclude(status=ENDED).order_by("-id")
    benefits = list(paying) if any(d.kind == "confirm" for d in rows) else []
    return {
        "decisions": rows, "serves": ours and by.role in SERVERS, "revokes": ours and by.role == "county_leader",
        "account": by.account_id, "again": redeciding.why_not(case, by, rows) == "", "benefits": benefits,
        "cuts": ours and by.role in CUTTERS, "by_task": case.state == "decided",
    }


def acts(*, case: Case, by: Officer) -> list[Act]:
    """What the scene offers beside the tasks: other help than money, ending a case before its decision."""
    found = []
    if case.household is not None and by.reaches(case.jurisdiction):
        found.append(Act("转介、服务和社会帮扶", f"{reverse('assistance:aid', args=[case.household])}?case={case.code}"))
    if case.state == "accepted":
        found.append(Act("各项救助比对、改按其他救助办理", reverse("assistance:compare", args=[case.code])))
    if case.state in stopping.UNDECIDED:
        url = reverse("assistance:stop", args=[case.code])
        if case.flags.get("stop"):
            found.append(Act("决定是否终止(拒不配合)", url, stopping.why_not_decide(case, by)))
        else:
            found.append(Act("终止办理(拒不配合、死亡)", url, stopping.why_not_propose(case, by)))
    return found


def for_citizen(*, case: Case, by: Citizen) -> list[Panel]:
    panels = [Panel("我填报的内容", "assistance/panel_mine.html", declaration(case)), *own_panels(case, by)]
    if (report := latest_report(case.code)) is not None:
        panels.insert(0, Panel("经济状况核对", "assistance/panel_my_check.html", {"case": case, "report": report}))
    return panels


def prepare_opinion(*, case: Case, by: Officer) -> dict[str, Any]:
    """Beside the opinion: what still needs a human look, and a first draft of the words."""
    page = seen(case)
    found = page.measured.get("assessment")
    if not isinstance(found, rules.Assessment):
        return {"manual": [], "draft": ""}
    if found.result not in kind_of(case).recognises:
        best = converting.better(case, converting.considered(case, page.facts))
        return {"manual": [], "draft": found.sentence, "better": best, "case": case}
    return {"manual": [c for c in found.conditions if c.outcome == "manual"], "draft": found.sentence}


def prepare_review(*, case: Case, by: Officer) -> dict[str, Any]:
    """受理审查: all that is missing is already written down, so that it is told at once (一次性告知)."""
    return {"initial": {"missing": "\n".join(row.title for row in missing_of(case))}}


def prepare_visit(*, case: Case, by: Officer) -> dict[str, Any]:
    """The visit's form asks for each counted member."""
    return {"form": {"members": [(m.person, m.name) for m in case.members if m.counted]}}
