"""政策仿真, drafts: listed, written, copied, compared, sent to the second pair of eyes and decided as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.data.brain import actions
from minzheng.data.brain.desk import drafting, running
from minzheng.data.brain.desk.models import Draft, Run
from minzheng.data.brain.desk.ports import all_simulated, simulated, uprating
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Definition
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import scheme
from minzheng.front.desk.admin_forms import OpinionForm
from minzheng.front.desk.money_forms import attempt
from minzheng.front.desk.policy_forms import DraftForm, UprateForm, initial_of
from minzheng.front.desk.views.parameters import groups

SHOWN = 30
Status = Draft.Status


def definitions() -> list[Definition]:
    """What a draft may change: every parameter that a scheme on the desk reads."""
    read = {name for one in all_simulated() for name in one.rules.parameters}
    return [definition for definition in catalogue.definitions() if definition.id in read]


def _zones(by: Officer) -> list[tuple[str, str]]:
    tree = zones.tree()
    return [(key, f"{tree[key].name}(本地)" if key == zones.zone_of(by.jurisdiction) else tree[key].name)
            for key in drafting.zone_choices(by)]


@require_GET
@staff(*drafting.ROLES)
def desk(request: HttpRequest) -> HttpResponse:
    """Own drafts, colleagues' drafts under approval, and the latest results."""
    return _desk(request)


def _desk(request: HttpRequest, *, refusal: str = "", uprate_form: UprateForm | None = None, status: int = 200
          ) -> HttpResponse:
    officer = request.officer
    pay = uprating()
    orders: list[JobRun] = []
    if pay is not None and officer.role in pay.roles:
        uprate_form = uprate_form or UprateForm(schemes=_paid_schemes())
        orders = list(JobRun.objects.filter(name=pay.job, jurisdiction=officer.jurisdiction).order_by("-id")[:5])
    own = list(Draft.objects.filter(owner=officer.account_id).exclude(status=Status.ENDED).order_by("-id")[:SHOWN])
    others = list(Draft.objects.filter(status__in=[Status.SENT, Status.IN_FORCE]).exclude(owner=officer.account_id)
                  .order_by("-id")[:SHOWN])
    runs = [row for row in Run.objects.order_by("-id")[:200] if row.owner == officer.account_id or running.shared(row)]
    context = {
        "own": [(row, _summary(row)) for row in own], "others": [(row, _summary(row)) for row in others],
        "runs": [(row, simulated(row.scheme).title, _titles(row)) for row in runs[:SHOWN]],
        "schemes": [(one.scheme, one.title) for one in all_simulated()], "refusal": refusal, "uprate": uprate_form,
        "orders": [(order, order.args) for order in orders],
        "to_decide": sum(1 for row in others if row.status == Status.SENT and not _why_not_decide(row, officer)),
    }
    return render(request, "desk/policy.html", context, status=status)


def _titles(row: Run) -> str:
    if row.kind == "recompute":
        return f"重算 {row.month:%Y年%m月}"
    return "、".join(case["title"] for case in row.cases)


def _summary(row: Draft) -> list[str]:
    """The new values in words."""
    found = []
    for name, value in row.values.items():
        definition = catalogue.definition(name)
        if definition is not None:
            found.append(f"{definition.name} {parameters.show(value, definition.unit)}")
    return found


@require_POST
@staff(*drafting.ROLES)
def start(request: HttpRequest) -> HttpResponse:
    """Computes the marked drafts beside one another."""
    try:
        row = running.do_start(request.POST.getlist("draft"), request.POST.get("scheme", ""), by=request.officer)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        return _desk(request, refusal=refusal.reason, status=422)
    messages.success(request, "已开始测算。可以离开这一页,完成后结果会留在列表里。")
    return redirect("desk:policy_run", row.code)


def _paid_schemes() -> list[tuple[str, str]]:
    pay = uprating()
    return [(code, scheme(code).title) for code in pay.schemes] if pay is not None else []


@require_POST
@staff(*drafting.ROLES)
def uprate(request: HttpRequest) -> HttpResponse:
    """Benefits in payment follow the law of the day: rises are written, falls go to a review."""
    pay = uprating()
    if pay is None:
        raise NotFound("还没有可以调标的项目。")
    form = UprateForm(request.POST, schemes=_paid_schemes())

    def act() -> None:
        data = form.cleaned_data
        pay.order(data["scheme"], data["month"], data["document"], by=request.officer)

    if not form.is_valid() or not attempt(form, act):
        return _desk(request, uprate_form=form, status=422)
    messages.success(request, "已开始调标。逐户结果留在任务记录里,测算减少的转为人工复核。")
    return redirect("desk:policy")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _table(form: DraftForm, zone: str, day: dt.date) -> list[tuple[str, list[dict[str, Any]], bool]]:
    """The parameters by group with the value in force, and the field for a new one; groups in use are open."""
    titles, book = groups(), parameters.current()
    found = []
    for key, members in groupby(definitions(), lambda d: d.id.split(".", 1)[0]):
        rows = []
        for definition in members:
            try:
                now = book.lookup(definition.id, zone, day)
                text, sample, inherited = now.text, now.sample, "" if now.zone == zone else zones.zone(now.zone).name
            except RuleCannotEvaluate:
                text, sample, inherited = "没有取值", False, ""
            rows.append({"definition": definition, "now": text, "sample": sample, "inherited": inherited,
                         "bound": form[definition.id], "unit": catalogue.UNITS[definition.unit]})
        used = any(row["bound"].value() not in (None, "") or row["bound"].errors for row in rows)
        found.append((titles.get(key, key), rows, used))
    if found and not any(used for _, _, used in found):
        found[0] = (*found[0][:2], True)
    return found


def _edit(request: HttpRequest, form: DraftForm, row: Draft | None = None, *, status: int = 200) -> HttpResponse:
    day = _day(str(form["effective_from"].value() or "")) or clock.today()
    return render(request, "desk/policy_edit.html", {
        "form": form, "row": row, "zone": form.zone, "zone_name": zones.zone(form.zone).name,
        "zones": _zones(request.officer), "day": day, "table": _table(form, form.zone, day)}, status=status)


@require_http_methods(["GET", "POST"])
@staff(*drafting.ROLES)
def new(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    zone = (request.POST if request.method == "POST" else request.GET).get("zone") or zones.zone_of(officer.jurisdiction)
    if zone not in drafting.zone_choices(officer):
        raise NotAllowed("只能为本地、下级和上级地区起草方案,请重新选择地区。")
    if request.method == "GET":
        return _edit(request, DraftForm(zone=zone, definitions=definitions()))
    form = DraftForm(request.POST, zone=zone, definitions=definitions())
    row = _write(form, lambda: drafting.do_create(form.content(), by=officer))
    if row is None:
        return _edit(request, form, status=422)
    messages.success(request, "方案已保存,可以测算了。")
    return redirect("desk:policy_draft", row.code)


@require_http_methods(["GET", "POST"])
@staff(*drafting.ROLES)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    officer = request.officer
    row = drafting.get_draft_for(officer, code)
    if row.owner != officer.account_id or row.status != Status.OPEN:
        raise NotAllowed("只有起草人在起草阶段可以修改。可以复制一份再改。")
    if request.method == "GET":
        return _edit(request, DraftForm(zone=row.zone, definitions=definitions(), initial=initial_of(row)), row)
    form = DraftForm(request.POST, zone=row.zone, definitions=definitions())
    version = request.POST.get("version", "")
    done = _write(form, lambda: drafting.do_revise(code, form.content(), by=officer,
                                                   version=int(version) if version.isdigit() else 0))
    if done is None:
        return _edit(request, form, row, status=422)
    messages.success(request, "方案已更新。以前的测算结果不变,请重新测算。")
    return redirect("desk:policy_draft", code)


def _write(form: DraftForm, write: Callable[[], Draft]) -> Draft | None:
    """Writes with the form's data; refusals come back on the form."""
    if not form.is_valid():
        return None
    try:
        return write()
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None


def _why_not_decide(row: Draft, by: Officer) -> str:
    try:
        drafting.check_decide(row, by=by)
    except Refused as refusal:
        return refusal.reason
    return ""


def _draft_page(request: HttpRequest, row: Draft, *, opinion: OpinionForm | None = None, status: int = 200) -> HttpResponse:
    officer, book = request.officer, parameters.current()
    lines = []
    for name, value in row.values.items():
        definition = catalogue.definition(name)
        if definition is None:
            continue
        try:
            now = book.lookup(name, row.zone, row.effective_from)
        except RuleCannotEvaluate:
            now = None
        waiting = row.status in (Status.OPEN, Status.SENT)
        proposal = next(p for p in drafting.proposals(row) if p.parameter == name)
        lines.append({"name": definition.name, "value": parameters.show(value, definition.unit), "now": now,
                      "concerns": actions.concerns(proposal, book.series(name, row.zone), clock.today()) if waiting else []})
    mine = row.owner == officer.account_id
    runs = [run for run in Run.objects.order_by("-id")[:200] if any(case["draft"] == row.code for case in run.cases)
            and (run.owner == officer.account_id or running.shared(run) or row.status in (Status.SENT, Status.IN_FORCE))]
    return render(request, "desk/policy_draft.html", {
        "row": row, "lines": lines, "zone_name": zones.zone(row.zone).name, "mine": mine, "runs": runs[:10],
        "why_not_send": drafting.why_not_send(row, officer) if mine and row.status == Status.OPEN else "",
        "why_not_decide": _why_not_decide(row, officer) if row.status == Status.SENT else "",
        "schemes": running.schemes_for([row]), "opinion": opinion or OpinionForm(), "clause": row.document + row.article,
    }, status=status)


@require_GET
@staff(*drafting.ROLES)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    return _draft_page(request, drafting.get_draft_for(request.officer, code))


@require_POST
@staff(*drafting.ROLES)
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """copy by anybody who may see it; send, withdraw and end by the author; approve and send_back by another."""
    officer, opinion = request.officer, OpinionForm(request.POST)
    text = opinion.cleaned_data["opinion"] if opinion.is_valid() else ""
    verbs: dict[str, tuple[Callable[[], Draft], str]] = {
        "copy": (lambda: drafting.do_copy(code, by=officer), "已复制。改好后可以与原方案一起比较。"),
        "send": (lambda: drafting.do_send(code, by=officer), "已送审,等待本单位其他审批人员复核。"),
        "withdraw": (lambda: drafting.do_withdraw(code, by=officer), "已撤回,可以继续修改。"),
        "end": (lambda: drafting.do_end(code, by=officer), "方案已作废。"),
        "approve": (lambda: drafting.do_approve(code, by=officer, opinion=text), "已批准,方案里的参数一起生效。"),
        "send_back": (lambda: drafting.do_send_back(code, by=officer, opinion=text), "已退回起草人。"),
    }
    if verb not in verbs:
        raise Refused("没有这种操作,请从页面上选择。")
    work, done = verbs[verb]
    try:
        row = work()
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        opinion.is_valid()
        opinion.add_error(refusal.field if refusal.field in opinion.fields else None, refusal.reason)
        return _draft_page(request, drafting.get_draft_for(officer, code), opinion=opinion, status=422)
    messages.success(request, done)
    return redirect("desk:policy") if verb == "end" else redirect("desk:policy_draft", row.code)
