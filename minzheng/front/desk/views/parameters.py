"""Policy parameters: what applies where and since when, and changing one by two people."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.data.brain import actions, queries
from minzheng.data.brain.actions import Proposal
from minzheng.data.brain.models import ParameterVersion
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Definition
from minzheng.front.context import CASE_ROLES
from minzheng.front.desk.admin_forms import OpinionForm, ParameterForm

READERS = (*sorted(CASE_ROLES), "data_officer")
Status = ParameterVersion.Status


def groups() -> dict[str, str]:
    """Groups of parameters with their titles, in the order of the files."""
    return {key: catalogue.group_title(key) for key in dict.fromkeys(
        catalogue.group_of(definition.id) for definition in catalogue.definitions())}


def _day(text: str) -> dt.date:
    if not text:
        return clock.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Refused("日期写法不对,请从日历中选择。") from None


def zone_choices(by: Officer) -> list[tuple[str, str]]:
    """All zones, the acting office's own first; law data is open to every officer."""
    own = zones.zone_of(by.jurisdiction)
    tree = zones.tree()
    rest = [(z.key, f"{tree[z.parent].name}{z.name}" if z.parent and z.level == 3 else z.name)
            for z in tree.values() if z.key != own]
    return [(own, f"{tree[own].name}(本地)"), *rest]


@require_GET
@staff(*READERS)
def parameter_list(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    zone = request.GET.get("zone") or zones.zone_of(officer.jurisdiction)
    day, group = _day(request.GET.get("on", "")), request.GET.get("scheme", "")
    titles = groups()
    if group and group not in titles:
        raise Refused("没有这个项目,请从列表中选择。")
    rows = queries.parameters_page(officer, zone=zone, on=day, prefix=f"{group}." if group else "")
    waiting = [(row, pending) for row in rows for pending in row.pending]
    context = {
        "groups": [(titles[key], list(found)) for key, found in groupby(rows, lambda row: catalogue.group_of(row.id))],
        "titles": titles.items(), "group": group, "zones": zone_choices(officer), "zone": zone, "on": day,
        "zone_name": zones.zone(zone).name, "waiting": waiting, "query": urlencode({"zone": zone}),
        "to_decide": sum(pending.may_decide for _, pending in waiting),
    }
    return render(request, "desk/parameters.html", context)


def _definition(parameter: str) -> Definition:
    found = catalogue.definition(parameter)
    if found is None:
        raise NotFound("没有这个政策参数,请从参数表中选择。")
    return found


def why_not(parameter: str, zone: str, by: Officer) -> str:
    """Why the acting post may not draft this parameter here; empty when it may."""
    trial = Proposal(parameter, zone, 0, clock.today(), sample=True, reason="试")
    try:
        actions.check_draft(trial, by=by)
    except NotAllowed as refusal:
        return refusal.reason
    except Refused:
        return ""
    return ""


def _page(request: HttpRequest, definition: Definition, zone: str, *, form: ParameterForm | None = None,
          status: int = 200) -> HttpResponse:
    rows = queries.parameters_page(request.officer, zone=zone, prefix=definition.id)
    row = next(r for r in rows if r.id == definition.id)
    reason = why_not(definition.id, zone, request.officer)
    if form is None and not reason:
        form = ParameterForm(definition=definition, initial={"value": row.number, "effective_from": None})
    context = {
        "row": row, "zone": zone, "zone_name": zones.zone(zone).name, "why_not": reason, "form": form,
        "history": list(reversed(queries.history(definition.id, zone))), "query": urlencode({"zone": zone}),
        "group": catalogue.group_title(catalogue.group_of(definition.id)), "today": clock.today(),
    }
    return render(request, "desk/parameter.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def parameter(request: HttpRequest, parameter: str) -> HttpResponse:
    """One parameter in one zone: value, history, changes under way; POST drafts a new value."""
    definition = _definition(parameter)
    zone = request.GET.get("zone") or zones.zone_of(request.officer.jurisdiction)
    zones.zone(zone)
    if request.method == "GET":
        return _page(request, definition, zone)
    form = ParameterForm(request.POST, definition=definition)
    row = _write(form, definition, zone, lambda proposal: actions.do_draft(proposal, by=request.officer))
    if row is None:
        return _page(request, definition, zone, form=form, status=422)
    messages.success(request, "草稿已保存。核对无误后提交复核。")
    return redirect("desk:parameter_change", row.pk)


def _write(form: ParameterForm, definition: Definition, zone: str, write: Any) -> ParameterVersion | None:
    """Drafts or revises with the form's data; its refusals come back on the form."""
    if not form.is_valid():
        return None
    proposal = Proposal(definition.id, zone, **form.cleaned_data)
    try:
        done: ParameterVersion = write(proposal)
        return done
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None


def get_version(number: int) -> ParameterVersion:
    """A change of a parameter; law data, open to every officer."""
    found = ParameterVersion.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("没有这份参数变更,请从参数页重新进入。")
    return found


def _change_page(request: HttpRequest, row: ParameterVersion, *, form: ParameterForm | None = None,
                 opinion: OpinionForm | None = None, status: int = 200) -> HttpResponse:
    officer, definition = request.officer, _definition(row.parameter)
    mine = row.drafted_by == officer.account_id
    if form is None and mine and row.status == Status.DRAFT:
        names = ("value", "effective_from", "effective_to", "document", "article", "sample", "note", "reason")
        form = ParameterForm(definition=definition, initial={name: getattr(row, name) for name in names})
    refusal = ""
    if row.status == Status.SUBMITTED:
        try:
            actions.check_decide(row, by=officer)
        except Refused as found:
            refusal = found.reason
    series = parameters.current().series(row.parameter, row.zone)
    now = next((d for d in series if d.covers(clock.today())), None)
    waiting = row.status in (Status.DRAFT, Status.SUBMITTED)
    context = {
        "row": row, "definition": definition, "value": parameters.show(row.value, definition.unit), "mine": mine,
        "zone_name": zones.zone(row.zone).name, "form": form, "refusal": refusal,
        "now": parameters.show(now.value, definition.unit) if now else "", "waiting": waiting,
        "concerns": actions.concerns(Proposal(row.parameter, row.zone, row.value, row.effective_from, row.effective_to),
                                     series, clock.today()) if waiting else [],
        "opinion": opinion or OpinionForm(), "clause": row.document + row.article,
        "back": reverse("desk:parameter", args=[row.parameter]) + "?" + urlencode({"zone": row.zone}),
    }
    return render(request, "desk/parameter_change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def change(request: HttpRequest, version: int) -> HttpResponse:
    """A draft or submission; POST revises an own draft."""
    row = get_version(version)
    if request.method == "GET":
        return _change_page(request, row)
    definition = _definition(row.parameter)
    form = ParameterForm(request.POST, definition=definition)
    if _write(form, definition, row.zone, lambda p: actions.do_revise(row.pk, p, by=request.officer)) is None:
        return _change_page(request, row, form=form, status=422)
    messages.success(request, "草稿已更新。")
    return redirect("desk:parameter_change", row.pk)


@require_POST
@staff(*READERS)
def decide(request: HttpRequest, version: int, verb: str) -> HttpResponse:
    """submit and withdraw by the drafter; approve and send_back by the second pair of eyes."""
    officer = request.officer
    opinion = OpinionForm(request.POST)
    text = opinion.cleaned_data["opinion"] if opinion.is_valid() else ""
    verbs: dict[str, tuple[Any, str]] = {
        "submit": (lambda: actions.do_submit(version, by=officer), "已提交,等待本单位其他审批人员复核。"),
        "withdraw": (lambda: actions.do_withdraw(version, by=officer), "已撤回。"),
        "approve": (lambda: actions.do_approve(version, by=officer, opinion=text), "已批准,按起始日生效。"),
        "send_back": (lambda: actions.do_send_back(version, by=officer, opinion=text), "已退回起草人。"),
    }
    if verb not in verbs:
        raise Refused("没有这种操作,请从页面上选择。")
    work, done = verbs[verb]
    try:
        work()
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        opinion.is_valid()
        opinion.add_error(refusal.field if refusal.field in opinion.fields else None, refusal.reason)
        return _change_page(request, get_version(version), opinion=opinion, status=422)
    messages.success(request, done)
    return redirect("desk:parameter_change", version)
