"""待遇台账: benefits of a place month by month, one benefit with its history, what the post may change, reviews due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock
from minzheng.base.divisions.models import Division
from minzheng.base.errors import Refused, Stale
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import check_code, level_of, office_of, range_of
from minzheng.front.context import MONEY_ROLES
from minzheng.front.desk import money_forms, money_reads
from minzheng.front.desk.money_forms import attempt, month_from, number_from
from minzheng.front.desk.views.payments import address
from minzheng.office.benefits import changing
from minzheng.office.benefits.granting import GRANT_ROLES, PAYEE_ROLES, Payee, do_correct_payee
from minzheng.office.benefits.models import Entitlement, EntitlementChange
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.queries import due_for_review, entitlement_page, open_reviews
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.queries import hearings_of
from minzheng.office.ledger.queries import figures, ledger_book, payments_of_entitlement, total_of

BOOK_ROLES = MONEY_ROLES | {"town_clerk", "town_reviewer"}


@require_GET
@staff(*BOOK_ROLES)
def book(request: HttpRequest) -> HttpResponse:
    """The ledger of a month: who was due what, and whether it has arrived."""
    officer, asked = request.officer, request.GET
    month = month_from(asked.get("month", ""), first_of(clock.today()))
    place = money_reads.place_chosen(asked.get("place", ""), officer.jurisdiction)
    status = asked.get("status", "")
    if status and status not in money_reads.STATUS_TEXT:
        raise Refused("没有这种状态,请重新选择。", field="status")
    rows, more = money_reads.book_of(place, month, status=status, cursor=_cursor(asked.get("after", "")))
    kept = {"month": f"{month:%Y-%m}", "place": asked.get("place", ""), "status": status}
    context = {
        "tab": "book", "rows": rows, "month": month, "place": place, "status": status,
        "places": money_reads.places_below(officer.jurisdiction), "statuses": money_reads.STATUS_TEXT.items(),
        "total": total_of(figures(level_of(place), place, month), place), "county": officer.level == 3,
        "next": address(**kept, after="~".join(map(str, more))) if more else "",
        "prev": address(**kept) if asked.get("after") else "",
    }
    return render(request, "desk/book.html", context)


def _cursor(text: str) -> money_reads.Cursor | None:
    if not text:
        return None
    try:
        code, scheme, pk = text.split("~")
        return check_code(code), scheme[:64], number_from(pk)
    except ValueError:
        raise Refused("翻页位置无效,请从第一页重新查看。") from None


@require_GET
@staff(*BOOK_ROLES)
def reviews(request: HttpRequest) -> HttpResponse:
    """待复核: reviews that events opened, then benefits whose periodic review falls due."""
    size, after, since = 50, number_from(request.GET.get("after", "")), number_from(request.GET.get("since", ""))
    opened = open_reviews(after=after, limit=size + 1)
    due = due_for_review(after=since, limit=size + 1)
    places = money_reads.names_of([r.jurisdiction for r in opened] + [r.jurisdiction for r in due])
    return render(request, "desk/book_reviews.html", {
        "tab": "reviews", "county": request.officer.level == 3, "today": clock.today(),
        "opened": [(row, places[row.jurisdiction]) for row in opened[:size]],
        "due": [(row, places[row.jurisdiction]) for row in due[:size]],
        "next_opened": address(after=opened[size - 1].pk, since=since) if len(opened) > size else "",
        "next_due": address(after=after, since=due[size - 1].pk) if len(due) > size else "",
        "prev": "?" if after or since else ""})


@require_GET
@staff(*MONEY_ROLES)
def ledger(request: HttpRequest) -> HttpResponse:
    """总账 of the county by account, for one month."""
    month = month_from(request.GET.get("month", ""), first_of(clock.today()))
    rows = ledger_book(request.officer.jurisdiction, month)
    return render(request, "desk/book_ledger.html", {"tab": "ledger", "county": True, "month": month, "rows": rows})


@dataclass(frozen=True)
class Step:
    """One thing that may be done to a benefit: its form, the posts that may, and the change that it leaves."""

    form: type[forms.Form]
    roles: tuple[str, ...]
    kind: str
    act: Callable[[str, dict[str, Any], Officer], object]
    done: str


STEPS = {
    "suspend": Step(money_forms.SuspendForm, changing.STOP_ROLES, "suspended", lambda number, data, by: changing.do_suspend(
        number, cause=data["cause"], reason=data["reason"], by=by, version=data["version"]),
        "已暂停发放,还没送银行的不再发。"),
    "resume": Step(money_forms.ResumeForm, GRANT_ROLES, "resumed", lambda number, data, by: changing.do_resume(
        number, reason=data["reason"], arrears=data["arrears"], by=by, version=data["version"]), "已恢复发放,从本月起照发。"),
    "raise": Step(money_forms.RaiseForm, GRANT_ROLES, "amount_changed", lambda number, data, by: changing.do_change_amount(
        number, from_month=data["from_month"], monthly_fen=data["monthly_fen"], decision=data["decision"],
        reason=data["reason"], by=by, version=data["version"]), "已调整标准。以前月份的差额在下次补发里。"),
    "death": Step(money_forms.DeathForm, GRANT_ROLES, "ended", lambda number, data, by: changing.do_end(
        number, cause="death", last_month=data["last_month"], reason=data["reason"], by=by, version=data["version"]),
        "已终止。多发的月份请到“资金发放-追回”办理。"),
    "move": Step(money_forms.MoveForm, changing.STOP_ROLES, "moved", lambda number, data, by: changing.do_move(
        number, to=data["to"], household_id=None, reason=data["reason"], by=by, version=data["version"]),
        "已迁移。以后由新的地方管理和复核,发放不受影响。"),
    "review": Step(money_forms.CloseReviewForm, GRANT_ROLES, "review_closed", lambda number, data, by: changing.do_close_review(
        number, data["key"], outcome=data["outcome"], by=by, version=data["version"]), "复核已办结。"),
}


def offered(row: Entitlement, officer: Officer) -> list[str]:
    """Steps that the post may take on the benefit as it stands."""
    fitting = {"active": ["suspend", "raise", "move", "death"], "suspended": ["resume", "raise", "move", "death"]}.get(row.status, [])
    return [name for name in fitting if officer.role in STEPS[name].roles]


def given_to(step: str, row: Entitlement, officer: Officer) -> dict[str, Any]:
    """What a form needs beside the version: the places within the county and the own reach that a benefit can move to."""
    if step != "move":
        return {}
    place = officer.jurisdiction if officer.level >= 3 else office_of(row.jurisdiction, 3)
    low, high = range_of(place)
    day = clock.today()
    found = Division.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), code__gte=low, code__lt=high, level__gte=4,
                                    valid_from__lte=day).exclude(code=row.jurisdiction).order_by("code")
    names = {division.code: division.name for division in found}
    towns = {row.jurisdiction[:9] + "000": "", **names}
    return {"places": [(code, name if code.endswith("000") else f"{towns.get(code[:9] + '000', '')}{name}")
                       for code, name in names.items()]}


@require_GET
@staff(*BOOK_ROLES)
def entitlement(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


def _page(request: HttpRequest, number: str, *, wrong: str = "", form: forms.Form | None = None,
          status: int = 200) -> HttpResponse:
    officer = request.officer
    page = entitlement_page(number, by=officer)
    row = entitlement_for(officer, number)
    case = Case.objects.filter(code=row.case_code).first()
    blank = {name: STEPS[name].form(initial={"version": row.version, "last_month": first_of(clock.today())},
                                    auto_id=f"{name}_%s", **given_to(name, row, officer)) for name in offered(row, officer)}
    closes = officer.role in GRANT_ROLES
    context = {
        "tab": "book", "page": page, "card": page.card, "row": row, "case": case,
        "forms": {**blank, wrong: form} if form else blank, "open": wrong, "wrong_form": form,
        "place": money_reads.names_of([row.jurisdiction])[row.jurisdiction],
        "payments": payments_of_entitlement(number, by=officer, limit=36), "closes": closes,
        "county_post": officer.role in MONEY_ROLES,
        "corrects": officer.role in PAYEE_ROLES and row.status != "ended", "heard": hearings_of(case)[0][:5] if case else [],
        "open_reviews": [review for review in page.reviews if review.closed_at is None],
    }
    return render(request, "desk/entitlement.html", context, status=status)


@require_POST
@staff(*BOOK_ROLES)
def act(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Takes one step. The version on the page is its key: a second click finds what the first one wrote."""
    found, officer = STEPS.get(step), request.officer
    if found is None:
        raise Refused("没有这种操作,请从页面上选择。")
    require_role(officer, *found.roles)
    form = found.form(request.POST, auto_id=f"{step}_%s", **given_to(step, entitlement_for(officer, number), officer))
    if not form.is_valid():
        return _page(request, number, wrong=step, form=form, status=422)
    try:
        if not attempt(form, lambda: found.act(number, form.cleaned_data, officer)):
            return _page(request, number, wrong=step, form=form, status=422)
    except Stale:
        if not repeated(number, found.kind, form.cleaned_data, officer):
            raise
    else:
        messages.success(request, found.done)
    return redirect("desk:book_entitlement", number)


def repeated(number: str, kind: str, data: dict[str, Any], officer: Officer) -> bool:
    """Whether the only change since the page was read is this very one, by this very officer."""
    row = entitlement_for(officer, number)
    last = EntitlementChange.objects.filter(entitlement=row).order_by("-id").first()
    return (last is not None and row.version == data["version"] + 1 and last.kind == kind
            and last.by_account == officer.account_id and last.reason == (data.get("reason") or data.get("outcome"))
            and data.get("monthly_fen") in (None, last.after_fen) and data.get("from_month") in (None, last.month)
            and data.get("last_month") in (None, last.month))


@require_http_methods(["GET", "POST"])
@staff(*PAYEE_ROLES)
def payee(request: HttpRequest, number: str) -> HttpResponse:
    """更正账户. Nothing is paid to the new account until the bank has confirmed it."""
    officer = request.officer
    row = entitlement_for(officer, number)
    form = money_forms.PayeeForm(request.POST or None, initial={"version": row.version, "payee_name": row.payee_name})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        fresh = Payee(data["payee_name"].strip(), data["payee_account"].replace(" ", ""), data["payee_id_number"])
        try:
            done = attempt(form, lambda: do_correct_payee(number, payee=fresh, reason=data["reason"], by=officer,
                                                          version=data["version"]))
        except Stale:
            same = (row.payee_name, row.payee_account, row.payee_id_number) == (fresh.name, fresh.account, fresh.id_number)
            if not (same and repeated(number, "payee_changed", {"version": data["version"], "reason": data["reason"]}, officer)):
                raise
            return redirect("desk:book_entitlement", number)
        if done:
            messages.success(request, "账户已更正,正在送银行核验。核验通过后才会付款。")
            return redirect("desk:book_entitlement", number)
    return render(request, "desk/entitlement_payee.html", {"tab": "book", "row": row, "form": form,
                                                           "now": entitlement_page(number, by=officer).card},
                  status=422 if form.errors else 200)

