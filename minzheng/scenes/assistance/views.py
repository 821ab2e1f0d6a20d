"""Window intake and what officers do with 核对 from the case page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.office.cases.doors import get_case_for
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.forms import AddMemberForm, ApplicationForm, FindForm, MemberFormSet
from minzheng.scenes.assistance.verification.reports import do_issue_report
from minzheng.scenes.assistance.verification.requesting import do_retry

CLERKS = ("town_clerk", "village_worker", "county_clerk")


@require_http_methods(["GET", "POST"])
@staff(*CLERKS)
def take_in(request: HttpRequest) -> HttpResponse:
    """One page, three steps: find the applicant, complete the household, submit. ID numbers never stand in an address."""
    step = request.POST.get("step", "")
    if step == "find":
        return _find(request)
    if step in ("add", "submit"):
        people = intake.people_of(request.POST)
        return _add(request, people) if step == "add" else _submit(request, people)
    return render(request, "assistance/intake_find.html", {"form": FindForm()})


def _find(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.POST)
    if form.is_valid():
        try:
            person = intake.find_applicant(request.officer, form.cleaned_data["id_number"])
        except Refused as refusal:
            form.add_error("id_number", refusal.reason)
        else:
            rows = intake.household_rows(person)
            formset, application = intake.forms_for(rows)
            return _page(request, [p for p, _ in rows], formset, application, AddMemberForm(), intake.new_key())
    return render(request, "assistance/intake_find.html", {"form": form}, status=422)


def _page(request: HttpRequest, people: list[Any], formset: Any, application: ApplicationForm, add: AddMemberForm, key: str,
          *, failed: bool = False) -> HttpResponse:
    today = clock.today()
    rows = [{"person": p, "age": p.age_on(today), "form": form} for p, form in zip(people, formset, strict=False)]
    context = {"rows": rows, "formset": formset, "application": application, "add": add, "key": key, "failed": failed,
               "phone_source": "来自:人口基础库" if application["phone"].value() else ""}
    return render(request, "assistance/intake.html", context, status=422 if failed else 200)


def _bound(request: HttpRequest, people: list[Any]) -> tuple[Any, ApplicationForm]:
    return (MemberFormSet(request.POST, prefix="m"),
            ApplicationForm(request.POST, payees=intake.payees(people)))


def _add(request: HttpRequest, people: list[Any]) -> HttpResponse:
    """Adds one member by ID number; what was typed so far stays."""
    add = AddMemberForm(request.POST)
    key = request.POST.get("key", "") or intake.new_key()
    if add.is_valid() and not add.cleaned_data["member_id"]:
        add.add_error("member_id", "请填写要添加的成员的身份证号。")
    if add.is_valid():
        try:
            person = intake.find_applicant(request.officer, add.cleaned_data["member_id"])
            if person.pk in {p.pk for p in people}:
                raise Refused(f"{person.name}已在表中。")
        except Refused as refusal:
            add.add_error("member_id", refusal.reason)
        else:
            post = request.POST.copy()
            number = len(people)
            post["m-TOTAL_FORMS"] = str(number + 1)
            for name, value in intake.blank_initial(person, "其他").items():
                if value is not False:
                    post[f"m-{number}-{name}"] = "on" if value is True else str(value)
            people = [*people, person]
            formset = MemberFormSet(initial=[dict(_typed(post, n)) for n in range(number + 1)], prefix="m")
            application = ApplicationForm(payees=intake.payees(people), initial=post.dict())
            return _page(request, people, formset, application, AddMemberForm(), key)
    formset, application = _bound(request, people)
    return _page(request, people, formset, application, add, key, failed=True)


def _typed(post: Any, number: int) -> dict[str, Any]:
    head = f"m-{number}-"
    return {name.removeprefix(head): value for name, value in post.dict().items() if name.startswith(head)}


def _submit(request: HttpRequest, people: list[Any]) -> HttpResponse:
    formset, application = _bound(request, people)
    key = request.POST.get("key", "")
    valid = formset.is_valid() & application.is_valid()
    if valid:
        try:
            case = do_apply(intake.application_of(formset, application.cleaned_data, channel="window", key=key),
                            by=request.officer)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            application.add_error(refusal.field if refusal.field in application.fields else None, refusal.reason)
        else:
            return render(request, "assistance/intake_done.html", {"case": case})
    return _page(request, people, formset, application, AddMemberForm(), key, failed=True)


@require_POST
@staff()
def retry_check(request: HttpRequest, code: str) -> HttpResponse:
    get_case_for(request.officer, code, sensitive=False)
    do_retry(request.POST.get("number", ""), by=request.officer)
    messages.success(request, "已向没有反馈的部门再次查询,请稍后刷新查看。")
    return redirect("desk:case", code)


@require_POST
@staff()
def issue_report(request: HttpRequest, code: str) -> HttpResponse:
    get_case_for(request.officer, code, sensitive=False)
    do_issue_report(request.POST.get("number", ""), by=request.officer, reason=request.POST.get("reason", ""))
    messages.success(request, "已出具部分反馈的核对报告。")
    return redirect("desk:case", code)
