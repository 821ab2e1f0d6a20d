"""工作量与时效: offices and posts by month and matter, down to the tasks. Nobody is ranked; one's own office sees who did how many."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import clock, exports, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.flow.figures import Figures, Work, by_month, workload
from minzheng.base.flow.models import OPEN, Task
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import role_title
from minzheng.base.scope.ranges import LEVEL_NAMES, SIGNIFICANT, level_of
from minzheng.front.context import CASE_ROLES
from minzheng.front.desk import money_reads
from minzheng.front.desk.money_forms import month_from, number_from
from minzheng.front.desk.views.payments import address
from minzheng.front.desk.views.tasks import rows_of
from minzheng.office.benefits.months import add_months, first_of
from minzheng.office.decisions.objecting import PROCESS
from minzheng.office.matters import entries
from minzheng.office.matters.catalogue import all_matters

PAGE = 20
TREND = 6  # months
WHATS = {"received": "收到", "done": "办结", "open": "在办", "overdue": "超期"}
TITLES = ("地区(单位)", "收到", "办结", "按时率(%)", "在办", "超期", "中位数(工作日)", "九成以内(工作日)")


class WorkExportForm(exports.ReasonForm):
    kind = forms.ChoiceField(label="格式", choices=[("xlsx", "Excel"), ("csv", "CSV")], initial="xlsx", widget=forms.RadioSelect)


@dataclass(frozen=True)
class Asked:
    place: str
    month: dt.date
    matter: str

    def address(self, **changes: Any) -> str:
        return address(**{"place": self.place, "month": f"{self.month:%Y-%m}", "matter": self.matter, **changes})


def processes() -> dict[str, str]:
    """Process → what it is called: the matter's name."""
    return {**{m.process: m.short_name for m in all_matters()}, PROCESS: "对决定的异议"}


def step_titles() -> dict[tuple[str, str], str]:
    """(process, task) → title, in every version; the newest name wins."""
    versions = [*((m.process, m.process_version) for m in all_matters()), (PROCESS, None), *((p, None) for p in entries.processes())]
    return {(process, key): title for process, version in versions for key, title in flow.task_titles(process, version).items()}


def _asked(data: Any, officer: Officer) -> Asked:
    matter = data.get("matter", "")
    if matter and matter not in processes():
        raise Refused("没有这个事项,请重新选择。", field="matter")
    return Asked(money_reads.place_chosen(data.get("place", ""), officer.jurisdiction),
                 month_from(data.get("month", ""), first_of(clock.today())), matter)


def figures(asked: Asked, officer: Officer) -> tuple[Figures, list[tuple[str, str, Work]]]:
    """The figures, and all places one level below with their names, those without work too; 本级 first."""
    level = money_reads.level_below(asked.place)
    found = workload(asked.place, level, asked.month, add_months(asked.month, 1), scenes=officer.scenes, matter=asked.matter)
    names = dict(money_reads.places_below(asked.place)) if level_of(asked.place) < 5 else {}
    extra = [code for code in found.places if code not in names]
    names |= money_reads.names_of(extra) if extra else {}
    return found, [(code, f"{names[code]}(本级)" if code == asked.place else names[code], found.places.get(code, Work()))
                   for code in sorted(names)]


@require_GET
@staff(*CASE_ROLES)
def page(request: HttpRequest) -> HttpResponse:
    return _page(request, _asked(request.GET, request.officer))


def _page(request: HttpRequest, asked: Asked, *, form: WorkExportForm | None = None, status: int = 200) -> HttpResponse:
    officer = request.officer
    found, rows = figures(asked, officer)
    titles, matters = step_titles(), processes()
    months = by_month(asked.place, add_months(asked.month, 1 - TREND), add_months(asked.month, 1), scenes=officer.scenes,
                      matter=asked.matter)
    most = max([work.done + work.open for _, _, work in rows] + [1])
    context = {
        "asked": asked, "total": found.total, "matters": matters.items(), "below": LEVEL_NAMES[money_reads.level_below(asked.place)],
        "path": [(name, asked.address(place=code)) for code, name in _path(asked.place, officer.jurisdiction)],
        "rows": [(name, work, asked.address(place=code) if code != asked.place and level_of(code) < 5 else "", _bar(work, most))
                 for code, name, work in rows],
        "posts": [(role_title(role), work, asked.address(role=role)) for role, work in sorted(found.posts.items())],
        "steps": [(matters.get(process, "其他"), titles.get((process, key), "其他环节"), work) for (process, key), work in sorted(
            found.steps.items(), key=lambda item: (item[0][0], -item[1].done))],
        "months": _trend(months, asked.month), "own": officer.jurisdiction == asked.place, "people": _people(asked, officer),
        "form": form or WorkExportForm(auto_id="export_%s"),
    }
    return render(request, "desk/workload.html", context, status=status)


def _bar(work: Work, most: int) -> dict[str, int]:
    """Widths of a bar in thousandths: finished in time, finished late, open."""
    kept, late = (work.done - work.late) * 1000 // most, work.late * 1000 // most
    return {"kept": kept, "late": late, "late_at": kept, "open": work.open * 1000 // most, "open_at": kept + late}


def _trend(months: dict[dt.date, Work], last: dt.date) -> list[dict[str, Any]]:
    wanted = [add_months(last, n) for n in range(1 - TREND, 1)]
    most = max([max(months[m].received, months[m].done) for m in wanted if m in months] + [1])
    rows = []
    for place, month in enumerate(wanted):
        work = months.get(month, Work())
        received, done = work.received * 80 // most, work.done * 80 // most
        rows.append({"month": month, "work": work, "x": 12 + place * 60, "x2": 32 + place * 60, "received": received, "done": done,
                     "y": 92 - received, "y2": 92 - done, "label": 30 + place * 60})
    return rows


def _people(asked: Asked, officer: Officer) -> list[tuple[str, int]]:
    """Who finished how many in one's own office, by name; nothing about any other office."""
    if officer.jurisdiction != asked.place:
        return []
    rows = _done_in(asked, Task.objects.filter(office=asked.place, kind="task", status="done"))
    if asked.matter:
        rows = rows.filter(matter=asked.matter)
    counts = dict(rows.order_by().values_list("completed_by").annotate(Count("id")).values_list("completed_by", "id__count"))
    names = dict(Account.objects.filter(pk__in=counts).values_list("pk", "name"))
    return sorted((names.get(account, "其他"), number) for account, number in counts.items())


def _done_in(asked: Asked, rows: Any) -> Any:
    since = dt.datetime.combine(asked.month, dt.time(), clock.SHANGHAI)
    until = dt.datetime.combine(add_months(asked.month, 1), dt.time(), clock.SHANGHAI)
    return rows.filter(completed_at__gte=since, completed_at__lt=until)


def _path(place: str, own: str) -> list[tuple[str, str]]:
    codes = [place[:SIGNIFICANT[n]].ljust(12, "0") for n in range(level_of(own), level_of(place) + 1)]
    names = money_reads.names_of(codes)
    return [(code, names[code]) for code in codes]


@require_GET
@staff(*CASE_ROLES)
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks behind a number: of one post of one office."""
    officer, asked = request.officer, _asked(request.GET, request.officer)
    role, what = request.GET.get("role", ""), request.GET.get("what", "open")
    if what not in WHATS:
        raise Refused("没有这种数字,请从表中点开。", field="what")
    rows = Task.objects.filter(office=asked.place, role=role, kind="task")
    if "*" not in officer.scenes:
        rows = rows.filter(scene__in=["", *officer.scenes])
    if asked.matter:
        rows = rows.filter(matter=asked.matter)
    if what == "done":
        rows = _done_in(asked, rows.filter(status="done"))
    elif what == "received":
        since = dt.datetime.combine(asked.month, dt.time(), clock.SHANGHAI)
        rows = rows.filter(started_at__gte=since, started_at__lt=dt.datetime.combine(add_months(asked.month, 1), dt.time(), clock.SHANGHAI))
    else:
        rows = rows.filter(Q(status__in=OPEN), **({"due_at__lt": clock.now()} if what == "overdue" else {}))
    after = number_from(request.GET.get("after", ""))
    found = list(rows.filter(pk__gt=after).order_by("id")[:PAGE + 1])
    kept = {"role": role, "what": what}
    return render(request, "desk/workload_tasks.html", {
        "asked": asked, "rows": rows_of(found[:PAGE]), "what": WHATS[what], "role": role_title(role), "place": full_name(asked.place, start=3),
        "whats": [(title, asked.address(role=role, what=code), code == what) for code, title in WHATS.items()],
        "back": asked.address(), "next": asked.address(**kept, after=found[PAGE - 1].pk) if len(found) > PAGE else "",
        "prev": asked.address(**kept) if after else ""})


@require_POST
@staff(*CASE_ROLES)
def export(request: HttpRequest) -> HttpResponse:
    """The table of places as a file."""
    officer, asked = request.officer, _asked(request.POST, request.officer)
    form = WorkExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, asked, form=form, status=422)
    found, rows = figures(asked, officer)
    lines = [[name, work.received, work.done, work.in_time, work.open, work.overdue, _days(work.median), _days(work.p90)]
             for name, work in [*((name, work) for _, name, work in rows), ("合计", found.total)]]
    return exports.send(TITLES, lines, name=f"workload-{asked.place}-{asked.month:%Y%m}", kind=form.cleaned_data["kind"],
                        what="workload", of=f"{asked.place}:{asked.month:%Y-%m}", jurisdiction=asked.place,
                        reason=form.cleaned_data["reason"], by=officer, title=f"{full_name(asked.place, start=1)} {asked.month:%Y年%m月} 工作量与时效")


def _days(value: int | None) -> str:
    return "" if value is None else str(value)


