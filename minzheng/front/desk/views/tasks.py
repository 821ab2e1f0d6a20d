"""The worklist (待办事项) and what can be done with one task without opening its case."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from minzheng.base import flow
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.front.context import CASE_ROLES, first_page, intake_links
from minzheng.office.cases.acts import days_left
from minzheng.office.cases.models import Case
from minzheng.office.decisions.objecting import PROCESS, read_subject
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import CHANNELS
from minzheng.office.matters.entries import processes, works_of

TABS = {"mine": "我在办", "claimable": "待签收", "office": "本单位", "cosign": "待会签", "area": "辖区", "done": "我办过"}
LAMPS = {"red": "超期", "yellow": "临期", "green": "正常"}
BATCH_CAP = 50


def rows_of(tasks: list[Any]) -> list[dict[str, Any]]:
    """Tasks with what the ledger shows of their cases: one query for all."""
    parts = {t.subject: read_subject(t.subject) or (t.subject, 0) for t in tasks}
    cases = {c.code: c for c in Case.objects.defer("answers").filter(code__in={code for code, _ in parts.values()})}
    works = works_of([t.subject for t in tasks if parts[t.subject][0] not in cases])
    rows = []
    for task in tasks:
        code, objection = parts[task.subject]
        case = cases.get(code)
        left = days_left(task.due_at)
        if case is None:
            work = works.get(task.subject)
            if work is not None:
                rows.append({"task": task, "code": work.number, "matter": work.title, "left": left,
                             "name": mask_name(work.name), "place": full_name(work.jurisdiction, start=3),
                             "channel": work.origin, "late": task.lamp == "red", "url": work.url})
            continue
        rows.append({
            "task": task, "code": code, "matter": matter_of(case.matter, case.matter_version).name, "left": left,
            "name": mask_name(case.applicant_name), "place": full_name(case.jurisdiction, start=3),
            "channel": CHANNELS[case.channel], "late": task.lamp == "red",
            "url": reverse("desk:appeal", args=[code, objection]) if objection else reverse("desk:case", args=[code]),
        })
    return rows


@require_GET
@staff()
def tasks(request: HttpRequest) -> HttpResponse:
    officer = request.officer
    if officer.role not in CASE_ROLES:  # money and administrators have no worklist: their first page is another
        return redirect(first_page(officer.role))
    tab = request.GET.get("tab", "office")
    if tab not in TABS:
        raise Refused("没有这个任务列表,请从页签里选择。")
    filters = {name: value for name in ("lamp", "key", "title", "subject") if (value := request.GET.get(name, "").strip())}
    page = flow.worklist(officer, tab, filters=filters, cursor=request.GET.get("cursor", ""))
    lamps = flow.lamp_counts(officer, "office", lamps=("red", "yellow"))
    kept = {k: v for k, v in request.GET.items() if k != "cursor"}
    context = {
        "tab": tab, "tabs": [(k, v, "?" + urlencode({"tab": k})) for k, v in TABS.items()],
        "rows": rows_of(page.items), "filters": filters, "lamps": LAMPS, "late": lamps["red"], "soon": lamps["yellow"],
        "stages": stages(), "next": "?" + urlencode({**kept, "cursor": page.cursor}) if page.cursor else "",
        "prev": "?" + urlencode(kept) if request.GET.get("cursor") else "",
        "intake": intake_links(officer.role), "batch": tab in ("claimable", "mine"),
    }
    template = "desk/_task_rows.html" if request.htmx and not request.htmx.boosted else "desk/tasks.html"
    return render(request, template, context)


def stages() -> list[str]:
    """Titles of the tasks of all matters and works, for the filter; tasks that are called alike are one choice."""
    from minzheng.office.matters.catalogue import all_matters

    versions = [(matter.process, matter.process_version) for matter in all_matters()]
    versions += [(process, None) for process in (PROCESS, *processes())]
    return list(dict.fromkeys(title for process, version in versions
                              for title in flow.task_titles(process, version).values()))


@require_POST
@staff()
def batch(request: HttpRequest) -> HttpResponse:
    """Claims or releases the picked tasks; each has its own outcome, refused ones say why."""
    verb = {"claim": flow.claim, "release": flow.release}.get(request.POST.get("verb", ""))
    picked = request.POST.getlist("task")
    if verb is None:
        raise Refused("请选择要做的操作。")
    if not picked:
        raise Refused("请先勾选任务。")
    if len(picked) > BATCH_CAP:
        raise Refused(f"一次最多处理 {BATCH_CAP} 件,请分批办理。")
    done, refused = 0, []
    for number in picked:
        try:
            verb(int(number), by=request.officer)
            done += 1
        except (Refused, ValueError) as error:
            refused.append(getattr(error, "reason", "任务编号不对"))
    if done:
        messages.success(request, f"已办 {done} 件。")
    for reason in sorted(set(refused)):
        messages.warning(request, f"{refused.count(reason)} 件没有办:{reason}")
    return redirect(reverse("desk:tasks") + "?" + urlencode({"tab": request.POST.get("tab", "mine")}))
