"""Files and issued documents for officers: through their doors, with a purpose, recorded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import documents, files
from minzheng.base.errors import NotFound
from minzheng.base.files.models import StoredFile
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.front.desk.admin_forms import FileReasonForm
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import get_decision_for

# What the address says, and the kind of document under a decision's number.
KINDS = {"": "decision", "receipt": "service_receipt"}


def _case_code(stored: StoredFile, by: Officer) -> str:
    """The case that the file belongs to, entered by the case's own door; empty for a file of no case."""
    if stored.case_id is None:
        return ""
    code = Case.objects.filter(pk=stored.case_id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound("没有这个文件,或不在您的权限范围内")
    get_case_for(by, code, sensitive=False)
    return code


@require_http_methods(["GET", "POST"])
@staff()
def file(request: HttpRequest, code: str) -> HttpResponse:
    """A stored file by its code, or by its number as rows keep it. A file of a case is read for that case; any other
    asks for the purpose."""
    stored = files.get_numbered_file_for(int(code)) if code.isdigit() and len(code) < 19 else files.get_file_for(code)
    case_code = _case_code(stored, request.officer)
    if case_code:
        return files.download(stored, by=request.officer, reason=f"查阅办件 {case_code} 的材料", inline=True)
    form = FileReasonForm(request.POST or None)
    if form.is_valid():
        return files.download(stored, by=request.officer, reason=form.cleaned_data["reason"], inline=True)
    return render(request, "desk/file_reason.html", {"form": form, "name": stored.name},
                  status=422 if form.errors else 200)


@require_GET
@staff()
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The signed PDF of a decision, or its receipt of service with ?kind=receipt."""
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None:
        raise NotFound("没有这种文书。")
    decision = get_decision_for(request.officer, number)
    code = Case.objects.filter(pk=decision.case_id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound("没有找到这份决定书,请核对文号。")
    get_case_for(request.officer, code, sensitive=False)
    issued = documents.get_numbered_document_for(kind, number)
    return files.download(issued.file, by=request.officer, reason=f"查阅办件 {code} 的文书", inline=True)
