"""减发与终止: first the person is heard, then the written decision, then the benefit follows it — in one page, in order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import office_of
from minzheng.front.desk.money_forms import CutForm, HearingForm, TryForm, attempt
from minzheng.front.desk.views.book import BOOK_ROLES
from minzheng.office.benefits import changing
from minzheng.office.benefits.granting import GRANT_ROLES
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import amount_in_force, entitlement_for
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import Draft, deciders, do_decide
from minzheng.office.decisions.hearings import HEARERS, do_hear, do_try, unused_hearing
from minzheng.office.decisions.limits import TRIES
from minzheng.office.decisions.models import HEARD, WAYS, Hearing
from minzheng.office.decisions.queries import hearings_of

HEARING_ROLES = BOOK_ROLES | set(HEARERS)  # a village worker hears the person and sees this page, not the book
ABOUT = {"cut": "减发", "end": "终止"}
BASIS = "《中华人民共和国社会救助法》第四十八条"


def _case_of(row: Entitlement, by: Officer, *, lock: bool = False) -> Case:
    try:
        return get_case_for(by, row.case_code, lock=lock)
    except NotFound:
        raise Refused("这份待遇没有可以打开的办件,不能在这里减发或终止。请由原审批单位办理。") from None


@require_GET
@staff(*HEARING_ROLES)
def cutting(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, entitlement_for(request.officer, number))


def _page(request: HttpRequest, row: Entitlement, *, status: int = 200, **given: Any) -> HttpResponse:
    officer = request.officer
    case = _case_of(row, officer)
    hearings, tries = hearings_of(case)
    unused = {about: hearing for about in ABOUT if (hearing := unused_hearing(case, about))}
    month = add_months(changing.this_month(), 1)
    remedy = f"对本决定不服的,可以向{full_name(office_of(row.jurisdiction, 3))}人民政府申请行政复议,也可以向人民法院提起行政诉讼。"
    blank = {about: CutForm(initial={"about": about, "version": row.version, "from_month": month, "legal_basis": BASIS,
                                     "remedy": remedy}, auto_id=f"{about}_%s") for about in unused}
    decides = officer.role in GRANT_ROLES and officer.role in deciders(case) and row.status != "ended"
    context = {
        "tab": "book", "row": row, "case": case, "hearings": hearings, "tries": tries, "needed": TRIES.value,
        "amount": amount_in_force(row.pk, max(changing.this_month(), row.start_month)),
        "try_form": _try_form(), "hearing_form": _hearing_form(initial={"person_name": case.applicant_name}),
        "decisions": [(about, ABOUT[about], unused[about], blank[about]) for about in unused], "decides": decides,
        "hears": officer.role in HEARERS and row.status != "ended", "errors": [],
        "book": officer.role in BOOK_ROLES, **given,
    }
    wrong = given.get("wrong")
    if wrong is not None:
        context["decisions"] = [(a, t, h, wrong if wrong.data.get("about") == a else f) for a, t, h, f in context["decisions"]]
    return render(request, "desk/entitlement_cut.html", context, status=status)


def _try_form(data: Any = None) -> TryForm:
    form = TryForm(data, auto_id="try_%s")
    form.fields["way"].choices = [("", "请选择"), *WAYS.items()]
    return form


def _hearing_form(data: Any = None, **kw: Any) -> HearingForm:
    form = HearingForm(data, auto_id="hear_%s", **kw)
    form.fields["outcome"].choices = list(HEARD.items())
    return form


@require_POST
@staff(*HEARING_ROLES)
def try_to_reach(request: HttpRequest, number: str) -> HttpResponse:
    """One more recorded attempt. The same words again on the same day are one attempt."""
    row, form = entitlement_for(request.officer, number), _try_form(request.POST)
    case = _case_of(row, request.officer)
    if not form.is_valid():
        return _page(request, row, try_form=form, errors=[form], status=422)
    data = form.cleaned_data
    last = hearings_of(case)[1][-1:]
    again = any(t.account == request.officer.account_id and (t.way, t.note) == (data["way"], data["text"].strip())
                and t.at.astimezone(clock.SHANGHAI).date() == clock.today() for t in last)
    if not again:
        if not attempt(form, lambda: do_try(case.code, by=request.officer, **data)):
            return _page(request, row, try_form=form, errors=[form], status=422)
        messages.success(request, "已记录这次联系。")
    return redirect("desk:book_cut", number)


@require_POST
@staff(*HEARING_ROLES)
def hear(request: HttpRequest, number: str) -> HttpResponse:
    row, form = entitlement_for(request.officer, number), _hearing_form(request.POST)
    case = _case_of(row, request.officer)
    if not form.is_valid():
        return _page(request, row, hearing_form=form, errors=[form], status=422)
    data = form.cleaned_data
    last = unused_hearing(case, data["about"])
    if last is None or (last.outcome, last.statement, last.account) != (
            data["outcome"], data["statement"].strip(), request.officer.account_id):
        if not attempt(form, lambda: do_hear(case.code, by=request.officer, **data)):
            return _page(request, row, hearing_form=form, errors=[form], status=422)
        messages.success(request, "已记录听取意见。下一步:由审批岗作出决定。")
    return redirect("desk:book_cut", number)


@require_POST
@staff(*GRANT_ROLES)
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """The decision on the hearing, and the benefit after it, in one transaction: both or neither."""
    officer = request.officer
    row = entitlement_for(officer, number)
    about = request.POST.get("about", "")
    if about not in ABOUT:
        raise Refused("请选择减发或终止。")
    form = CutForm(request.POST, auto_id=f"{about}_%s")
    if about == "cut":
        form.fields["monthly_fen"].required = True
    if not form.is_valid():
        return _page(request, row, wrong=form, errors=[form], status=422)
    data = form.cleaned_data
    if row.version != data["version"]:
        raise Stale("这份待遇在您打开页面之后有变化,请返回刷新,看过最新情况后再决定。")

    def act() -> None:
        case = _case_of(row, officer, lock=True)
        hearing = unused_hearing(case, about)
        if hearing is None:
            raise Refused("减发或终止前必须听取当事人意见(社会救助法第四十八条)。请先在本页记录听取意见。")
        decision = do_decide(case, Draft(
            about, data["reasons"], data["legal_basis"].splitlines(), from_month=data["from_month"], remedy=data["remedy"],
            amount_fen=data["monthly_fen"] if about == "cut" else None), by=officer)
        _follow(row, about, data, decision.number, hearing, officer)

    if not attempt(form, act):
        return _page(request, row, wrong=form, errors=[form], status=422)
    messages.success(request, f"已作出{ABOUT[about]}决定,待遇已随之变更。请到办件页送达决定书。")
    return redirect("desk:book_entitlement", number)


def _follow(row: Entitlement, about: str, data: dict[str, Any], decision: str, hearing: Hearing, by: Officer) -> None:
    heard_on = hearing.heard_at.astimezone(clock.SHANGHAI).date()
    if about == "end" and data["grace"]:
        changing.do_start_grace(row.number, cause=data["cause"], until=add_months(data["from_month"], -1), decision=decision,
                                reason=data["reasons"], by=by, version=data["version"])
        return
    if about == "end":
        changing.do_end(row.number, cause=data["cause"], last_month=add_months(data["from_month"], -1), by=by,
                        reason=data["reasons"], decision=decision, heard_on=heard_on, version=data["version"])
        return
    if data["monthly_fen"] >= amount_in_force(row.pk, data["from_month"]):
        raise Refused("减发后的标准应低于现在的标准。", field="monthly_fen")
    changing.do_change_amount(row.number, from_month=data["from_month"], monthly_fen=data["monthly_fen"], by=by,
                              decision=decision, reason=data["reasons"], heard_on=heard_on, version=data["version"])

