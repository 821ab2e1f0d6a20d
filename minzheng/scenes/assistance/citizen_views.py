"""Applying from a phone: the household comes from the registry, the citizen adds income, property and the promise."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock, files, flow
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Citizen
from minzheng.base.identity.pages import citizens_only
from minzheng.office.cases.doors import get_case_for_citizen
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.forms import ApplicationForm, CheckObjectionForm, MemberFormSet
from minzheng.scenes.assistance.verification.models import Objection
from minzheng.scenes.assistance.verification.objecting import do_object
from minzheng.scenes.assistance.verification.reports import latest_report, read_own_report


def _page(request: HttpRequest, matter: str, rows: list[tuple[Any, str]], formset: Any, form: ApplicationForm,
          extra: Any, key: str, status: int = 200) -> HttpResponse:
    today = clock.today()
    people = [{"person": p, "relation": relation, "age": p.age_on(today), "form": member}
              for (p, relation), member in zip(rows, formset, strict=False)]
    return render(request, "assistance/apply.html", {
        "rows": people, "formset": formset, "application": form, "extra": extra, "key": key, "failed": status == 422,
        "matter": matter_of(matter)}, status=status)


@require_http_methods(["GET", "POST"])
@citizens_only
def apply(request: HttpRequest, matter: str) -> HttpResponse:
    """The members are those of the registry's household; a posted person outside it is refused."""
    rows = intake.own_household_rows(request.citizen)
    people = [p for p, _ in rows]
    if request.method == "GET":
        formset, form = intake.forms_for(matter, rows)
        return _page(request, matter, rows, formset, form, intake.extra_form(matter, people), intake.new_key())
    key = request.POST.get("key", "")
    if intake.ids_of(request.POST) != [p.pk for p in people]:
        raise Refused("家庭成员与人口库不一致,请返回重新填写;成员有变化的,请到窗口办理。")
    formset = MemberFormSet(request.POST, prefix="m")
    form = ApplicationForm(request.POST, payees=intake.payees(matter, people))
    extra = intake.extra_form(matter, people, request.POST)
    if formset.is_valid() & form.is_valid() & (extra is None or extra.is_valid()):
        try:
            case = do_apply(intake.application_of(
                formset, form.cleaned_data, channel="phone", key=key, matter=matter,
                extra=extra.cleaned_data if extra else {}), by=request.citizen)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            return redirect("portal:case", case.code)
    return _page(request, matter, rows, formset, form, extra, key, 422)


@require_http_methods(["GET", "POST"])
@citizens_only
def check(request: HttpRequest, code: str) -> HttpResponse:
    """What departments said about the citizen, and 异议 against it with evidence (民发〔2021〕57号第十八条)."""
    citizen = request.citizen
    case = get_case_for_citizen(citizen, code)
    report = latest_report(code)
    if report is None:
        raise NotFound("核对还没有结果,请稍后再看。")
    content = read_own_report(report.number, by=citizen)
    sources = content["members"][0]["sources"]
    told = [source for source in sources if source["found"]]
    said = [(source["department"], source["name"]) for source in told]
    form = CheckObjectionForm(request.POST or None, request.FILES or None, departments=said)
    if request.method == "POST" and form.is_valid() and _lodged(form, case, report.number, citizen):
        messages.success(request, "异议已提交,工作人员会复查并告诉您结果。")
        return redirect("portal:case", code)
    lodged = Objection.objects.filter(report=report, person=citizen.person_id).order_by("-id").first()
    may = case.state == "accepted" and bool(said) and lodged is None
    return render(request, "assistance/my_check.html", {
        "case": case, "content": content, "form": form if may else None,
        "lodged": lodged, "told": told, "silent": [s["name"] for s in sources if s["status"] == "none"],
        "waiting": [s["name"] for s in sources if not s["found"] and s["status"] not in ("none", "found")],
        }, status=422 if request.method == "POST" else 200)


def _lodged(form: CheckObjectionForm, case: Case, report: str, by: Citizen) -> bool:
    data = form.cleaned_data
    try:
        with transaction.atomic():
            if case.state != "accepted":
                raise Refused("现在的环节不能对核对结果提出异议。已经作出决定的,可以对决定提出异议。")
            upload, evidence = data["evidence"], ""
            if upload is not None:
                evidence = str(files.store(upload.read(), name=upload.name, by=by, jurisdiction=case.jurisdiction,
                                           kind="evidence", case_id=case.pk, person_id=by.person_id).pk)
            do_object(report, by=by, person=by.person_id, statement=data["statement"], departments=data["departments"],
                      evidence=evidence)
            note(case, "check_objected", "对核对结果提出异议", by=by, text=data["statement"].strip())
            flow.signal(case.code, "check_objected", {}, by=by, missing_ok=True)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    return True
