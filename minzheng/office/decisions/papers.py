"""The written decision and the receipt of its service (送达回证), as signed PDF with a code that can be verified."""

from __future__ import annotations

import datetime as dt

from minzheng.base import documents
from minzheng.base.divisions.names import full_name
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision, Service
from minzheng.office.matters.catalogue import matter_of


def issuer_of(case: Case) -> str:
    """The authority that decides: the county's civil-affairs department."""
    return f"{full_name(office_of(case.jurisdiction, 3), start=3)}民政部门"


def yuan(fen: int) -> str:
    """123456 → 1,234.56元."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _result(decision: Decision, once: bool) -> str:
    if decision.kind == "revoke":
        assert decision.supersedes is not None
        return f"决定:撤销{decision.supersedes.number}决定。"
    if once and decision.amount_fen is not None:
        return f"决定:{decision.kind_title},一次性发放{yuan(decision.amount_fen)}。{decision.terms}"
    month = f",自{decision.from_month.year}年{decision.from_month.month}月起" if decision.from_month else ""
    amount = f",每月{yuan(decision.amount_fen)}" if decision.amount_fen is not None else ""
    return f"决定:{decision.kind_title}{month}{amount}。{decision.terms}"


def issue_decision(case: Case, decision: Decision, *, by: Actor) -> int:
    """Makes and signs the decision's document; returns its id."""
    matter = matter_of(case.matter, case.matter_version)
    name = matter.name.removesuffix("申请")
    data = {
        "title": f"{name}{decision.kind_title}决定书", "addressee": case.applicant_name,
        "paragraphs": [f"您于{_day(case.submitted_at)}提出的{name}申请(受理号 {case.code}),现已作出决定。",
                       _result(decision, matter.once), f"理由:{decision.reasons}", "依据:"],
        "items": decision.legal_basis.split("\n"),
        "closing": [f"救济途径:{decision.remedy}"] if decision.remedy else [],
    }
    issued = documents.issue("decision", decision.number, data, by=by, jurisdiction=case.jurisdiction,
                             subject=case.code, issuer=issuer_of(case), case_id=case.pk, person_id=case.applicant)
    return issued.pk


def issue_receipt(case: Case, decision: Decision, service: Service, *, by: Actor) -> int:
    """Makes the receipt of service; returns its id."""
    facts = [("受送达人", case.applicant_name), ("送达文书", decision.number), ("送达方式", service.method_title),
             ("送达时间", f"{_day(service.served_at)}{service.served_at:%H:%M}"), ("签收人", service.receiver),
             ("与受送达人关系", service.relation), ("见证人", service.witnesses), ("邮件号", service.tracking),
             ("送达人", service.actor)]
    data = {
        "title": "送达回证", "items": [f"{title}:{value}" for title, value in facts if value],
        "closing": [f"申请行政复议的期限至{_day(service.appeal_until)}。期限依据:{service.appeal_source}。"],
    }
    issued = documents.issue("service_receipt", decision.number, data, by=by, jurisdiction=case.jurisdiction,
                             subject=case.code, issuer=issuer_of(case), case_id=case.pk, person_id=case.applicant)
    return issued.pk


def withdraw_document(decision: Decision, *, by: Actor, reason: str) -> None:
    """Marks the document of a revoked decision as revoked, so that its verification page says so."""
    if decision.document is not None:
        code = IssuedDocument.objects.values_list("code", flat=True).get(pk=decision.document)
        documents.do_revoke(code, by=by, reason=reason)
