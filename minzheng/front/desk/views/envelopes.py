"""拨付批次: what was sealed, who signs next, the way to the bank and what came back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import audit, clock
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import role_title
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk.money_forms import (
    BankFileForm,
    ExportForm,
    ReasonForm,
    ResolveForm,
    StatusReportForm,
    UploadReturnForm,
    attempt,
    number_from,
)
from minzheng.front.desk.views.payments import CASHIER, address
from minzheng.office.ledger import exports, queries
from minzheng.office.ledger.bands import Band, band_for
from minzheng.office.ledger.doors import envelope_for
from minzheng.office.ledger.envelopes import SAME_PERSON, do_sign, do_void
from minzheng.office.ledger.iso20022 import declared_in, is_xml
from minzheng.office.ledger.models import Envelope, EnvelopeSignature, ReturnOddity
from minzheng.office.ledger.releasing import do_release, do_send_again, file_of, iso_file_of
from minzheng.office.ledger.returns import Declared, do_resolve_oddity, do_take_return
from minzheng.office.ledger.uploading import do_upload_return

VOIDERS = ("county_cashier", "county_finance", "county_leader")
REPORTER = "county_finance"
WAITS = {
    "released": "已放款,系统正在送银行。送达后这里会显示银行回执号。",
    "sent": "银行正在处理,回盘文件到达后自动匹配。",
    "closed": "这一批已结清,不需要再办理。",
    "void": "这一批已作废。里面的明细可以在发放批次里重新封包。",
}


def _own(request: HttpRequest, number: str) -> Envelope:
    envelope = envelope_for(number)
    if envelope.jurisdiction != request.officer.jurisdiction:
        raise NotFound("没有这个拨付批次,或不在您的管辖范围内。")
    return envelope


def turn_of(page: queries.EnvelopePage, signers: list[EnvelopeSignature], officer: Officer) -> tuple[str, str]:
    """(`sign`, `release` or nothing, why not or what comes next) for the acting post."""
    state = page.envelope.state
    if state not in ("sealed", "approved"):
        return "", WAITS[state]
    titles = "、".join(map(role_title, page.next_roles))
    if officer.role not in page.next_roles:
        return "", f"现在轮到{titles}{'签批' if state == 'sealed' else '放款'}。您当前的岗位是{role_title(officer.role)}。"
    if officer.account_id == page.envelope.run.built_by or any(row.account == officer.account_id for row in signers):
        return "", SAME_PERSON
    return ("sign" if state == "sealed" else "release"), ""


def _band(envelope: Envelope) -> Band | None:
    try:
        return band_for(envelope.fen, envelope.created_at.astimezone(clock.SHANGHAI).date(), envelope.jurisdiction)
    except Refused:
        return None


def _ladder(steps: list[queries.Step]) -> list[dict[str, str]]:
    """The steps with what is done, and the first that is not."""
    waiting = next((step.step for step in steps if not step.name), "")
    return [{"title": step.title, "state": "done" if step.name else "current" if step.step == waiting else "todo"}
            for step in steps]


def _page(request: HttpRequest, number: str, *, status: int = 200, **forms: Any) -> HttpResponse:
    officer, after = request.officer, number_from(request.GET.get("after", ""))
    page = queries.envelope_page(number, after=after)
    envelope = page.envelope
    signers = list(EnvelopeSignature.objects.filter(envelope=envelope))
    may, why = turn_of(page, signers, officer)
    latest = page.returns[0] if page.returns else None
    context = {
        "tab": "runs", "page": page, "envelope": envelope, "may": may, "why": why, "band": _band(envelope),
        "latest": latest, "cashier": officer.role == CASHIER,
        "voids": officer.role in VOIDERS and envelope.state in ("sealed", "approved"),
        "sendable": officer.role == CASHIER and envelope.state == "released" and bool(envelope.trouble),
        "has_file": envelope.state in ("released", "sent", "closed"), "signed_by": "、".join(row.name for row in signers),
        "totals": [(key, queries.STATE_TEXT[key], *page.totals[key]) for key in queries.STATE_TEXT if key in page.totals],
        "void_form": ReasonForm(initial={"seen": envelope.state}, auto_id="void_%s"),
        "export_form": ExportForm(auto_id="export_%s"), "file_form": BankFileForm(auto_id="file_%s"),
        "ladder": _ladder(page.steps), "oddities": list(ReturnOddity.objects.filter(file__envelope=envelope)
                                                      .exclude(kind="repeated").order_by("id")[:queries.PAGE]),
        "resolve_form": ResolveForm(), "status_form": StatusReportForm(auto_id="status_%s"),
        "takes_report": officer.role == REPORTER and envelope.state in ("sent", "closed"),
        "upload_form": UploadReturnForm(auto_id="upload_%s"), "uploads": officer.role == REPORTER and envelope.state in ("sent", "closed"),
        "next": address(after=page.next_after) if page.next_after else "",
        "prev": "?" if after else "", **forms,
    }
    return render(request, "desk/envelope.html", context, status=status)


@require_GET
@staff(*MONEY_ROLES)
def envelope(request: HttpRequest, number: str) -> HttpResponse:
    _own(request, number)
    return _page(request, number)


@require_POST
@staff(*MONEY_ROLES)
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """Signs over the digest that the page showed. A second click finds one's own signature and writes nothing."""
    found, officer = _own(request, number), request.officer
    mine = found.signatures.filter(step=officer.role, account=officer.account_id).exists()
    if not (mine and request.POST.get("digest") == found.digest):
        found = do_sign(number, digest=request.POST.get("digest", ""), by=officer)
        after = "可以放款了。" if found.state == "approved" else "等待其余岗位签批。"
        messages.success(request, f"已签批。{after}")
    return redirect("desk:pay_envelope", number)


@require_POST
@staff(*MONEY_ROLES)
def release(request: HttpRequest, number: str) -> HttpResponse:
    """放款. A page that showed another content or state is old."""
    found = _own(request, number)
    if found.state in ("sealed", "approved") and (
            request.POST.get("digest"), request.POST.get("seen")) != (found.digest, found.state):
        raise Stale("批次在您打开页面之后有变化,请返回刷新,核对后再放款。")
    done = do_release(number, by=request.officer)
    if done.state == "void":
        messages.warning(request, "全部明细都已核减,没有送银行,批次已作废。")
    else:
        struck = f"放款前核减 {done.struck_count} 笔。" if done.struck_count else ""
        messages.success(request, f"已放款 {done.net_count} 笔,正在送银行。{struck}")
    return redirect("desk:pay_envelope", number)


@require_POST
@staff(*VOIDERS)
def void(request: HttpRequest, number: str) -> HttpResponse:
    found, form = _own(request, number), ReasonForm(request.POST, auto_id="void_%s")
    if not form.is_valid():
        return _page(request, number, void_form=form, status=422)
    if found.state != "void":
        if found.state != form.cleaned_data["seen"]:
            raise Stale(f"批次现在是“{found.get_state_display()}”,请返回刷新后再办理。")
        if not attempt(form, lambda: do_void(number, reason=form.cleaned_data["reason"], by=request.officer)):
            return _page(request, number, void_form=form, status=422)
        messages.success(request, "批次已作废,明细回到待封包。")
    return redirect("desk:pay_envelope", number)


@require_POST
@staff(CASHIER)
def send_again(request: HttpRequest, number: str) -> HttpResponse:
    """Sends once more after a failure; while it waits in the queue a second click changes nothing."""
    _own(request, number)
    try:
        do_send_again(number, by=request.officer)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        messages.info(request, refusal.reason)
    else:
        messages.success(request, "已重新送银行。银行对同一批次只收一次,不会重复发放。")
    return redirect("desk:pay_envelope", number)


def download(content: bytes, name: str, kind: str = "text/csv; charset=utf-8") -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@staff(*MONEY_ROLES)
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The list with masked accounts, with who and why in its first row."""
    _own(request, number)
    form = ExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, number, export_form=form, status=422)
    rows = exports.envelope_rows(number, reason=form.cleaned_data["reason"], by=request.officer)
    return download(exports.as_csv(rows), f"{number}.csv")


@require_POST
@staff(CASHIER)
def bank_file(request: HttpRequest, number: str) -> HttpResponse:
    """The bank's own file in clear text: the cashier only, with a reason that is kept."""
    found, form = _own(request, number), BankFileForm(request.POST, auto_id="file_%s")
    if not form.is_valid():
        return _page(request, number, file_form=form, status=422)
    content = file_of(number, by=request.officer)
    audit.record("ledger.bank_file", by=request.officer, obj_type="envelope", obj_id=number, jurisdiction=found.jurisdiction,
                 reason=form.cleaned_data["reason"], after={"count": found.net_count, "digest": found.file_digest})
    return download(content, f"{number}-bank.csv")


@require_POST
@staff(CASHIER)
def iso_file(request: HttpRequest, number: str) -> HttpResponse:
    """The same payments as pain.001 for a bank that takes ISO 20022."""
    found, form = _own(request, number), BankFileForm(request.POST, auto_id="file_%s")
    if not form.is_valid():
        return _page(request, number, file_form=form, status=422)
    content = b"".join(iso_file_of(number, by=request.officer))
    audit.record("ledger.bank_file", by=request.officer, obj_type="envelope", obj_id=number, jurisdiction=found.jurisdiction,
                 reason=form.cleaned_data["reason"], after={"count": found.net_count, "format": "pain.001.001.09"})
    return download(content, f"{number}-pain001.xml", "application/xml; charset=utf-8")


@require_POST
@staff(REPORTER)
def status_report(request: HttpRequest, number: str) -> HttpResponse:
    """A pain.002 that the bank gave by hand: taken by the rules of the return file, once. Not by the cashier, who could
    pay a line again that a made-up report calls rejected."""
    found, officer = _own(request, number), request.officer
    form = StatusReportForm(request.POST, request.FILES, auto_id="status_%s")

    def take() -> None:
        content = form.cleaned_data["report"].read()
        if not is_xml(content):
            raise Refused("这不是付款状态报告(pain.002)。CSV 回盘文件请用“手工上传回盘文件”。", field="report")
        taken = do_take_return(number, content=content, declared=declared_in(content),
                               by=officer)
        audit.record("ledger.status_report", by=officer, obj_type="envelope", obj_id=number, jurisdiction=found.jurisdiction,
                     after={"digest": taken.digest, "paid": taken.paid, "rejected": taken.rejected})

    if not (form.is_valid() and attempt(form, take)):
        return _page(request, number, status_form=form, status=422)
    messages.success(request, "已收到付款状态报告,匹配结果见下面的银行回盘。")
    return redirect("desk:pay_envelope", number)


@require_POST
@staff(CASHIER)
def resolve(request: HttpRequest, oddity: int) -> HttpResponse:
    """What the bank said of a quarantined row. It moves no money."""
    found = ReturnOddity.objects.select_related("file__envelope").filter(
        pk=oddity, jurisdiction=request.officer.jurisdiction).first()
    if found is None:
        raise NotFound("没有这一行,或不在您的管辖范围内。")
    number, form = found.file.envelope.number, ResolveForm(request.POST)
    if not form.is_valid():
        return _page(request, number, resolve_form=form, status=422)
    if found.resolved_at is None or found.resolution != form.cleaned_data["resolution"]:
        do_resolve_oddity(oddity, resolution=form.cleaned_data["resolution"], by=request.officer)
        messages.success(request, "已登记核对结果。需要入账的,请银行补送更正的回盘文件。")
    return redirect("desk:pay_envelope", number)


@require_POST
@staff(REPORTER)
def upload_return(request: HttpRequest, number: str) -> HttpResponse:
    """回盘文件 by hand: taken whole or not at all."""
    _own(request, number)
    form = UploadReturnForm(request.POST, request.FILES, auto_id="upload_%s")
    if form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: do_upload_return(
                number, content=data["file"].read(), reason=data["reason"], by=request.officer,
                declared=Declared(data["count"], data["paid_count"], data["paid_fen"]))):
            messages.success(request, "回盘文件已收下,并已匹配入账。")
            return redirect("desk:pay_envelope", number)
    return _page(request, number, upload_form=form, status=422)
