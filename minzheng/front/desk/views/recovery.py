"""追回: what was overpaid, the recoveries that are open, their instalments and repayments."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import clock
from minzheng.base.errors import NotFound, Stale
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import office_of
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk.money_forms import RecoveryForm, RepaymentForm, attempt, number_from
from minzheng.front.desk.views.payments import CASHIER, address
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.ledger import queries
from minzheng.office.ledger.doors import receivable_for
from minzheng.office.ledger.models import Entry, Receivable
from minzheng.office.ledger.recovery import OPEN_ROLES, do_open_recovery, do_record_repayment, overpaid_fen, parts_of


@require_GET
@staff(*MONEY_ROLES)
def recoveries(request: HttpRequest) -> HttpResponse:
    """Overpaid benefits without a recovery for all of it, then the open recoveries."""
    county, after = request.officer.jurisdiction, number_from(request.GET.get("after", ""))
    rows = queries.receivables(after=after, limit=queries.PAGE + 1)
    shown = rows[:queries.PAGE]
    over = [] if after else queries.overpayments(county)
    taken = _taken([number for number, *_ in over])
    return render(request, "desk/payments_recovery.html", {
        "tab": "recovery", "rows": shown, "opens": request.officer.role in OPEN_ROLES,
        "overpaid": [(number, left, first, last) for number, fen, first, last in over
                     if (left := fen - taken.get(number, 0)) > 0],
        "next": address(after=shown[-1].pk) if len(rows) > queries.PAGE else "", "prev": "?" if after else ""})


def _taken(numbers: list[str]) -> dict[str, int]:
    """Fen for which a recovery was opened, by benefit number."""
    found: dict[str, int] = {}
    keys = [int(number[2:]) for number in numbers]
    for pk, fen in Receivable.objects.filter(entitlement__in=keys).values_list("entitlement", "fen"):
        number = f"DY{pk:010d}"
        found[number] = found.get(number, 0) + fen
    return found


@require_http_methods(["GET", "POST"])
@staff(*OPEN_ROLES)
def open_recovery(request: HttpRequest, number: str) -> HttpResponse:
    """Opens a recovery by a decision; the same decision again finds the first one."""
    benefit = entitlement_for(request.officer, number)
    most = overpaid_fen(benefit.pk)
    form = RecoveryForm(request.POST or None, initial={"fen": most, "first_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        made: list[Receivable] = []

        def act() -> None:
            data = form.cleaned_data
            made.append(do_open_recovery(number, fen=data["fen"], reason=data["reason"], decision=data["decision"],
                                         instalments=form.instalments(), by=request.officer))

        if attempt(form, act):
            messages.success(request, "已立追回。请把决定送达当事人,收到缴款后由出纳登记。")
            return redirect("desk:pay_recovery", made[0].number)
    return render(request, "desk/payments_recovery_new.html", {
        "tab": "recovery", "benefit": benefit, "most": most, "form": form},
        status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(*MONEY_ROLES)
def recovery(request: HttpRequest, number: str) -> HttpResponse:
    """One recovery: its instalments, and a repayment by its slip (once a slip)."""
    row = receivable_for(number)
    if office_of(row.jurisdiction, 3) != request.officer.jurisdiction:
        raise NotFound("没有这笔追回款,或不在您的管辖范围内。")
    form = RepaymentForm(request.POST or None, initial={"seen": row.open_fen})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        known = Entry.objects.filter(key=f"repaid:{row.jurisdiction}:{data['slip'].strip()}").exists()
        if not known and data["seen"] != str(row.open_fen):
            raise Stale("尚欠金额在您打开页面之后有变化,请返回刷新后再登记。")
        if attempt(form, lambda: do_record_repayment(number, fen=data["fen"], slip=data["slip"], by=request.officer)):
            messages.success(request, "这张凭证已登记过,没有重复入账。" if known else "已登记缴款。")
            return redirect("desk:pay_recovery", number)
    return render(request, "desk/payments_recovery_one.html", {
        "tab": "recovery", "row": row, "parts": parts_of(row), "form": form, "cashier": request.officer.role == CASHIER},
        status=422 if form.errors else 200)
