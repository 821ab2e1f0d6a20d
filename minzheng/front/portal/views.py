"""Pages for citizens: find a matter, follow a case, read the decision, object, see who looked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import audit, documents, files, flow
from minzheng.base.divisions.names import children_of, full_name, name_of
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.pages import citizens_only
from minzheng.base.identity.roles import role_title
from minzheng.base.scope.ranges import SIGNIFICANT, level_of, province
from minzheng.front.portal.forms import (
    MaterialForm,
    ObjectForm,
    PublicObjectionForm,
    ReceiveForm,
    SupplementForm,
    WithdrawForm,
)
from minzheng.office.cases.actions import do_object, do_supplement, do_withdraw
from minzheng.office.cases.doors import get_case_for_citizen
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import timeline
from minzheng.office.decisions.models import Decision
from minzheng.office.decisions.objecting import answer_number, do_object_to_decision, objections_of
from minzheng.office.decisions.queries import decisions_of
from minzheng.office.decisions.service import do_receive, get_decision_for_citizen
from minzheng.office.materials.actions import CHANGEABLE, do_replace, do_upload
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.materials.queries import current_of
from minzheng.office.matters.catalogue import find_matters, matter_of
from minzheng.office.notices.actions import do_read_all
from minzheng.office.notices.queries import inbox, unread_count
from minzheng.office.publicity.actions import do_object_to
from minzheng.office.publicity.models import SHOWN
from minzheng.office.publicity.queries import open_notices, publicity_of


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
    """What is published in a township or village: name, members, amount, nothing else. From the province down."""
    division = request.GET.get("division", "") or province()
    try:
        level = level_of(division)
    except ValueError:
        raise Refused("请从列表里选择地方。") from None
    above = [division[:SIGNIFICANT[n]].ljust(12, "0") for n in range(1, level)]
    return render(request, "portal/publicity.html", {
        "division": division, "places": [(d.code, d.name) for d in children_of(division)] if level < 5 else [],
        "above": [(code, name_of(code)) for code in above], "shown": level >= 4,
        "rows": open_notices(division) if level >= 4 else [], "place": name_of(division)})


@require_http_methods(["GET", "POST"])
def object_publicly(request: HttpRequest, ticket: UUID) -> HttpResponse:
    """异议 by anybody against one notice, told by its opaque handle. Nothing of the household is shown here."""
    form = PublicObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do_object_to(ticket, source=request.META.get("REMOTE_ADDR", ""), **form.cleaned_data)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            return render(request, "portal/publicity_objected.html")
    return render(request, "portal/publicity_object.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """For anybody with a paper in hand: whether it was issued by us, still stands, and, given the file, is unchanged."""
    typed = code or request.GET.get("code", "").strip()
    upload = request.FILES.get("file")
    context: dict[str, Any] = {"code": typed}
    if not typed:
        return render(request, "portal/verify.html", context)
    try:
        context["found"] = documents.verify_document(typed, upload.read() if upload else None)
    except NotFound as missing:
        context["reason"] = missing.reason
        return render(request, "portal/verify.html", context, status=404)
    return render(request, "portal/verify.html", context)


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
    return {"title": row.kind_title, "amount_fen": row.amount_fen, "terms": row.terms, "reasons": row.reasons, "number": row.number,
            "legal_basis": row.legal_basis, "from_month": row.from_month, "document": row.number if row.document else "",
            "rows": [{**c, "verdict": marks[c["outcome"]]} for c in conditions], "remedy": row.remedy,
            "revoked": row.revoked_at, "service": getattr(row, "service", None)}


def _own_materials(case: Case, held: list[CaseMaterial], bound: tuple[str, MaterialForm] | None) -> list[dict[str, Any]]:
    """The case's materials, each with the form to hand it in where the citizen may."""
    rows = []
    for row in held:
        may = case.state in CHANGEABLE and (row.status == "missing" or row.obtained == "upload")
        form = bound[1] if bound and bound[0] == row.code else MaterialForm(auto_id=f"{row.code}_%s")
        rows.append({"row": row, "form": form if may else None, "open": bool(bound and bound[0] == row.code)})
    return rows


def _supplement_form(case: Case, held: list[CaseMaterial], *args: Any) -> SupplementForm:
    return SupplementForm(*args, materials=[(row.code, row.title) for row in held if row.status == "missing"],
                          initial={"version": case.version})


def _object_form(case: Case, decisions: list[Decision], shown: bool, *args: Any) -> ObjectForm:
    return ObjectForm(*args, decisions=[row for row in decisions if row.revoked_at is None], shown=shown)


def _page(request: HttpRequest, case: Case, *, supplement: Any = None, objection: Any = None, material: Any = None,
          receive: Any = None, status: int = 200) -> HttpResponse:
    found = matter_of(case.matter, case.matter_version)
    held = current_of(case)
    decisions = decisions_of(case)
    shown = case.state == "accepted" and any(row.state in SHOWN for row in publicity_of(case))
    context = {
        "case": case, "matter": found, "steps": [vars(s) for s in flow.steps(case.code)],
        "missing": case.flags.get("missing", []), "decisions": [_decision(d) for d in decisions],
        "panels": found.citizen_panels(case=case, by=request.citizen) if found.citizen_panels else [],
        "events": [{"title": e.title, "text": e.text, "at": e.at, "state": "done"}
                   for e in timeline(case, for_citizen=True)],
        "supplement_form": supplement or _supplement_form(case, held), "withdraw_form": WithdrawForm(),
        "object_form": objection or _object_form(case, decisions, shown),
        "appeals": objections_of(case) if case.flags.get("appeals") else [],
        "may_object": shown or any(row.revoked_at is None for row in decisions), "receive_form": receive or ReceiveForm(),
        "materials": _own_materials(case, held, material),
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
    case = get_case_for_citizen(request.citizen, code)
    form = _supplement_form(case, current_of(case), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, supplement=form, status=422)
    data = form.cleaned_data
    try:
        if data["file"] is not None:
            do_upload(code, data["material"], data["file"].read(), name=data["file"].name, by=request.citizen)
        do_supplement(code, by=request.citizen, text=data["text"], version=data["version"])
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return _page(request, get_case_for_citizen(request.citizen, code), supplement=form, status=422)
    messages.success(request, "已提交补充,办理时限继续计算。")
    return redirect("portal:case", code)


@require_POST
@citizens_only
def material(request: HttpRequest, code: str, material: str) -> HttpResponse:
    """Hands one material in, or puts a better picture in the place of the own earlier one."""
    citizen = request.citizen
    case = get_case_for_citizen(citizen, code)
    form = MaterialForm(request.POST, request.FILES, auto_id=f"{material}_%s")
    if form.is_valid():
        upload = form.cleaned_data["file"]
        present = any(row.code == material and row.status == "present" for row in current_of(case))
        act = do_replace if present else do_upload
        try:
            act(code, material, upload.read(), name=upload.name, by=citizen)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error("file", refusal.reason)
        else:
            messages.success(request, "材料已提交。")
            return redirect("portal:case", code)
    return _page(request, case, material=(material, form), status=422)


@require_GET
@citizens_only
def own_file(request: HttpRequest, number: int) -> HttpResponse:
    """A file of the citizen's own; the database shows no other."""
    stored = files.get_numbered_file_for(number)
    return files.download(stored, by=request.citizen, reason="本人查看自己的材料", inline=True)


@require_POST
@citizens_only
def receive(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """电子送达: the citizen consents and takes the decision; the time to ask for review runs from now."""
    case = get_case_for_citizen(request.citizen, code)
    form = ReceiveForm(request.POST)
    if not form.is_valid():
        return _page(request, case, receive=form, status=422)
    do_receive(number, by=request.citizen, consented=True)
    messages.success(request, "已签收。送达回证稍后生成;不服决定的,可以在期限内申请行政复议。")
    return redirect("portal:case", code)


@require_POST
@citizens_only
def object_to(request: HttpRequest, code: str) -> HttpResponse:
    case = get_case_for_citizen(request.citizen, code)
    form = _object_form(case, decisions_of(case), True, request.POST)
    if not form.is_valid():
        return _page(request, case, objection=form, status=422)
    about, _, number = form.cleaned_data["about"].partition(":")
    said = {"by": request.citizen, "text": form.cleaned_data["text"], "version": form.cleaned_data["version"]}
    try:
        if about == "decision":
            do_object_to_decision(code, number=number, **said)
        else:
            do_object(code, about=about, **said)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return _page(request, get_case_for_citizen(request.citizen, code), objection=form, status=422)
    messages.success(request, "异议已提交,工作人员会核实并书面答复您。")
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
def answer(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The written answer to an objection as PDF."""
    case = get_case_for_citizen(request.citizen, code)
    issued = documents.get_numbered_document_for("objection_answer", answer_number(case, number))
    return files.download(issued.file, by=request.citizen, reason="本人查看异议答复书", inline=True)


@require_GET
@citizens_only
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The written decision as PDF, for the person it concerns."""
    decision = get_decision_for_citizen(request.citizen, number)
    issued = documents.get_numbered_document_for("decision", decision.number)
    return files.download(issued.file, by=request.citizen, reason="本人查看决定书", inline=True)


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
