"""救助统计: the form of a month or quarter at every level, the rows behind each number, export, correction."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import audit, clock, exports
from minzheng.base.divisions.names import children_of, full_name, name_of
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.scope.ranges import LEVEL_NAMES, SIGNIFICANT, level_of, lies_in
from minzheng.office.benefits.months import add_months, first_of
from minzheng.scenes.assistance.recognitions.models import KINDS
from minzheng.scenes.assistance.statistics import forming
from minzheng.scenes.assistance.statistics.forming import CORRECTORS, MEASURES, READERS, Figure, total_of

PAGE = 50
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
NUMBER = "社救统 1 表(示例)"


class ExportForm(exports.ReasonForm):
    kind = forms.ChoiceField(label="格式", choices=[("xlsx", "Excel"), ("csv", "CSV")], initial="xlsx", widget=forms.RadioSelect)


@dataclass(frozen=True)
class Asked:
    place: str
    month: dt.date
    quarter: bool

    @property
    def months(self) -> list[dt.date]:
        return forming.months_of(self.month, self.quarter)

    @property
    def title(self) -> str:
        return f"{self.month:%Y年}{(self.month.month - 1) // 3 + 1}季度" if self.quarter else f"{self.month:%Y年%m月}"

    def address(self, **changes: Any) -> str:
        values = {"place": self.place, "month": f"{self.month:%Y-%m}", "period": "quarter" if self.quarter else "", **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})


def _asked(data: Any, officer: Officer) -> Asked:
    place, text = data.get("place", "") or officer.jurisdiction, data.get("month", "")
    try:
        inside = lies_in(place, officer.jurisdiction)
    except ValueError:
        inside = False
    if not inside:
        raise Refused("这个地区不在当前岗位的管辖范围内,请重新选择。", field="place")
    month = add_months(first_of(clock.today()), -1)
    if text:
        found = _MONTH.fullmatch(text)
        if found is None:
            raise Refused("月份写成“2026-11”的样子,请重新选择。", field="month")
        month = dt.date(int(found[1]), int(found[2]), 1)
    if month > first_of(clock.today()):
        raise Refused("这个月还没有到。", field="month")
    if data.get("period", "") not in ("", "quarter"):
        raise Refused("请选择月报或季报。", field="period")
    return Asked(place, month, data.get("period") == "quarter")


def _table(asked: Asked) -> tuple[dict[str, Figure], list[tuple[str, str, Figure]], str]:
    """By kind, by place one level below, and what the figures are: 已定稿, 未定稿 or nothing."""
    level = min(level_of(asked.place) + 1, 5)
    standing = forming.closings(asked.place, asked.month)
    live = not standing and not asked.quarter and level_of(asked.place) >= 3
    found = forming.form(asked.place, level, asked.months, live=live)
    kinds: dict[str, Figure] = {}
    for rows in found.values():
        for kind, figure in rows.items():
            kinds.setdefault(kind, Figure()).add(figure)
    names = {row.code: row.name for row in children_of(asked.place)} if level_of(asked.place) < 5 else {}
    names |= {code: f"{name_of(code)}(本级)" if code == asked.place else name_of(code) for code in found if code not in names}
    places = [(code, names[code], total_of(found.get(code, {}))) for code in sorted(names)]
    return kinds, places, "closed" if standing else "live" if live else "none"


@require_GET
@staff(*READERS)
def page(request: HttpRequest) -> HttpResponse:
    return _page(request, _asked(request.GET, request.officer))


def _page(request: HttpRequest, asked: Asked, *, form: ExportForm | None = None, status: int = 200) -> HttpResponse:
    officer = request.officer
    kinds, places, state = _table(asked)
    standing = forming.closings(asked.place, asked.month)
    level = level_of(asked.place)
    path = [asked.place[:SIGNIFICANT[n]].ljust(12, "0") for n in range(level_of(officer.jurisdiction), level + 1)]
    closed = state == "closed" and not asked.quarter
    context = {
        "asked": asked, "state": state, "number": NUMBER, "measures": MEASURES.items(), "below": LEVEL_NAMES[min(level + 1, 5)],
        "path": [(name_of(code), asked.address(place=code)) for code in path], "standing": standing[:1] if level >= 3 else [],
        "corrected": [row for row in standing if row.version > 1][:20], "closed_count": len(standing),
        "kinds": [(code, title, _cells(kinds.get(code, Figure()), asked, code if closed else None)) for code, title in KINDS.items()],
        "total": _cells(total_of(kinds), asked, "" if closed else None),
        "places": [(name, asked.address(place=code) if code != asked.place and level_of(code) < 5 else "", _cells(figure, asked, None))
                   for code, name, figure in places],
        "corrects": officer.role in CORRECTORS and officer.jurisdiction == asked.place and closed,
        "form": form or ExportForm(auto_id="export_%s"), "reason": exports.ReasonForm(auto_id="correct_%s"),
    }
    return render(request, "statistics/form.html", context, status=status)


def _cells(figure: Figure, asked: Asked, kind: str | None) -> list[tuple[str, str, int, str]]:
    """(measure, title, number, address of the rows behind it or nothing)."""
    base = reverse("assistance:statistics_rows")
    return [(code, title, getattr(figure, code), base + asked.address(kind=kind, measure=code) if kind is not None and getattr(figure, code) else "")
            for code, title in MEASURES.items()]


@require_GET
@staff(*READERS)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a number of a closed month. Reading them is recorded."""
    asked, data = _asked(request.GET, request.officer), request.GET
    after, kind, measure = data.get("after", ""), data.get("kind", ""), data.get("measure", "households")
    if after and not (after.isascii() and after.isdigit() and len(after) < 18):
        raise Refused("翻页位置无效,请从第一页重新查看。")
    found = list(forming.lines_behind(asked.place, asked.month, kind, measure).filter(pk__gt=int(after or 0)).order_by("id")[:PAGE + 1])
    audit.record("statistics.traced", by=request.officer, obj_type="statistics", obj_id=f"{asked.place}:{asked.month:%Y-%m}",
                 jurisdiction=asked.place, after={"kind": kind, "measure": measure, "rows": len(found[:PAGE])})
    kept = {"kind": kind, "measure": measure}
    return render(request, "statistics/rows.html", {
        "asked": asked, "title": MEASURES[measure], "kind": KINDS.get(kind, "全部类别"), "place": full_name(asked.place, start=1),
        "rows": [(row, full_name(row.jurisdiction, start=3)) for row in found[:PAGE]],
        "next": asked.address(**kept, after=found[PAGE - 1].pk) if len(found) > PAGE else "", "prev": asked.address(**kept) if after else ""})


@require_POST
@staff(*READERS)
def export(request: HttpRequest) -> HttpResponse:
    """The form as a file: by kind, then by place."""
    asked = _asked(request.POST, request.officer)
    form = ExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, asked, form=form, status=422)
    kinds, places, state = _table(asked)
    lines = [[KINDS[code], *_values(kinds.get(code, Figure()))] for code in KINDS] + [["合计", *_values(total_of(kinds))]]
    lines += [[f"其中 {name}", *_values(figure)] for _, name, figure in places]
    mark = {"closed": "已定稿", "live": "未定稿", "none": "没有定稿数据"}[state]
    return exports.send(("项目", *(title if code != "fen" else "金额(元)" for code, title in MEASURES.items())), lines,
                        name=f"statistics-{asked.place}-{asked.month:%Y%m}", kind=form.cleaned_data["kind"], what="statistics",
                        of=f"{asked.place}:{asked.title}", jurisdiction=asked.place, reason=form.cleaned_data["reason"], by=request.officer,
                        title=f"{NUMBER} {full_name(asked.place, start=1)} {asked.title} {mark}")


def _values(figure: Figure) -> list[str]:
    return [f"{figure.fen // 100}.{figure.fen % 100:02d}" if code == "fen" else str(getattr(figure, code)) for code in MEASURES]


@require_POST
@staff(*CORRECTORS)
def correct(request: HttpRequest) -> HttpResponse:
    asked = _asked(request.POST, request.officer)
    made = forming.do_correct(asked.place, asked.month, reason=request.POST.get("reason", ""), by=request.officer)
    messages.success(request, f"已更正为第 {made.version} 版,原来的版本保留。")
    return redirect(reverse("assistance:statistics") + asked.address())
