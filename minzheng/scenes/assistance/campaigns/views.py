"""Pages of reviews in bulk: the lists of an office, one list with its rows, and the acts on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock, exports
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.steering import do_resume, do_stop
from minzheng.scenes.assistance.campaigns import confirming
from minzheng.scenes.assistance.campaigns.models import OUTCOMES, STATES, Campaign, Row
from minzheng.scenes.assistance.campaigns.opening import (
    CONFIRMERS,
    CYCLES,
    OPENERS,
    READERS,
    campaign_for,
    confirms,
    do_close,
    do_open,
)
from minzheng.scenes.assistance.recognitions.models import KINDS

PAGE = 50
TITLES = ("受理号", "待遇编号", "类别", "户主", "人数", "地区", "复核期限", "核对结果", "说明",
          "现金额(元)", "测算金额(元)", "状态", "办理人", "下次复核", "复核办件",
          "办理说明")


class OpenForm(forms.Form):
    kinds = forms.MultipleChoiceField(label="类别", choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple,
                                      error_messages={"required": "请选择要复核的类别。"})
    cycle = forms.TypedChoiceField(label="复核周期", coerce=int, choices=list(CYCLES.items()), initial=0,
                                   help_text="收入不稳定、有劳动能力的半年一次,其余每年一次(民发〔2021〕57号第三十一条)")
    until = forms.DateField(label="到期日不晚于", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ExportForm(exports.ReasonForm):
    kind = forms.ChoiceField(label="格式", choices=[("xlsx", "Excel"), ("csv", "CSV")], initial="xlsx", widget=forms.RadioSelect)


def _whole(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Refused("翻页位置无效,请从第一页重新查看。")
    return int(text)


@require_http_methods(["GET", "POST"])
@staff(*READERS)
def campaigns(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    form = OpenForm(request.POST or None, initial={"kinds": ["dibao", "single"], "until": clock.today() + dt.timedelta(days=30)})
    if request.method == "POST" and form.is_valid():
        try:
            made = do_open(by=officer, **form.cleaned_data)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            messages.success(request, f"已建立,共 {made.rows_count} 户。下一步:开始核对。")
            return redirect("assistance:campaign", made.number)
    before = _whole(request.GET.get("before", ""))
    found = Campaign.objects.order_by("-id")
    rows = list((found.filter(pk__lt=before) if before else found)[:21])
    return render(request, "campaigns/list.html", {
        "rows": [(row, full_name(row.jurisdiction, start=3), "、".join(KINDS[kind] for kind in row.kinds)) for row in rows[:20]],
        "form": form if officer.role in OPENERS else None, "next": f"?before={rows[19].pk}" if len(rows) > 20 else "",
        "prev": "?" if before else ""}, status=422 if request.method == "POST" else 200)


# The filter's names and the fields; an export has a `kind` of its own, the form of its file.
FILTERS = {"outcome": "outcome", "state": "state", "recognised": "kind"}


def _rows_of(row: Campaign, data: Any) -> tuple[Any, dict[str, str]]:
    """The rows that the filters leave. Unknown values are refused."""
    kept = {name: data.get(name, "") for name in FILTERS}
    for name, known in (("outcome", dict(OUTCOMES)), ("state", dict(STATES)), ("recognised", KINDS)):
        if kept[name] and kept[name] not in known:
            raise Refused("没有这个筛选条件,请重新选择。", field=name)
    return row.rows.filter(**{FILTERS[name]: value for name, value in kept.items() if value}), kept


def _runs(row: Campaign) -> list[tuple[str, JobRun]]:
    runs = JobRun.objects.in_bulk([run for run in (row.check_run, row.confirm_run) if run])
    return [(title, runs[run]) for title, run in (("核对", row.check_run), ("确认", row.confirm_run)) if run in runs]


@require_GET
@staff(*READERS)
def campaign(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, campaign_for(number, request.officer))


def _page(request: HttpRequest, row: Campaign, *, form: ExportForm | None = None, status: int = 200) -> HttpResponse:
    officer, data = request.officer, request.GET
    rows, kept = _rows_of(row, data)
    after = _whole(data.get("after", ""))
    found = list(rows.filter(pk__gt=after).order_by("id")[:PAGE + 1])
    counts = {(state, outcome): number for state, outcome, number in
              row.rows.order_by().values_list("state", "outcome").annotate(Count("id"))}
    by_state, by_outcome = _sums(counts, 0), _sums(counts, 1)
    query = "&".join(f"{name}={value}" for name, value in kept.items() if value)
    open_of = {outcome: sum(n for (state, out), n in counts.items() if out == outcome and state in ("checked", "checking")) for outcome, _ in OUTCOMES}
    return render(request, "campaigns/one.html", {
        "row": row, "place": full_name(row.jurisdiction, start=3), "kinds": "、".join(KINDS[kind] for kind in row.kinds),
        "rows": [(each, mask_name(each.head_name), full_name(each.jurisdiction, start=4)) for each in found[:PAGE]], "kept": kept,
        "outcomes": [(code, title, by_outcome.get(code, 0), open_of[code]) for code, title in OUTCOMES], "states": STATES, "all_kinds": KINDS.items(),
        "waiting": by_state.get("waiting", 0), "checking": by_state.get("checking", 0), "done": by_state.get("done", 0),
        "tasked": by_state.get("tasked", 0), "unchanged": open_of["same"], "lacking": open_of["lacking"],
        "left": sum(by_state.get(state, 0) for state in ("waiting", "checking", "checked")),
        "opens": officer.role in OPENERS and row.closed_at is None, "confirms": confirms(row, officer) and row.closed_at is None,
        "same_person": officer.role in CONFIRMERS and not confirms(row, officer),
        "turns": officer.role in {*OPENERS, *CONFIRMERS} and row.closed_at is None, "runs": _runs(row), "batch": confirming.BATCH,
        "next": f"?{query}&after={found[PAGE - 1].pk}" if len(found) > PAGE else "", "prev": f"?{query}" if after else "",
        "form": form or ExportForm(auto_id="export_%s"),
    }, status=status)


def _sums(counts: dict[tuple[str, str], int], place: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, number in counts.items():
        found[key[place]] = found.get(key[place], 0) + number
    return found


@require_POST
@staff(*READERS)
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Check, check again, confirm, turn into tasks, stop, resume, close. Each is refused when it has nothing to do."""
    by: Officer = request.officer
    if verb == "check":
        confirming.do_start_check(number, by=by)
        messages.success(request, "已开始核对,部门陆续反馈,可以离开本页。")
    elif verb == "again":
        confirming.do_check_again(number, by=by)
        messages.success(request, "缺资料的已重新核对。")
    elif verb == "confirm":
        confirming.do_start_confirm(number, by=by)
        messages.success(request, f"已开始确认,一次最多 {confirming.BATCH} 户,逐户有结果。")
    elif verb == "task":
        done, refused = confirming.do_task_all(number, outcome=request.POST.get("outcome", ""), by=by)
        messages.success(request, f"{done} 户已转人工复核。")
        for reason in sorted(set(refused)):
            messages.warning(request, f"{refused.count(reason)} 户没有转:{reason}")
    elif verb in ("stop", "resume"):
        row = campaign_for(number, by)
        run = _whole(request.POST.get("run", ""))
        if run not in (row.check_run, row.confirm_run):
            raise Refused("这个任务不属于本批次。")
        (do_stop if verb == "stop" else do_resume)(run, by=by)
        messages.success(request, "已要求停止,办完手头的就停。" if verb == "stop" else "已继续。")
    elif verb == "close":
        do_close(number, by=by)
        messages.success(request, "批次已结束。")
    else:
        raise Refused("没有这种操作,请从页面上选择。")
    return redirect("assistance:campaign", number)


@require_POST
@staff(*READERS)
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The results row by row, as the filters leave them."""
    row = campaign_for(number, request.officer)
    form = ExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    rows, _ = _rows_of(row, request.POST)
    found = list(rows.order_by("id")[:exports.MOST + 1])
    return exports.send(TITLES, [_line(each) for each in found], name=f"review-{row.number}", kind=form.cleaned_data["kind"], what="campaign",
                        of=row.number, jurisdiction=row.jurisdiction, reason=form.cleaned_data["reason"], by=request.officer, personal=True,
                        title=f"批量复核 {row.number} {full_name(row.jurisdiction, start=1)}")


def _line(row: Row) -> list[str]:
    return [row.case_code, row.entitlement, row.get_kind_display(), row.head_name, str(row.persons), full_name(row.jurisdiction, start=3),
            row.due_on.isoformat(), row.get_outcome_display(), row.reason, _yuan(row.before_fen), _yuan(row.after_fen), row.get_state_display(),
            row.settled_by, row.next_due.isoformat() if row.next_due else "", row.task_case, row.note]


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"
