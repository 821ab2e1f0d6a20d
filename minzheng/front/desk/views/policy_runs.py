"""政策仿真, results: figures, map, groups, money, cliffs and the households near the line; share, export, past months."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import audit, clock
from minzheng.base.cells import safe_cell
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.base.spreadsheet import as_xlsx
from minzheng.data.brain.desk import drafting, funding, law, recomputing, running, viewing
from minzheng.data.brain.desk.computing import GROUPS, SIZES
from minzheng.data.brain.desk.models import Run
from minzheng.data.brain.desk.ports import simulated
from minzheng.front.desk import policy_pictures
from minzheng.front.desk.money_forms import attempt
from minzheng.front.desk.policy_forms import CaseMonthForm, MonthForm, PolicyExportForm, ShareForm
from minzheng.front.desk.views.envelopes import download
from minzheng.front.desk.views.figures import XLSX
from minzheng.office.ledger import exports

Row = tuple[str, dict[str, Any]]


def _number(request: HttpRequest, row: Run) -> int:
    text = request.GET.get("case", "") or request.POST.get("case", "") or "0"
    if not text.isdigit() or int(text) >= len(row.cases):
        raise NotFound("没有这个方案的结果,请从结果页选择。")
    return int(text)


@require_GET
@staff(*drafting.ROLES)
def run(request: HttpRequest, code: str) -> HttpResponse:
    row = running.get_run_for(request.officer, code)
    return _page(request, row, reverse("desk:policy_run", args=[code]))


@require_GET
@staff(*drafting.ROLES)
def shared(request: HttpRequest, share_code: str) -> HttpResponse:
    """By a colleague's link; the link alone opens nothing."""
    row = running.get_shared_for(request.officer, share_code)
    return _page(request, row, reverse("desk:policy_shared", args=[share_code]))


def _page(request: HttpRequest, row: Run, here: str, *, export: PolicyExportForm | None = None,
          share: ShareForm | None = None, status: int = 200) -> HttpResponse:
    officer = request.officer
    number = _number(request, row)
    base = f"按 {row.known_on} 所知的规定" if row.kind == "recompute" else "现行规定"
    context: dict[str, Any] = {
        "row": row, "here": here, "number": number, "cases": list(enumerate(row.cases)), "case": row.cases[number],
        "base": base, "scheme": simulated(row.scheme).title, "place": full_name(row.jurisdiction), "mine":
        row.owner == officer.account_id, "outdated": law.outdated(row), "in_scope": officer.reaches(row.jurisdiction) or
        row.jurisdiction == officer.jurisdiction,
        "link": request.build_absolute_uri(reverse("desk:policy_shared", args=[row.share_code])) if running.shared(row) else "",
        "export": export or PolicyExportForm(auto_id="export_%s"), "share": share or ShareForm(auto_id="share_%s"),
    }
    if row.finished_at is None:
        return render(request, "desk/policy_waiting.html", {**context, **_progress(row)}, status=status)
    found, counties = viewing.case_for(row, number, officer)
    context["compared"] = [(at, case["title"], viewing.case_for(row, at, officer)[0]) for at, case in enumerate(row.cases)]
    if found is not None:
        context |= _figures(row, found, counties, base)
    context["found"] = found
    return render(request, "desk/policy_run.html", context, status=status)


def _progress(row: Run) -> dict[str, Any]:
    job = JobRun.objects.filter(pk=row.job).first()
    return {"job": job, "failed": job is not None and job.status in ("failed", "stopped"),
            "why": job.note.split(": ", 1)[-1] if job is not None and job.status == "failed" else ""}


def _figures(row: Run, found: dict[str, Any], counties: list[viewing.County], base: str) -> dict[str, Any]:
    what = simulated(row.scheme)
    titles = [base, *(case["title"] for case in row.cases)]
    statuses = [(code, title) for code, title in what.statuses.items()]
    return {
        "counties": counties, "map": policy_pictures.tile_map(counties),
        "groups": [(title, found["groups"][key]) for key, title in GROUPS.items()],
        "sizes": [(title, found["sizes"][key]) for key, title in SIZES.items()],
        "statuses": statuses,
        "matrix": [(title, [found["matrix"].get(f"{was}:{now}", 0) for now, _ in statuses]) for was, title in statuses],
        "sources": [(title, before, after, after - before) for title, before, after in funding.in_order(found["sources"])],
        "doubts": [(title, found["doubts"].get(name, 0)) for name, title in what.doubts.items()],
        "bars": policy_pictures.bars(found["distance"]) if what.measure else [],
        "curves": policy_pictures.curves(row.ladders or [], titles), "laws": list(enumerate(titles)),
        "delta": None if found["fen_after"] is None or found["fen_before"] is None
        else found["fen_after"] - found["fen_before"],
    }


@require_GET
@staff(*drafting.ROLES)
def near(request: HttpRequest, code: str) -> HttpResponse:
    """The households next to the line inside the officer's own place, masked; opening is recorded for each of them."""
    row = running.get_run_for(request.officer, code)
    number = _number(request, row)
    return render(request, "desk/policy_near.html", {
        "row": row, "number": number, "case": row.cases[number], "scheme": simulated(row.scheme).title,
        "rows": viewing.near_for(row, number, request.officer)})


@require_POST
@staff(*drafting.ROLES)
def share(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    officer = request.officer
    row = running.get_run_for(officer, code)
    if verb == "stop":
        running.do_unshare(code, by=officer)
        messages.success(request, "已停止分享,原链接失效。")
        return redirect("desk:policy_run", code)
    form = ShareForm(request.POST, auto_id="share_%s")
    if not form.is_valid() or not attempt(form, lambda: running.do_share(code, days=form.cleaned_data["days"], by=officer)):
        return _page(request, row, reverse("desk:policy_run", args=[code]), share=form, status=422)
    messages.success(request, "已生成链接,可以发给范围内有政策仿真岗位的同事。")
    return redirect("desk:policy_run", code)


@require_POST
@staff(*drafting.ROLES)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The table by county as the officer sees it, with who and why in its first row; recorded first."""
    officer = request.officer
    row = running.get_run_for(officer, code)
    number, form = _number(request, row), PolicyExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, row, reverse("desk:policy_run", args=[code]), export=form, status=422)
    reason = form.cleaned_data["reason"]
    found, counties = viewing.case_for(row, number, officer)
    if found is None:
        raise Refused("这次测算没有结果可以导出。")
    audit.record("policy.exported", by=officer, obj_type="policy_run", obj_id=code, jurisdiction=officer.jurisdiction,
                 reason=reason, after={"case": number, "counties": len(counties)})
    lines = list(_lines(row, number, found, counties, reason, officer))
    if form.cleaned_data["kind"] == "xlsx":
        return download(as_xlsx(lines), f"policy-{code}-{number}.xlsx", XLSX)
    return download(exports.as_csv(lines), f"policy-{code}-{number}.csv")


COLUMNS = (("before", "原在享户数"), ("after", "新在享户数"), ("gained", "新增户数"), ("lost", "退出户数"), ("more", "增发户数"),
           ("less", "减发户数"), ("persons_gained", "新增人数"), ("persons_lost", "减少人数"))


def _lines(row: Run, number: int, found: dict[str, Any], counties: list[viewing.County], reason: str, by: Officer
           ) -> Iterator[list[str]]:
    yield [safe_cell(exports.watermark(by, reason))]
    at = row.law_at.astimezone(clock.SHANGHAI)
    yield [safe_cell(f"{simulated(row.scheme).title} {row.cases[number]['title']} {row.month:%Y年%m月}起,测算编号 {row.code},"
                     f"规定截至 {at:%Y-%m-%d %H:%M}")]
    yield ["地区代码", "地区", *(title for _, title in COLUMNS), "原金额(元/月)", "新金额(元/月)"]
    for county in [*counties, viewing.County("", "合计", {"hidden": False, **found})]:
        yield [county.code, safe_cell(county.name), *(_cell(county.row[name]) for name, _ in COLUMNS),
               *(_cell(county.row[name], money=True) for name in ("fen_before", "fen_after"))]


def _cell(value: int | None, *, money: bool = False) -> str:
    if value is None:
        return "户数过少不显示"
    return exports.yuan_cell(value) if money else str(value)


@require_http_methods(["GET", "POST"])
@staff(*drafting.ROLES)
def again(request: HttpRequest) -> HttpResponse:
    """重算往月: a month of the whole place as a job, or of one decided case at once."""
    officer, one = request.officer, request.POST.get("what") == "case"
    place = MonthForm(request.POST if request.method == "POST" and not one else None, auto_id="place_%s")
    case = CaseMonthForm(request.POST if one else None, auto_id="case_%s")
    found: list[Any] = []
    if request.method == "POST" and one:
        if case.is_valid():
            data = case.cleaned_data
            _try(case, lambda: found.append(recomputing.do_recompute_case(
                data["code"].strip(), data["month"], data["known_on"], by=officer)))
    elif request.method == "POST" and place.is_valid():
        data = place.cleaned_data
        _try(place, lambda: found.append(running.do_recompute(data["scheme"], data["month"], data["known_on"], by=officer)))
        if found:
            return redirect("desk:policy_run", found[0].code)
    failed = request.method == "POST" and not found
    return render(request, "desk/policy_again.html", {"place": place, "case": case, "found": found[0] if found else None},
                  status=422 if failed else 200)


def _try(form: Any, work: Any) -> None:
    try:
        work()
    except NotAllowed:
        raise
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
