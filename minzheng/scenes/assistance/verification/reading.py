"""Reading requests and what was found, for pages and for the rules."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from minzheng.base import audit
from minzheng.base.crypto import mask_id
from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Officer, Service
from minzheng.data.brain.rules import Absence, Fact
from minzheng.scenes.assistance.verification import summary
from minzheng.scenes.assistance.verification.doors import check_reach, get_request_for
from minzheng.scenes.assistance.verification.findings import Finding, findings_of
from minzheng.scenes.assistance.verification.models import UNSETTLED, VerificationRequest
from minzheng.scenes.assistance.verification.sources import SOURCES

__all__ = ["Checked", "checked_values", "facts_of", "get_request_for", "members_of", "progress_of", "requests_of"]

_FLAGS = ("executive", "public_payroll", "private_school", "serious_illness")
_SUMS = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "basic_pension_fen", "exempt_fen")
_HOUSEHOLD = ("financial_fen", "vehicles", "houses")


def members_of(request: VerificationRequest) -> list[summary.Member]:
    """The members with every department's word. Two queries, however many departments."""
    sources: dict[int, list[summary.Source]] = {}
    for row in sorted(request.answers.all(), key=lambda row: row.pk):
        records = json.loads(row.records) if row.records else []
        sources.setdefault(row.member_id, []).append(summary.Source(
            row.department, row.status, row.detail, row.as_of, tuple(findings_of(row.department, records)),
            row.carried))
    return [
        summary.Member(m.person, m.name, mask_id(m.id_number), m.relation, m.inside, json.loads(m.declared),
                       tuple(sources.get(m.pk, ())))
        for m in sorted(request.members.all(), key=lambda m: m.pk)]


def requests_of(by: Officer, case_code: str) -> list[VerificationRequest]:
    """All checks of the case, newest first."""
    rows = list(VerificationRequest.objects.filter(case_code=case_code).order_by("-id"))
    for row in rows:
        check_reach(by, row.jurisdiction)
    return rows


def progress_of(request: VerificationRequest) -> dict[str, Any]:
    """How many of the questions are answered, and which departments keep the others waiting (names, no data)."""
    rows = [(row.department, row.status) for row in request.answers.all()]
    waiting = Counter(department for department, status in rows if status in UNSETTLED)
    return {"total": len(rows), "answered": len(rows) - waiting.total(), "status": request.get_status_display(),
            "waiting": [SOURCES[department] for department in waiting], "next_at": request.next_at}


def facts_of(request: VerificationRequest, *, by: Officer | Service) -> list[dict[str, Any]]:
    """Every finding as {person, kind, amount_fen, number, text, source, as_of}. The reading is audited by person."""
    check_reach(by, request.jurisdiction)
    out: list[dict[str, Any]] = []
    for member in members_of(request):
        audit.record("verification.read", by=by, obj_type="verification.request", obj_id=request.number,
                     jurisdiction=request.jurisdiction, subject_person=member.person, reason=request.purpose)
        out += [
            {"person": member.person, "kind": finding.kind, "amount_fen": finding.amount_fen,
             "number": finding.number, "text": finding.text, "source": SOURCES[source.department],
             "as_of": source.as_of}
            for source in member.sources for finding in source.findings]
    return out


@dataclass
class Checked:
    """Facts in the words of the rules: by member (registry number) and for the household."""

    members: dict[int, dict[str, Fact[Any]]] = field(default_factory=dict)
    household: dict[str, Fact[Any]] = field(default_factory=dict)


def latest_check(case_code: str) -> VerificationRequest | None:
    """The newest check of the case, with its members and answers, within the acting scope."""
    return VerificationRequest.objects.filter(case_code=case_code).prefetch_related("members", "answers").order_by("-id").first()


def checked_values(case_code: str, request: VerificationRequest | None = None) -> Checked:
    """What departments said in the newest check of the case, within the acting scope; empty before any has answered.

    `request` is the newest check where the caller has it. The caller has come through the case's door, which audits the
    reading. Departments that are silent add nothing.
    """
    checked = Checked()
    request = request or latest_check(case_code)
    if request is None:
        return checked
    owned: list[tuple[summary.Source, Finding]] = []
    for member in members_of(request):
        said = [(source, finding) for source in member.sources for finding in source.findings]
        facts = checked.members[member.person] = {}
        for kind in _SUMS:
            if mine := [pair for pair in said if pair[1].kind == kind]:
                facts[kind] = _fact(sum(summary.size(f) for _, f in mine), mine)
        for kind in _FLAGS:
            if mine := [pair for pair in said if pair[1].kind == kind]:
                facts[kind] = _fact(True, mine)
        for kind in ("disability_kind", "disability_grade"):
            if mine := [pair for pair in said if pair[1].kind == kind]:
                facts[kind] = _fact(summary.size(mine[-1][1]), mine)
        if mine := [pair for pair in said if pair[1].kind == "prison"]:
            facts["absence"] = _fact(int(Absence.PRISON), mine)
        if member.inside:
            owned += said
    for kind in _HOUSEHOLD:
        if mine := [pair for pair in owned if pair[1].kind == kind]:
            checked.household[kind] = _fact(sum(summary.size(f) for _, f in mine), mine)
    return checked


def _fact(value: Any, said: list[tuple[summary.Source, Finding]]) -> Fact[Any]:
    """The oldest data decide the day; the sources are named once each."""
    sources = "、".join(dict.fromkeys(SOURCES[source.department] for source, _ in said))
    days = [source.as_of for source, _ in said if source.as_of]
    if not days:
        raise NotFound(f"{sources}的反馈没有数据时间,不能用于测算。")
    return Fact(value, sources, dt.date.fromisoformat(min(days)))
