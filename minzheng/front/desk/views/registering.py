"""Changing the registry: a person who is not in it, one item of a person, and who belongs to which household."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.data import registry
from minzheng.data.registry import Household, NewPerson, Person, Source
from minzheng.data.registry.attributes import ATTRIBUTES
from minzheng.data.registry.people import REGISTRARS
from minzheng.front.desk.money_forms import attempt
from minzheng.front.desk.registry_forms import (
    CORRECTABLE,
    PAPERS,
    CorrectForm,
    FindHouseholdForm,
    HeadForm,
    JoinForm,
    OpenForm,
    RegisterForm,
    SplitForm,
)
from minzheng.front.desk.views.handing import cascade
from minzheng.front.desk.views.people import shown

OUTCOMES = {
    "current": "“{}”已更正。", "agrees": "“{}”与现用值一致,没有改动;来源已记下。",
    "superseded": "“{}”已有日期更新的数据,没有改动;来源已记下。",
    "conflict": "“{}”已记为数据出入,现用值没有改动。请由数据管理或县级经办岗位在“数据出入”里核实。"}


@require_GET
@staff(*REGISTRARS)
def places(request: HttpRequest) -> HttpResponse:
    """The selects of the own range for new values."""
    levels, _ = cascade(request.GET, request.officer.jurisdiction)
    return render(request, "ui/cascade.html", {"levels": levels, "url": reverse("desk:register_places"), "id": "to"})


def _known(by: Officer, id_number: str, name: str) -> Person | None:
    """The same person, registered here already: somebody pressed the button twice."""
    try:
        found = registry.find_person(by, id_number)
    except NotFound:
        return None
    return found if found.name == name else None


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def register(request: HttpRequest) -> HttpResponse:
    """登记人员, reached from a search that found nobody."""
    by = request.officer
    levels, village = cascade(request.POST, by.jurisdiction)
    choosing = request.method == "GET" or "_cascade" in request.POST or request.POST.get("step") == "start"
    form = RegisterForm(None if choosing else request.POST, initial={
        "ethnicity": "汉族", **({k: v for k, v in request.POST.items() if k in RegisterForm.base_fields} if choosing else {})})
    if not choosing and form.is_valid():
        data = form.cleaned_data
        if known := _known(by, data["id_number"], data["name"]):
            messages.info(request, "这个人已经登记,没有重复登记。")
            return redirect("desk:person", known.pk)
        made: list[Person] = []

        def act() -> None:
            made.append(registry.do_register_person(
                NewPerson(id_number=data["id_number"], name=data["name"], jurisdiction=village, phone=data["phone"],
                          ethnicity=data["ethnicity"], address=data["address"]),
                Source("公安", PAPERS[data["occasion"]], data["as_of"]), by=by, reason=data["reason"]))

        if not village:
            form.add_error(None, "请选择户籍所在的村(社区)。")
        elif attempt(form, act):
            messages.success(request, f"{made[0].name}已登记。请接着办理并入家庭或立户。")
            return redirect("desk:person", made[0].pk)
    return render(request, "desk/person_register.html", {"form": form, "levels": levels}, status=200 if choosing else 422)


def _own(request: HttpRequest, number: int) -> Person:
    """The person, registered here. Who is known by a grant only is changed where the register is."""
    found = registry.get_person_for(request.officer, number)
    if found.brief:
        raise Refused("这个人的户籍在外地,不能在这里变更。请联系户籍地民政部门。")
    return found


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def correct(request: HttpRequest, person: int) -> HttpResponse:
    """更正信息: first which item, then its value and what it rests on."""
    found = _own(request, person)
    item = request.GET.get("item", "")
    if item not in CORRECTABLE:
        rows = [(name, ATTRIBUTES[name].title, "、".join(ATTRIBUTES[name].owners)) for name in CORRECTABLE]
        return render(request, "desk/person_correct.html", {"person": found, "rows": rows})
    form = CorrectForm(request.POST or None, item=item, initial={"version": found.version, "as_of": clock.today()})
    title = ATTRIBUTES[item].title
    outcome: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: outcome.update(registry.do_update_person(
                person, {item: data["value"]}, Source(data["department"], data["resource"], data["as_of"]),
                by=request.officer, version=data["version"], reason=data["reason"]))):
            messages.success(request, OUTCOMES[outcome[item]].format(title))
            return redirect("desk:person", person)
    from minzheng.data.registry.sources import shown as kept

    context = {"person": found, "form": form, "item": title, "now": shown(item, kept(item, getattr(found, item)))}
    return render(request, "desk/person_correct.html", context, status=422 if request.method == "POST" else 200)


def _names(household: Household) -> list[tuple[int, str, str]]:
    rows = registry.members_of(household)
    people = registry.people_by_id([row.person_id for row in rows], strict=False)
    return [(row.person_id, people[row.person_id].name if row.person_id in people else "户籍在外地的成员", row.relation)
            for row in rows]


def _change(request: HttpRequest, found: Person, form: Any, title: str, button: str, **more: Any) -> HttpResponse:
    bad = request.method == "POST" and form is not None and form.is_bound and bool(form.errors)
    context = {"person": found, "form": form, "title": title, "button": button, **more}
    return render(request, "desk/household_change.html", context, status=422 if bad else 200)


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def join(request: HttpRequest, person: int) -> HttpResponse:
    """并入: find the household by one of its members, then say as what, from when and why."""
    by, found = request.officer, _own(request, person)
    own = registry.household_of(found)
    step = request.POST.get("step", "")
    if step == "find":
        find = FindHouseholdForm(request.POST)
        target = _household_by(find, by, own)
        if target is None:
            return _change(request, found, find, "并入一户", "查找这一户", step="find")
    elif step == "join":
        target = registry.get_household_for(by, _number(request.POST.get("household", "")))
    else:
        return _change(request, found, FindHouseholdForm(), "并入一户", "查找这一户", step="find")
    form = JoinForm(request.POST if step == "join" else None, initial={
        "household": target.pk, "version": target.version, "on": clock.today()})
    if step == "join" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: registry.do_join(target.pk, person, data["relation"], data["on"], by=by,
                                                  reason=data["reason"], leaving=own.pk if own else None,
                                                  version=data["version"])):
            messages.success(request, f"{found.name}已并入户号 {target.number}。")
            return redirect("desk:person", person)
    note = f"现在是户号 {own.number} 的成员,并入后从入户日期起离开原户。" if own else ""
    return _change(request, found, form, "并入一户", "并入", step="join", members=_names(target), household=target, note=note)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Refused("表单不完整,请从查找这一户重新开始。")
    return int(text)


def _household_by(form: FindHouseholdForm, by: Officer, own: Household | None) -> Household | None:
    if not form.is_valid():
        return None
    try:
        target = registry.household_of(registry.find_person(by, form.cleaned_data["member"]))
    except NotFound:
        form.add_error("member", "辖区内没有找到这个成员。请核对身份证号;外地的户请到户所在地办理。")
        return None
    if target is None:
        form.add_error("member", "这个人现在没有户。请换这一户的其他成员,或先为他立户。")
    elif own is not None and target.pk == own.pk:
        form.add_error("member", "已经是这一户的成员,不用并入。")
    else:
        return target
    return None


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def open_household(request: HttpRequest, person: int) -> HttpResponse:
    """立户: a household of one, for somebody who has none."""
    found = _own(request, person)
    if registry.household_of(found) is not None:
        messages.info(request, f"{found.name}已经有户,没有重复立户。")
        return redirect("desk:person", person)
    form = OpenForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: registry.do_open_household(
                [(person, "户主")], jurisdiction=found.jurisdiction, on=data["on"], by=request.officer,
                reason=data["reason"], address=found.address)):
            messages.success(request, f"{found.name}已立户。")
            return redirect("desk:person", person)
    return _change(request, found, form, "立户", "立户", note="以本人为户主新立一户;其他成员再逐一并入。")


def _household(request: HttpRequest, found: Person) -> Household:
    household = registry.household_of(found)
    if household is None:
        raise Refused("这个人现在没有户。请先办理并入或立户。")
    return household


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def split(request: HttpRequest, person: int) -> HttpResponse:
    """分户: some members leave and open a household of their own in the same village."""
    found = _own(request, person)
    household = _household(request, found)
    members = _names(household)
    form = SplitForm(request.POST or None, members=[(n, name) for n, name, relation in members if relation != "户主"],
                     initial={"version": household.version, "on": clock.today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: registry.do_split(
                household.pk, form.leaving(), data["on"], by=request.officer, reason=data["reason"],
                address=data["address"], version=data["version"])):
            messages.success(request, f"户号 {household.number} 已分户。未办结的办件会提示家庭有变化。")
            return redirect("desk:person", person)
    note = "户主留在原户;户主要分出去的,先变更户主。" if len(members) > 1 else "这一户只有户主一人,不能分户。"
    return _change(request, found, form, "分户", "分户", members=members, household=household, note=note, rows=form.rows())


@require_http_methods(["GET", "POST"])
@staff(*REGISTRARS)
def head(request: HttpRequest, person: int) -> HttpResponse:
    """变更户主."""
    found = _own(request, person)
    household = _household(request, found)
    members = _names(household)
    form = HeadForm(request.POST or None, members=[(n, name) for n, name, relation in members if relation != "户主"],
                    initial={"version": household.version, "on": clock.today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: registry.do_change_head(
                household.pk, data["head"], data["on"], by=request.officer, reason=data["reason"],
                old_relation=data["old_relation"], version=data["version"])):
            messages.success(request, "户主已变更。其他成员与户主的关系如有变化,请按户口簿核对。")
            return redirect("desk:person", person)
    return _change(request, found, form, "变更户主", "变更户主", members=members, household=household)
