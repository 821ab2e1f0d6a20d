"""材料 of a case for officers: upload, replace, waive; what was handed in before stays readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.front.desk.case_forms import ReplaceForm, UploadForm, WaiveForm
from minzheng.front.desk.money_forms import attempt
from minzheng.office.cases.doors import get_case_for
from minzheng.office.materials import actions
from minzheng.office.materials.queries import history_of
from minzheng.office.matters.catalogue import matter_of

Do = Callable[[str, str, dict[str, Any], Officer], object]

VERBS: dict[str, tuple[type[UploadForm | WaiveForm], str, Do]] = {
    "upload": (UploadForm, "上传", lambda code, material, data, by: actions.do_upload(
        code, material, data["file"].read(), name=data["file"].name, by=by)),
    "replace": (ReplaceForm, "更换", lambda code, material, data, by: actions.do_replace(
        code, material, data["file"].read(), name=data["file"].name, by=by, reason=data["reason"])),
    "waive": (WaiveForm, "免交", lambda code, material, data, by: actions.do_waive(
        code, material, by=by, reason=data["reason"])),
}


@require_http_methods(["GET", "POST"])
@staff()
def material(request: HttpRequest, code: str, material: str) -> HttpResponse:
    """One material: its versions, and what this post may do with it now."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    spec = next((m for m in matter_of(case.matter, case.matter_version).materials if m.code == material), None)
    if spec is None:
        raise NotFound("这个事项没有这份材料,请从材料清单中选择。")
    verb = request.POST.get("verb", "")
    bound = None
    if request.method == "POST":
        if verb not in VERBS:
            raise NotFound("没有这种操作,请返回材料清单重新选择。")
        form_class, title, act = VERBS[verb]
        bound = form_class(request.POST, request.FILES, auto_id=f"{verb}_%s")
        if bound.is_valid() and attempt(bound, lambda: act(code, material, bound.cleaned_data, officer)):
            messages.success(request, f"“{spec.title}”已{title}。")
            return redirect("desk:case", code)
    rows = history_of(case, material)
    current = next((row for row in rows if row.status != "replaced"), None)
    why = actions.why_not(case, officer)
    offered = () if why else ("replace",) if current and current.status == "present" else ("upload", "waive")
    forms = {name: bound if bound is not None and name == verb else VERBS[name][0](auto_id=f"{name}_%s")
             for name in offered}
    context = {"case": case, "spec": spec, "rows": rows, "current": current, "why": why, "forms": forms,
               "wrong": bound}
    return render(request, "desk/materials.html", context, status=422 if bound is not None else 200)
