"""统计报表: households, persons and money by level and by month, and cases by office; printable and to take along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import clock
from minzheng.base.cells import safe_cell
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import LEVEL_NAMES, SIGNIFICANT, level_of
from minzheng.base.spreadsheet import as_xlsx
from minzheng.front.context import CASE_ROLES, MONEY_ROLES
from minzheng.front.desk import money_reads
from minzheng.front.desk.money_forms import ExportForm, month_from
from minzheng.front.desk.views.envelopes import download
from minzheng.front.desk.views.payments import address
from minzheng.office.benefits.months import add_months, first_of
from minzheng.office.benefits.schemes import all_schemes, get_scheme
from minzheng.office.ledger import exports
from minzheng.office.ledger.queries import Figure, figures, total_of

FIGURE_ROLES = CASE_ROLES | MONEY_ROLES | {"data_officer"}
NOTHING = {"central": 0, "province": 0, "city": 0, "county": 0}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FigureExportForm(ExportForm):
    """Why, and in which form."""

    kind = forms.ChoiceField(label="格式", choices=[("csv", "CSV"), ("xlsx", "Excel")], initial="xlsx",
                             widget=forms.RadioSelect)


@dataclass(frozen=True)
class Row:
    """One place of the table with the month before it. `inside`: it can be opened further."""

    code: str
    name: str
    now: Figure
    before: Figure
    inside: bool

    @property
    def households_change(self) -> int:
        return self.now.households - self.before.households

    @property
    def due_change(self) -> int:
        return self.now.due_fen - self.before.due_fen


@dataclass(frozen=True)
class Asked:
    place: str
    month: dt.date
    scheme: str

    def address(self, **changes: Any) -> str:
        return address(**{"place": self.place, "month": f"{self.month:%Y-%m}", "scheme": self.scheme, **changes})


def _asked(data: Any, officer: Officer) -> Asked:
    place = money_reads.place_chosen(data.get("place", ""), officer.jurisdiction)
    month = month_from(data.get("month", ""), first_of(clock.today()))
    scheme = data.get("scheme", "")
    if scheme:
        get_scheme(scheme)
    return Asked(place, month, scheme)


def table(asked: Asked) -> tuple[list[Row], Row]:
    """All places one level below, also those without money, and the sum. Five statements, however many places."""
    level = money_reads.level_below(asked.place)
    now = {row.code: row for row in figures(level, asked.place, asked.month, asked.scheme)}
    before = {row.code: row for row in figures(level, asked.place, add_months(asked.month, -1), asked.scheme)}
    names = dict(money_reads.places_below(asked.place)) if level_of(asked.place) < 5 else {}
    extra = [code for code in {*now, *before} if code not in names]
    names |= money_reads.names_of(extra) if extra else {}
    rows = [Row(code, f"{names[code]}(本级)" if code == asked.place else names[code], now.get(code, _none(code)),
                before.get(code, _none(code)), level_of(code) < 5 and code != asked.place) for code in sorted(names)]
    return rows, Row(asked.place, "合计", total_of(list(now.values()), asked.place),
                     total_of(list(before.values()), asked.place), False)


def _none(code: str) -> Figure:
    return Figure(code, 0, 0, 0, 0, 0, NOTHING)


def _path(place: str, own: str) -> list[tuple[str, str]]:
    """(code, name) from the post's own place down to the shown one."""
    codes = [place[:SIGNIFICANT[n]].ljust(12, "0") for n in range(level_of(own), level_of(place) + 1)]
    names = money_reads.names_of(codes)
    return [(code, names[code]) for code in codes]


@require_GET
@staff(*FIGURE_ROLES)
def figures_page(request: HttpRequest) -> HttpResponse:
    return _page(request, _asked(request.GET, request.officer))


def _page(request: HttpRequest, asked: Asked, *, form: FigureExportForm | None = None, status: int = 200) -> HttpResponse:
    officer = request.officer
    rows, total = table(asked)
    months = money_reads.month_figures(asked.place, asked.month, asked.scheme)
    below = money_reads.level_below(asked.place)
    cases = money_reads.case_figures(below, asked.place, asked.month, officer.scenes)
    names = {row.code: row.name for row in rows}
    context = {
        "asked": asked, "total": total, "months": _compared(months), "schemes": all_schemes(),
        "path": [(code, name, asked.address(place=code)) for code, name in _path(asked.place, officer.jurisdiction)],
        "rows": [(row, asked.address(place=row.code) if row.inside else "") for row in rows], "below": LEVEL_NAMES[below],
        "cases": [(names.get(row.code, "其他"), row) for row in cases if row.received or row.decided or row.closed or row.overdue],
        "case_total": [sum(getattr(row, name) for row in cases) for name in ("received", "decided", "closed", "overdue")],
        "sheet": asked.address(), "previous": add_months(asked.month, -1), "form": form or FigureExportForm(auto_id="export_%s"),
    }
    return render(request, "desk/figures.html", context, status=status)


def _compared(months: list[money_reads.MonthFigure]) -> list[tuple[money_reads.MonthFigure, int | None]]:
    """Each month with the change of what was due against the month before, where that is in the list."""
    return [(row, row.due_fen - months[place + 1].due_fen if place + 1 < len(months) else None)
            for place, row in enumerate(months)]


@require_GET
@staff(*FIGURE_ROLES)
def sheet(request: HttpRequest) -> HttpResponse:
    """The table on A4."""
    asked = _asked(request.GET, request.officer)
    rows, total = table(asked)
    return render(request, "desk/figures_sheet.html", {
        "asked": asked, "rows": rows, "total": total, "place": full_name(asked.place, start=1), "back": asked.address(),
        "now": clock.now(), "officer": request.officer})


@require_POST
@staff(*FIGURE_ROLES)
def export(request: HttpRequest) -> HttpResponse:
    """The table as a file, with who and why in its first row; the audit record is written before the first row is."""
    asked = _asked(request.POST, request.officer)
    form = FigureExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, asked, form=form, status=422)
    rows, total = table(asked)
    lines = list(_lines([*rows, total], asked, form.cleaned_data["reason"], request.officer))
    name = f"figures-{asked.place}-{asked.month:%Y%m}"
    if form.cleaned_data["kind"] == "xlsx":
        return download(as_xlsx(lines), f"{name}.xlsx", XLSX)
    return download(exports.as_csv(lines), f"{name}.csv")


def _lines(rows: list[Row], asked: Asked, reason: str, by: Officer) -> Iterator[list[str]]:
    """The room's rows with the names of places put beside their codes."""
    if len(rows) > 5000:
        raise Refused("地区过多,请选择下一级分别导出。")
    found = exports.figure_rows([row.now for row in rows], place=asked.place, reason=reason, by=by)
    yield next(found)
    code, *titles = next(found)
    yield [code, "地区", *titles]
    for row, (first, *rest) in zip(rows, found, strict=True):
        yield [first, safe_cell(row.name), *rest]
