"""委托乡镇(街道)审核确认: the county's leader starts and ends it; new cases follow, those in flight end as they began."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock
from minzheng.base.divisions.names import children_of, name_of
from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.identity.posts import posts_at
from minzheng.front.desk.case_forms import DelegateForm, EndDelegationForm
from minzheng.front.desk.money_forms import attempt
from minzheng.office.cases.delegation import delegations_of, do_delegate, do_end_delegation
from minzheng.office.matters.catalogue import all_matters, matter_of

REVIEWERS_NEEDED = 2
SHORT = ("初审和审核确认须由两个人办理(四眼)。只有一名审核人员的,请系统管理员为分管负责人提出一个乡镇审核岗位,由安全管理员核准;"
         "否则办件会停在“街道审核确认”。")


def reviewers_of(offices: list[str]) -> dict[str, set[int]]:
    """Accounts that hold a reviewer's post today, by township."""
    found: dict[str, set[int]] = {office: set() for office in offices}
    for post in posts_at(offices, "town_reviewer"):
        found[post.office].add(post.account_id)
    return found


def _form(by: Officer, data: Any = None) -> DelegateForm:
    return DelegateForm(data, initial={"since": clock.today()}, matters=[(m.code, m.name) for m in all_matters()],
                        townships=[(d.code, d.name) for d in children_of(by.jurisdiction)])


@require_http_methods(["GET", "POST"])
@staff("county_leader")
def delegations(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    form = _form(officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: do_delegate(data["matter"], data["township"], since=data["since"],
                                             document=data["document"], by=officer)):
            if len(reviewers_of([data["township"]])[data["township"]]) < REVIEWERS_NEEDED:
                messages.warning(request, f"{name_of(data['township'])}的乡镇审核岗位不足 {REVIEWERS_NEEDED} 人。" + SHORT)
            messages.success(request, f"已登记委托:{name_of(data['township'])}从 {data['since']} 起审核确认新受理的办件。")
            return redirect("desk:delegations")
    today, found = clock.today(), delegations_of(officer)
    holders = reviewers_of([row.office for row in found])
    rows = [{"row": row, "matter": matter_of(row.matter).name, "place": name_of(row.office),
             "state": "有效" if row.valid_from <= today and (row.valid_to is None or row.valid_to > today)
             else "未开始" if row.valid_from > today else "已收回",
             "short": row.valid_to is None and len(holders[row.office]) < REVIEWERS_NEEDED} for row in found]
    return render(request, "desk/delegation.html", {"rows": rows, "form": form, "short": SHORT}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@staff("county_leader")
def end(request: HttpRequest, matter: str, township: str) -> HttpResponse:
    officer = request.officer
    row = next((r for r in delegations_of(officer) if (r.matter, r.office, r.valid_to) == (matter, township, None)), None)
    if row is None:
        raise NotFound("这个乡镇(街道)现在没有委托,或不在您的辖区。")
    form = EndDelegationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(
            form, lambda: do_end_delegation(matter, township, by=officer, reason=form.cleaned_data["reason"])):
        messages.success(request, "已收回委托。从明天起,新受理的办件由县级审核确认。")
        return redirect("desk:delegations")
    context = {"row": row, "matter": matter_of(matter).name, "place": name_of(township), "form": form}
    return render(request, "desk/delegation_end.html", context, status=422 if request.method == "POST" else 200)
