"""Pages: batches and upload, the mapping, a batch's reconciliation, acceptance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base.errors import NotFound, Refused
from minzheng.base.forms import yuan_of
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.data.ingest import actions, report
from minzheng.data.ingest.models import ROW_STATES, Batch
from minzheng.scenes.assistance.legacy import accepting
from minzheng.scenes.assistance.legacy.forms import AcceptForm, MappingForm, ReasonForm, ReportForm, UploadForm
from minzheng.scenes.assistance.legacy.models import ACCEPTED, REFUSED, LegacyHousehold
from minzheng.scenes.assistance.legacy.target import DIBAO

READERS = ("data_officer", "county_approver")
EXAMPLE = Path(__file__).with_name("example.yaml")
PAGE = 50


def _try(form: Any, act: Any) -> Any:
    """The act's result; what it refuses of the input is put on the form, nothing is written, and None comes back."""
    try:
        with transaction.atomic():
            return act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def batches(request: HttpRequest) -> HttpResponse:
    """The county's batches, and the upload for who may."""
    officer, status = request.officer, 200
    mappings = actions.mappings_of(officer, DIBAO.code)
    form = UploadForm(request.POST or None, request.FILES or None, mappings=mappings)
    if request.method == "POST":
        if form.is_valid():
            files = {table.code: (request.FILES[table.code].name, request.FILES[table.code].read()) for table in DIBAO.tables}
            made = _try(form, lambda: actions.do_receive(
                target=DIBAO.code, mapping=form.cleaned_data["mapping"], source=form.cleaned_data["source"], files=files,
                declared=form.declared(), by=officer))
            if made is not None:
                messages.success(request, "已收到,正在试导入。完成后这里会显示对账结果,现在还没有写入任何数据。")
                return redirect("assistance:legacy_batch", made.number)
        status = 422
    rows = Batch.objects.filter(target=DIBAO.code, jurisdiction=officer.jurisdiction).order_by("-pk")[:PAGE]
    return render(request, "legacy/batches.html", {
        "rows": rows, "form": form, "mappings": mappings, "may": officer.role == actions.ROLE,
        "tables": [(table.title, form[table.code], form[f"{table.code}_rows"],
                    form[f"{table.code}_fen"] if table.money else None) for table in DIBAO.tables],
    }, status=status)


@require_http_methods(["GET", "POST"])
@staff(actions.ROLE)
def mapping(request: HttpRequest) -> HttpResponse:
    """A mapping: the latest of that name, or the example."""
    mine = {row.name: row for row in actions.mappings_of(request.officer, DIBAO.code)}
    chosen = mine.get(request.GET.get("name", ""))
    start = {"name": chosen.name, "body": chosen.body} if chosen else {"body": EXAMPLE.read_text()}
    form = MappingForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.do_save_mapping(
            target=DIBAO.code, name=form.cleaned_data["name"], body=form.cleaned_data["body"].replace("\r\n", "\n"),
            by=request.officer))
        if made is not None:
            messages.success(request, f"已保存为第 {made.version} 版。")
            return redirect("assistance:legacy")
    columns = [(table.title, table.code, table.columns) for table in DIBAO.tables]
    return render(request, "legacy/mapping.html", {"form": form, "mine": mine.values(), "columns": columns},
                  status=422 if form.errors else 200)


def _page(request: HttpRequest, number: str, *, status: int = 200, **more: Any) -> HttpResponse:
    officer, batch = request.officer, actions.batch_for(number)
    outcome = request.GET.get("rows", "question")
    after = request.GET.get("after", "0")
    if outcome not in dict(ROW_STATES) or not (after.isdigit() and len(after) < 19):
        raise NotFound("没有这一页,请从头打开。")
    rows = report.open_rows(batch, outcome, after=int(after), limit=PAGE + 1)
    seen = accepting.waiting(batch)
    titles = {table.code: table.title for table in DIBAO.tables}
    figures = report.figures(batch)
    counts = {code: sum(figure.outcomes[code][0] for figure in figures) for code, _ in ROW_STATES}
    context = {
        "batch": batch, "figures": figures, "units": report.units(batch), "outcome": outcome,
        "tabs": [(code, title, counts[code]) for code, title in ROW_STATES if counts[code]],
        "rows": [(row, titles[row.table], *report.shown(row)) for row in rows[:PAGE]],
        "next": f"?rows={outcome}&after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "", "prev": f"?rows={outcome}" if int(after) else "",
        "run": JobRun.objects.filter(pk=batch.run or 0).first(), "seen": seen, "seen_yuan": yuan_of(seen[1]),
        "taken": LegacyHousehold.objects.filter(batch=batch.pk, state=ACCEPTED).count(),
        "failed": LegacyHousehold.objects.filter(batch=batch.pk, state=REFUSED).order_by("pk")[:PAGE],
        "may_confirm": officer.role == actions.ROLE and batch.state in ("checked", "loaded"),
        "may_start": officer.role == actions.ROLE and batch.state in ("checked", "loaded") and counts["ok"] > 0,
        "may_accept": officer.role == "county_approver" and batch.state == "loaded" and officer.account_id != batch.by_account,
        "accept_form": AcceptForm(months=accepting.months(), initial={"households": seen[0], "fen": seen[1]}, auto_id="accept_%s"),
        "down_form": ReasonForm(auto_id="down_%s"), "report_form": ReportForm(auto_id="report_%s"), **more,
    }
    return render(request, "legacy/batch.html", context, status=status)


@require_GET
@staff(*READERS)
def batch(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@require_POST
@staff(actions.ROLE)
def confirm(request: HttpRequest, number: str, row: int) -> HttpResponse:
    """Same person or not, as an officer has checked with the papers."""
    actions.batch_for(number)
    if request.POST.get("same") not in ("yes", "no"):
        raise Refused("请选择是或不是同一个人。")
    actions.do_confirm(number, row, same=request.POST["same"] == "yes", by=request.officer)
    messages.success(request, "已登记核对结果。")
    return redirect("assistance:legacy_batch", number)


@require_POST
@staff(actions.ROLE)
def start(request: HttpRequest, number: str) -> HttpResponse:
    actions.do_start(number, by=request.officer)
    messages.success(request, "已开始导入。导入后要由县级审批人员接受,才会发放。")
    return redirect("assistance:legacy_batch", number)


@require_POST
@staff("county_approver")
def accept(request: HttpRequest, number: str) -> HttpResponse:
    form = AcceptForm(request.POST, months=accepting.months(), auto_id="accept_%s")
    done = form.is_valid() and _try(form, lambda: accepting.do_accept(
        number, first_month=form.cleaned_data["first_month"],
        seen=(form.cleaned_data["households"], form.cleaned_data["fen"]), by=request.officer))
    if not done:
        return _page(request, number, accept_form=form, status=422)
    messages.success(request, "已接受,正在逐户接续待遇。")
    return redirect("assistance:legacy_batch", number)


@require_POST
@staff("county_approver")
def turn_down(request: HttpRequest, number: str) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="down_%s")
    if not (form.is_valid() and _try(form, lambda: accepting.do_turn_down(
            number, reason=form.cleaned_data["reason"], by=request.officer))):
        return _page(request, number, down_form=form, status=422)
    messages.success(request, "已退回,没有发放任何待遇。更正后可以重新上传。")
    return redirect("assistance:legacy_batch", number)


@require_POST
@staff(*READERS)
def download(request: HttpRequest, number: str) -> HttpResponse:
    """Every row with its outcome and reason."""
    form = ReportForm(request.POST, auto_id="report_%s")
    if not form.is_valid():
        return _page(request, number, report_form=form, status=422)
    found = actions.batch_for(number)
    content = report.report_csv(found, reason=form.cleaned_data["reason"], by=request.officer)
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="{found.number}.csv"', "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff"})
