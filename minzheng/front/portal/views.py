"""Pages for citizens: find a matter, follow a case, read the decision, object, see who looked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import audit, documents, flow
from minzheng.base.divisions.names import children_of, full_name, name_of
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import citizens_only
from minzheng.base.identity.roles import role_title
from minzheng.front.portal.forms import ObjectForm, SupplementForm, WithdrawForm
from minzheng.office.cases.actions import do_object, do_supplement, do_withdraw
from minzheng.office.cases.doors import get_case_for_citizen
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import timeline
from minzheng.office.decisions.queries import decisions_of
from minzheng.office.decisions.service import get_decision_for_citizen
from minzheng.office.materials.actions import do_upload
from minzheng.office.matters.catalogue import find_matters, matter_of
from minzheng.office.notices.actions import do_read_all
from minzheng.office.notices.queries import inbox, unread_count
from minzheng.office.publicity.queries import open_notices

COUNTY_SHOWN = "320583000000"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"matters": find_matters("")})


@require_GET
def matters(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "")[:40]
    return render(request, "portal/matters.html", {"matters": find_matters(words), "words": words})


@require_GET
def matter(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "portal/matter.html", {"matter": matter_of(code)})


@require_GET
def publicity(request: HttpRequest) -> HttpResponse:
    """What is published in a township or village: name, members, amount, nothing else."""
    division = request.GET.get("division", "")
    county = division[:6] + "000000" if len(division) == 12 else COUNTY_SHOWN
    places = [(d.code, d.name) for d in children_of(county)]
    rows = open_notices(division) if division else []
    return render(request, "portal/publicity.html", {
        "division": division, "places": places, "rows": rows, "place": name_of(division) if division else ""})


@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    found = documents.verify_document(code)
    return render(request, "portal/verify.html", {"found": found}, status=200 if found else 404)


@require_GET
@citizens_only
def mine(request: HttpRequest) -> HttpResponse:
    cases = Case.objects.filter(applicant=request.citizen.person_id).order_by("-id")[:50]
    rows = []
    for case in cases:
        found = matter_of(case.matter, case.matter_version)
        rows.append({"case": case, "name": found.name, "icon": found.icon})
    return render(request, "portal/mine.html", {"cases": rows, "unread": unread_count(request.citizen)})


def _decision(row: Any) -> dict[str, Any]:
    conditions = row.assessed.get("conditions", [])
    marks = {"ok": "✓ 符合", "no": "✕ 不符合", "manual": "! 已人工核实"}
    return {"title": row.kind_title, "amount_fen": row.amount_fen, "reasons": row.reasons, "number": row.number,
            "legal_basis": row.legal_basis, "from_month": row.from_month, "document": row.number if row.document else "",
            "rows": [{**c, "verdict": marks[c["outcome"]]} for c in conditions]}


def _page(request: HttpRequest, case: Case, *, supplement: Any = None, objection: Any = None, status: int = 200) -> HttpResponse:
    found = matter_of(case.matter, case.matter_version)
    decided = case.state in ("decided", "closed")
    context = {
        "case": case, "matter": found, "steps": [vars(s) for s in flow.steps(case.code)],
        "missing": case.flags.get("missing", []), "decisions": [_decision(d) for d in decisions_of(case)],
        "panels": found.citizen_panels(case=case, by=request.citizen) if found.citizen_panels else [],
        "events": [{"title": e.title, "text": e.text, "at": e.at, "state": "done"}
                   for e in timeline(case, for_citizen=True)],
        "supplement_form": supplement or SupplementForm(), "withdraw_form": WithdrawForm(),
        "object_form": objection or ObjectForm(initial={"about": "decision" if decided else "check"}),
        "may_object": case.state in ("accepted", "decided", "closed"),
        "may_withdraw": case.state in ("submitted", "accepted", "supplement"),
    }
    return render(request, "portal/case.html", context, status=status)


@require_GET
@citizens_only
def case(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, get_case_for_citizen(request.citizen, code))


@require_POST
@citizens_only
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    form = SupplementForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, get_case_for_citizen(request.citizen, code), supplement=form, status=422)
    upload = form.cleaned_data["file"]
    try:
        if upload is not None:
            do_upload(code, form.cleaned_data["material"] or "supplement", upload.read(), name=upload.name,
                      by=request.citizen)
        do_supplement(code, by=request.citizen, text=form.cleaned_data["text"], version=form.cleaned_data["version"])
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return _page(request, get_case_for_citizen(request.citizen, code), supplement=form, status=422)
    messages.success(request, "已提交补充,办理时限继续计算。")
    return redirect("portal:case", code)


@require_POST
@citizens_only
def object_to(request: HttpRequest, code: str) -> HttpResponse:
    form = ObjectForm(request.POST)
    if not form.is_valid():
        return _page(request, get_case_for_citizen(request.citizen, code), objection=form, status=422)
    try:
        do_object(code, by=request.citizen, about=form.cleaned_data["about"], text=form.cleaned_data["text"],
                  version=form.cleaned_data["version"])
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return _page(request, get_case_for_citizen(request.citizen, code), objection=form, status=422)
    messages.success(request, "异议已提交,工作人员会核实并答复您。")
    return redirect("portal:case", code)


@require_POST
@citizens_only
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        raise Refused("请写明撤回的原因。")
    do_withdraw(code, by=request.citizen, reason=form.cleaned_data["reason"], version=form.cleaned_data["version"])
    messages.success(request, "申请已撤回。以后需要时可以重新申请。")
    return redirect("portal:case", code)


@require_GET
@citizens_only
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The written decision as PDF, for the person it concerns."""
    decision = get_decision_for_citizen(request.citizen, number)
    content = documents.content_of(decision.document, by=request.citizen)
    return HttpResponse(content, content_type="application/pdf")


def _looked(row: audit.Access) -> str:
    """Which office and post."""
    return f"{full_name(row.jurisdiction, start=3)} {role_title(row.role)}" + (",未获准" if row.refused else "")


@require_GET
@citizens_only
def access(request: HttpRequest) -> HttpResponse:
    """谁看过我的信息."""
    rows = [{"title": row.purpose, "who": _looked(row), "at": row.at, "state": "bad" if row.refused else "done"}
            for row in audit.accesses_of(request.citizen.person_id, limit=100) if row.role != "citizen"]
    return render(request, "portal/access.html", {"rows": rows})


@require_GET
@citizens_only
def messages_page(request: HttpRequest) -> HttpResponse:
    rows = [{"title": n.title, "text": n.body, "at": n.created_at, "state": "now" if n.read_at is None else "done"}
            for n in inbox(request.citizen, limit=50)]
    do_read_all(by=request.citizen)
    return render(request, "portal/messages.html", {"rows": rows})
