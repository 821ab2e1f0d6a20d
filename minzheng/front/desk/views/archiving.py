"""档案 of a finished case: build the package, take it away with a purpose, prove that it is untouched."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from minzheng.base import files
from minzheng.base.errors import NotFound
from minzheng.base.identity.pages import staff
from minzheng.front.desk.case_forms import PurposeForm
from minzheng.office.archive.actions import FINAL, build_package, get_package_for, packages_of, verify_package
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case

KEEPERS = ("county_clerk", "county_approver", "county_leader")


def _page(request: HttpRequest, case: Case, form: PurposeForm, status: int = 200) -> HttpResponse:
    rows = packages_of(case)
    ours = request.officer.reaches(case.jurisdiction)
    context = {"case": case, "rows": rows, "form": form, "finished": case.state in FINAL, "ours": ours}
    return render(request, "desk/archive.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff(*KEEPERS)
def archive(request: HttpRequest, code: str) -> HttpResponse:
    """The packages of the case; a POST builds one. A case that has not changed keeps the one it has."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=request.method == "GET")
    if request.method == "POST":
        package = build_package(code, by=officer)
        messages.success(request, f"档案已生成,档号 {package.register_no},第 {package.revision} 版。")
        return redirect("desk:archive", code)
    return _page(request, case, PurposeForm())


@require_http_methods(["GET", "POST"])
@staff(*KEEPERS)
def download(request: HttpRequest, code: str) -> HttpResponse:
    """The newest package as a zip. Asks what for; the reading is recorded."""
    officer = request.officer
    case = get_case_for(officer, code, sensitive=False)
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rows = packages_of(case)
        if not rows:
            raise NotFound("这个办件还没有档案包,请先生成。")
        package = get_package_for(officer, rows[0].register_no)
        return files.download(package.file, by=officer, reason=f"下载办件 {code} 的档案:{form.cleaned_data['reason']}")
    return _page(request, case, form, 422 if request.method == "POST" else 200)


@require_POST
@staff(*KEEPERS)
def verify(request: HttpRequest, code: str, register_no: str) -> HttpResponse:
    """Checks the stored package as the standalone verifier does."""
    package = get_package_for(request.officer, register_no)
    if package.case_code != code:
        raise NotFound("没有找到这份档案,请核对档号。")
    problems = verify_package(package, by=request.officer)
    if problems:
        for problem in problems[:20]:
            messages.error(request, f"{problem.path}:{problem.text}")
    else:
        messages.success(request, f"校验通过:{register_no} 共 {package.entries} 个文件,均与签名清单一致。")
    return redirect("desk:archive", code)
