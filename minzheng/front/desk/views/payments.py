"""资金发放: runs of the acting county, building one, its lines, accounts, and the daily proof."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import audit, clock
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.pages import staff
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk import money_reads
from minzheng.front.desk.money_forms import BuildForm, ReasonForm, attempt, month_from, number_from
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.schemes import all_schemes, get_scheme
from minzheng.office.ledger import queries
from minzheng.office.ledger.doors import RELEASE_ROLES, line_for, run_for
from minzheng.office.ledger.envelopes import do_seal
from minzheng.office.ledger.models import DayProof, Envelope, PaymentLine, PaymentRun
from minzheng.office.ledger.proof import ProofRow, do_keep_proof
from minzheng.office.ledger.reissue import do_reissue
from minzheng.office.ledger.runs import do_build_run, do_build_supplement, do_build_urgent
from minzheng.office.ledger.settling import do_cancel_line, do_refresh
from minzheng.office.ledger.tasks import queue_check

CASHIER = "county_cashier"


def address(**parts: Any) -> str:
    """The same page with these parts of the address; empty ones are left out."""
    return "?" + urlencode({name: value for name, value in parts.items() if value})


@require_GET
@staff(*MONEY_ROLES)
def payments(request: HttpRequest) -> HttpResponse:
    """What waits, then the county's runs, newest first."""
    county, asked = request.officer.jurisdiction, request.GET.get("month", "")
    before = number_from(request.GET.get("before", ""))
    month = month_from(asked, clock.today()) if asked else None
    rows, more = money_reads.runs_of(county, month=month, before=before)
    waiting = [] if before else [row for row in queries.envelopes_waiting() if row.jurisdiction == county]
    attention = queries.attention(limit=queries.PAGE + 1)
    context = {
        "tab": "runs", "rows": rows, "month": asked, "waiting": [(row, _todo(row, request.officer.role)) for row in waiting],
        "attention": len(attention), "attention_many": len(attention) > queries.PAGE,
        "oddities": queries.open_oddities(), "builds": request.officer.role == CASHIER,
        "next": address(month=asked, before=more) if more else "", "prev": address(month=asked) if before else "",
        "supplement_schemes": all_schemes(),
    }
    return render(request, "desk/payments.html", context)


def _todo(envelope: Envelope, role: str) -> str:
    if envelope.state == "sealed" and role in envelope.required:
        return "去签批"
    return "去放款" if envelope.state == "approved" and role in RELEASE_ROLES else "查看"


@require_http_methods(["GET", "POST"])
@staff(CASHIER)
def build(request: HttpRequest) -> HttpResponse:
    """Looks at a month before building it, then builds it. The list must still be the one that was looked at."""
    officer, this = request.officer, first_of(clock.today())
    if request.method == "GET":
        month = month_from(request.GET.get("month", ""), this)
        scheme = request.GET.get("scheme", "") or all_schemes()[0].code
        get_scheme(scheme)
        return _preview_page(request, month, scheme, None)
    form = BuildForm(request.POST)
    if not form.is_valid():
        return _preview_page(request, this, all_schemes()[0].code, form, status=422)
    month, scheme = form.cleaned_data["month"], form.cleaned_data["scheme"]
    known = _regular(officer.jurisdiction, scheme, month)
    if known is None and form.cleaned_data["seen"] != money_reads.preview_run(officer.jurisdiction, scheme, month).seen:
        raise Stale("名单在您查看之后有变化,请返回重新看过预览再编制。")
    if not attempt(form, lambda: do_build_run(month, scheme, officer.jurisdiction, by=officer)):
        return _preview_page(request, month, scheme, form, status=422)
    run = _regular(officer.jurisdiction, scheme, month)
    assert run is not None
    if known is None:
        messages.success(request, f"已编制 {run.line_count} 笔。下一步:核对名单,封包送复核。")
    return redirect("desk:pay_run", run.number)


def _regular(county: str, scheme: str, month: dt.date) -> PaymentRun | None:
    return PaymentRun.objects.filter(jurisdiction=county, scheme=scheme, month=month, kind="regular").first()


def _preview_page(request: HttpRequest, month: dt.date, scheme: str, form: BuildForm | None, *,
                  status: int = 200) -> HttpResponse:
    county, after = request.officer.jurisdiction, number_from(request.GET.get("after", ""))
    preview = money_reads.preview_run(county, scheme, month, after=after)
    asked = {"month": f"{month:%Y-%m}", "scheme": scheme}
    context = {
        "tab": "runs", "month": month, "scheme": scheme, "schemes": all_schemes(), "preview": preview, "form": form,
        "known": _regular(county, scheme, month), "early": month > first_of(clock.today()),
        "next": address(**asked, after=preview.next_after) if preview.next_after else "",
        "prev": address(**asked) if after else "",
    }
    return render(request, "desk/run_build.html", context, status=status)


@require_POST
@staff(CASHIER)
def supplement(request: HttpRequest) -> HttpResponse:
    """补发 of all that earlier months still owe, or 急发 of what a scheme that pays once owes now. Nothing owed: nothing built."""
    scheme = get_scheme(request.POST.get("scheme", ""))
    make = do_build_urgent if scheme.once else do_build_supplement
    run = make(scheme.code, request.officer.jurisdiction, by=request.officer)
    if run is None:
        messages.info(request, f"{scheme.title}没有待发,不需要编制。" if scheme.once else "以前月份没有欠发,不需要补发。")
        return redirect("desk:payments")
    messages.success(request, f"已编制{run.get_kind_display()} {run.line_count} 笔。下一步:核对名单,封包送复核。")
    return redirect("desk:pay_run", run.number)


def _own_run(request: HttpRequest, number: str) -> PaymentRun:
    run = run_for(number)
    if run.jurisdiction != request.officer.jurisdiction:
        raise NotFound("没有这个发放批次,或不在您的管辖范围内。")
    return run


@require_GET
@staff(*MONEY_ROLES)
def run(request: HttpRequest, number: str) -> HttpResponse:
    _own_run(request, number)
    state, after = request.GET.get("state", ""), number_from(request.GET.get("after", ""))
    page = queries.run_page(number, state=state, after=after)
    totals = [(key, queries.STATE_TEXT[key], *page.totals[key]) for key in queries.STATE_TEXT if key in page.totals]
    count, fen = page.totals.get("open", (0, 0))
    context = {
        "tab": "runs", "run": page.run, "totals": totals, "envelopes": page.envelopes, "lines": page.lines,
        "state": state, "open_count": count, "open_fen": fen, "seen": f"{count}:{fen}",
        "cashier": request.officer.role == CASHIER, "sources": _shares(page.run),
        "next": address(state=state, after=page.next_after) if page.next_after else "",
        "prev": address(state=state) or "?" if after else "",
    }
    return render(request, "desk/run.html", context)


def _shares(run: PaymentRun) -> list[tuple[str, int]]:
    from minzheng.office.benefits.models import SOURCES

    return [(name, run.shares.get(code, 0)) for code, name in SOURCES]


@require_POST
@staff(CASHIER)
def seal(request: HttpRequest, number: str) -> HttpResponse:
    """Seals what is open. Refused when that is no longer what the page showed; a second click finds the first envelope."""
    _own_run(request, number)
    count, fen = queries.run_page(number, limit=1).totals.get("open", (0, 0))
    if count and request.POST.get("seen") != f"{count}:{fen}":
        raise Stale("待封包的明细在您打开页面之后有变化,请返回刷新,核对后再封包。")
    envelope = do_seal(number, by=request.officer)
    messages.success(request, f"已封包 {envelope.count} 笔。下一步:由{_titles(envelope.required)}签批。")
    return redirect("desk:pay_envelope", envelope.number)


def _titles(roles: list[str]) -> str:
    from minzheng.base.identity.roles import role_title

    return "、".join(map(role_title, roles))


@require_POST
@staff(CASHIER)
def refresh(request: HttpRequest, number: str) -> HttpResponse:
    _own_run(request, number)
    do_refresh(number, by=request.officer)
    messages.success(request, "已按最新待遇和账户核验结果重新核对。")
    return redirect("desk:pay_run", number)


@require_GET
@staff(*MONEY_ROLES)
def attention(request: HttpRequest) -> HttpResponse:
    """暂缓与退回: each line with why and the way to what must be done."""
    after = number_from(request.GET.get("after", ""))
    rows = queries.attention(after=after, limit=queries.PAGE + 1)
    more = rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else 0
    return render(request, "desk/payments_attention.html", {
        "tab": "attention", "lines": rows[:queries.PAGE], "next": address(after=more) if more else "",
        "prev": "?" if after else ""})


@require_GET
@staff(*MONEY_ROLES)
def accounts(request: HttpRequest) -> HttpResponse:
    """账户核验: payees that the bank has not confirmed."""
    after = number_from(request.GET.get("after", ""))
    rows, more = money_reads.accounts_to_check(after=after)
    return render(request, "desk/payments_accounts.html", {
        "tab": "accounts", "rows": rows, "cashier": request.officer.role == CASHIER,
        "next": address(after=more) if more else "", "prev": "?" if after else ""})


@require_POST
@staff(CASHIER)
def check_accounts(request: HttpRequest) -> HttpResponse:
    """Queues the bank's check of all unchecked accounts of the county; a second click finds it waiting."""
    officer = request.officer
    with transaction.atomic():
        queue_check(officer.jurisdiction)
        audit.record("ledger.check_accounts", by=officer, obj_type="county", obj_id=officer.jurisdiction,
                     jurisdiction=officer.jurisdiction, reason="账户核验")
    messages.success(request, "已送银行核验,稍后刷新本页看结果。")
    return redirect("desk:pay_accounts")


def _line(request: HttpRequest, code: str) -> PaymentLine:
    line = line_for(code)
    if line.run.jurisdiction != request.officer.jurisdiction:
        raise NotFound("没有这条发放明细,或不在您的管辖范围内。")
    return line


@require_GET
@staff(*MONEY_ROLES)
def line(request: HttpRequest, code: str) -> HttpResponse:
    return _line_page(request, _line(request, code), None)


def _line_page(request: HttpRequest, found: PaymentLine, form: ReasonForm | None, *, status: int = 200) -> HttpResponse:
    benefit, confirmed = found.entitlement, found.entitlement.payee_check == "0000"
    again = PaymentLine.objects.filter(reissue_of=found).first() if found.state == "reissued" else None
    context = {
        "tab": "runs", "line": queries.line_row(found), "run": found.run, "benefit": benefit, "again": again,
        "first": found.reissue_of, "envelope": found.envelope, "settled_on": found.settled_on,
        "place": money_reads.names_of([found.jurisdiction])[found.jurisdiction],
        "cashier": request.officer.role == CASHIER, "confirmed": confirmed, "fixing": ["更正账户", "银行核验", "重发"],
        "stage": 3 if confirmed else 2 if benefit.payee_version != found.payee_version else 1,
        "cancels": found.state in ("open", "held", "rejected"),
        "form": form or ReasonForm(initial={"seen": found.state}),
    }
    return render(request, "desk/payments_line.html", context, status=status)


@require_POST
@staff(CASHIER)
def cancel_line(request: HttpRequest, code: str) -> HttpResponse:
    found, form = _line(request, code), ReasonForm(request.POST)
    if not form.is_valid():
        return _line_page(request, found, form, status=422)
    data = form.cleaned_data
    if found.state == "cancelled" and found.note == data["reason"]:
        return redirect("desk:pay_line", code)
    if found.state != data["seen"]:
        raise Stale(f"这条明细现在是“{found.get_state_display()}”,请返回刷新后再办理。")
    if not attempt(form, lambda: do_cancel_line(code, reason=data["reason"], by=request.officer)):
        return _line_page(request, found, form, status=422)
    messages.success(request, "已取消发放。仍然应发的,会出现在下次补发里。")
    return redirect("desk:pay_line", code)


@require_POST
@staff(CASHIER)
def reissue(request: HttpRequest, code: str) -> HttpResponse:
    _line(request, code)
    fresh = do_reissue(code, by=request.officer)
    messages.success(request, "已生成重发明细。下一步:到发放批次里封包送复核。")
    return redirect("desk:pay_line", fresh.code)


@require_GET
@staff(*MONEY_ROLES)
def proof(request: HttpRequest) -> HttpResponse:
    """日终平账 as it was kept: the latest, or the latest of a day. Making one is an act, since it reads the whole book."""
    county, asked = request.officer.jurisdiction, request.GET.get("day", "")
    try:
        day = dt.date.fromisoformat(asked) if asked else None
    except ValueError:
        raise Refused("日期写成“2026-11-24”的样子,请重新选择。", field="day") from None
    rows = DayProof.objects.filter(jurisdiction=county).order_by("-day", "-id")
    kept = list(rows[:14])
    shown = (rows.filter(day=day).first() if day else kept[0]) if kept else None
    table = [ProofRow(**row) for row in shown.rows] if shown else []
    return render(request, "desk/proof.html", {
        "tab": "proof", "day": day, "today": clock.today(), "shown": shown, "rows": table,
        "failed": sum(not row.ok for row in table), "kept": kept, "keeps": request.officer.role in (CASHIER, "county_finance")})


@require_POST
@staff(CASHIER, "county_finance")
def keep_proof(request: HttpRequest) -> HttpResponse:
    kept = do_keep_proof(request.officer.jurisdiction, by=request.officer)
    if kept.ok:
        messages.success(request, "已核对并留存,全部相符。")
    else:
        messages.error(request, "已核对并留存,有不符的项目,已发出告警。请先核对标 ✗ 的行。")
    return redirect(reverse("desk:pay_proof"))
