"""What cases bring to monitoring: declarations, home visits and 核对 reports become means, each with its source and day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from minzheng.base import audit, clock
from minzheng.base.identity.officer import Service
from minzheng.data.brain.rules import Absence, Fact
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.assess import SELF_DECLARED, household_facts
from minzheng.scenes.assistance.kinds import kind_of, shared
from minzheng.scenes.assistance.monitoring.models import ASSETS
from minzheng.scenes.assistance.monitoring.taking import Said, do_take_means
from minzheng.scenes.assistance.verification import summary
from minzheng.scenes.assistance.verification.models import Report
from minzheng.scenes.assistance.verification.reading import latest_check, members_of
from minzheng.scenes.assistance.verification.sources import SOURCES

VISITED = "入户调查"
# The registry answers for these, the register of recognitions for what is held; who applies alone says it of one application.
ELSEWHERE = frozenset({"relation", "birth_date", "lives_together", "dependent_adult", "disability_kind", "disability_grade",
                       "serious_illness", "held", "applies_alone", "studying"})
# A word is known from a report, also as nothing, when all of these have answered.
ANSWERABLE = {
    "wage_fen": ("tax",), "business_fen": ("tax",), "property_fen": ("tax",), "transfer_fen": ("social_security", "agriculture"),
    "basic_pension_fen": ("social_security",), "exempt_fen": ("assistance", "veterans"), "medical_year_fen": ("medical",),
    "financial_fen": ("bank", "securities", "insurance", "payments"), "vehicles": ("vehicles",), "vehicles_exempt": ("vehicles",),
    "houses": ("real_estate",), "executive": ("market",), "public_payroll": ("finance",), "private_school": ("education",)}
_FLAGS = frozenset({"executive", "public_payroll", "private_school"})
Sourced = tuple[str, Said]  # department, what it said


def do_take_declaration(case: Case, *, by: Service) -> int:
    """What the household declared, of matters that ask for it. Returns how many values were new."""
    return _take(_of_case(case, SELF_DECLARED), by) if shared(case.matter) else 0


def do_take_visit(case: Case, *, by: Service) -> int:
    """What the newest visit verified."""
    return _take(_of_case(case, VISITED), by) if shared(case.matter) else 0


def do_take_report(report: Report, *, by: Service) -> int:
    """What departments said, of members whose authorisation stands. A silent department leaves its words as they were."""
    request, today = report.request, clock.today()
    given = request.authorisation
    if given.withdrawn_at is not None or (given.ends is not None and given.ends < today):
        return 0
    rows: list[Sourced] = []
    for member in members_of(request):
        audit.record("verification.read", by=by, obj_type="verification.request", obj_id=request.number,
                     jurisdiction=request.jurisdiction, subject_person=member.person, reason="更新低收入人口动态监测数据")
        rows += _reported(member, today)
    return _take(rows, by)


def _of_case(case: Case, wanted: str) -> list[Sourced]:
    """The case's facts that come from the wanted source."""
    facts = household_facts(case, check=latest_check(case.code))
    enrich = kind_of(case).enrich
    if enrich is not None:
        facts = enrich(case, facts)
    rows: list[Sourced] = []
    for member in facts.members:
        rows += _wanted(int(member.key), ((word, getattr(member, word)) for word in MEMBER_TERMS if word not in ELSEWHERE), wanted)
    head, *others = [int(member.key) for member in facts.members]
    told = [(word, getattr(facts, word)) for word in (*ASSETS, "income_year_fen") if word in HOUSEHOLD_TERMS]
    rows += _wanted(head, told, wanted)
    for person in others:  # declared together: what the applicant names is all of it
        rows += _wanted(person, [(word, Fact(0, fact.source, fact.as_of)) for word, fact in told
                                 if fact is not None and word in ASSETS], wanted)
    return rows


def _wanted(person: int, facts: Iterable[tuple[str, Fact[int] | None]], source: str) -> list[Sourced]:
    return [(source, (person, word, int(fact.value), fact.as_of)) for word, fact in facts
            if fact is not None and fact.source == source]


def _reported(member: summary.Member, today: dt.date) -> list[Sourced]:
    """Words of which every answering department has said all."""
    answers = {source.department: source for source in member.sources}
    sums = summary.totals(member.findings) | {finding.kind: 1 for finding in member.findings if finding.kind in _FLAGS}
    sums["medical_year_fen"] = sums.get("medical_self_paid_fen", 0) * 12
    rows: list[Sourced] = []
    for word, departments in ANSWERABLE.items():
        said = [answers.get(department) for department in departments]
        days = [source.as_of for source in said if source is not None and source.status in ("found", "none") and source.as_of]
        if len(days) < len(departments) or (day := dt.date.fromisoformat(min(days))) > today:
            continue
        rows.append(("、".join(SOURCES[department] for department in departments), (member.person, word, sums.get(word, 0), day)))
    prison = answers.get("justice")
    if prison is not None and prison.as_of and any(finding.kind == "prison" for finding in prison.findings):
        rows.append((SOURCES["justice"], (member.person, "absence", int(Absence.PRISON), dt.date.fromisoformat(prison.as_of))))
    return rows


def _take(rows: list[Sourced], by: Service) -> int:
    """By source, as `do_take_means` takes them."""
    grouped: dict[str, list[Said]] = defaultdict(list)
    for department, said in rows:
        grouped[department].append(said)
    return sum(do_take_means(said, department=department, by=by) for department, said in sorted(grouped.items()))
