"""The written decision and the receipt of its service (送达回证), as signed PDF with a code that can be verified."""

from __future__ import annotations

from minzheng.base import documents
from minzheng.base.divisions.names import full_name
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision, Service
from minzheng.office.matters.catalogue import matter_of


def issue_decision(case: Case, decision: Decision, *, by: Actor) -> int:
    """Makes and signs the decision's document; returns its id."""
    matter = matter_of(case.matter, case.matter_version)
    data = {
        "title": f"{matter.name}{decision.kind_title}决定书", "number": decision.number, "case": case.code,
        "issuer": f"{full_name(office_of(case.jurisdiction, 3))}民政部门", "person": case.applicant_name,
        "matter": matter.name, "kind": decision.kind, "kind_title": decision.kind_title,
        "amount_fen": decision.amount_fen, "from_month": decision.from_month.isoformat() if decision.from_month else "",
        "reasons": decision.reasons, "legal_basis": decision.legal_basis.split("\n"), "remedy": decision.remedy,
        "supersedes": decision.supersedes.number if decision.supersedes else "",
        "day": f"{decision.decided_at:%Y-%m-%d}",
    }
    return int(documents.issue("decision", decision.number, data, jurisdiction=case.jurisdiction, by=by).pk)


def issue_receipt(case: Case, decision: Decision, service: Service, *, by: Actor) -> int:
    """Makes the receipt of service; returns its id."""
    data = {
        "title": "送达回证", "number": decision.number, "case": case.code, "person": case.applicant_name,
        "issuer": f"{full_name(office_of(case.jurisdiction, 3))}民政部门", "method": service.method_title,
        "served_at": f"{service.served_at:%Y-%m-%d %H:%M}", "receiver": service.receiver,
        "relation": service.relation, "witnesses": service.witnesses, "tracking": service.tracking,
        "server": service.actor, "appeal_until": service.appeal_until.isoformat(),
        "appeal_source": service.appeal_source,
    }
    number = f"{decision.number}送达"
    return int(documents.issue("service_receipt", number, data, jurisdiction=case.jurisdiction, by=by).pk)
