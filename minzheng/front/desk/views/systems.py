"""Outside systems that sign officers in: proposed by the system administrator, approved by the security administrator."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.pages import staff
from minzheng.base.oidc import applications
from minzheng.front.context import ADMIN_ROLES
from minzheng.front.desk.admin_forms import ReasonForm, SystemForm
from minzheng.front.desk.views.accounts import places

ENDERS = ("system_admin", "security_admin")
PAGE = 20


@require_GET
@staff(*ADMIN_ROLES)
def systems(request: HttpRequest) -> HttpResponse:
    officer, after = request.officer, request.GET.get("after", "0")
    if not (after.isdigit() and len(after) < 19):
        raise Refused("没有这一页,请从头打开。")
    rows = applications.applications_in(officer, after=int(after), limit=PAGE + 1)
    return render(request, "desk/systems.html", {
        "rows": [(row, full_name(row.office)) for row in rows[:PAGE]], "may_propose": officer.role == "system_admin",
        "next": f"?after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "", "prev": "?" if int(after) else "",
    })


@never_cache
@require_http_methods(["GET", "POST"])
@staff("system_admin")
def propose(request: HttpRequest) -> HttpResponse:
    """The answer to a good form shows the secret; it is shown nowhere else and never again."""
    officer = request.officer
    form = SystemForm(request.POST or None)
    levels, office = places(officer, request.POST)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        uris = [line.strip() for line in values["redirect_uris"].splitlines() if line.strip()]
        try:
            found, secret = applications.do_propose(name=values["name"], office=office, redirect_uris=uris,
                                                    purpose=values["purpose"], by=officer)
        except (NotAllowed, NotFound, Stale):
            raise
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            return render(request, "desk/system_secret.html", {"system": found, "secret": secret, "issuer": settings.PUBLIC_URL})
    return render(request, "desk/system_propose.html", {
        "form": form, "levels": levels, "own": full_name(officer.jurisdiction)}, status=422 if form.errors else 200)


def _page(request: HttpRequest, number: int, *, status: int = 200, **more: Any) -> HttpResponse:
    officer = request.officer
    found = applications.application_for(number, officer)
    context = {
        "system": found, "owner": full_name(found.office), "issuer": settings.PUBLIC_URL,
        "sign_ins": [(row, full_name(row.post.office)) for row in applications.sign_ins_of(found)],
        "may_approve": officer.role == "security_admin" and found.state == "待批准"
        and found.proposed_by_id != officer.account_id,
        "may_end": officer.role in ENDERS and found.ended_at is None, "form": ReasonForm(), **more,
    }
    return render(request, "desk/system.html", context, status=status)


@require_GET
@staff(*ADMIN_ROLES)
def system(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, number)


@require_POST
@staff("security_admin")
def approve(request: HttpRequest, number: int) -> HttpResponse:
    found = applications.do_approve(number, by=request.officer)
    messages.success(request, f"已批准。工作人员现在可以用本平台账户登录{found.name}。")
    return redirect("desk:system", number)


@require_POST
@staff(*ENDERS)
def end(request: HttpRequest, number: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, number, form=form, status=422)
    applications.do_end(number, reason=form.cleaned_data["reason"], by=request.officer)
    messages.success(request, "已停用,它的登录凭证随即失效。")
    return redirect("desk:systems")
