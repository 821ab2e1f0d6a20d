"""Case pages: the file of one case, acting on its task, search, printed sheets."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock, flow
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name, name_of
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import role_title
from minzheng.base.scope import Scope, acting
from minzheng.base.scope.ranges import lies_in, office_of, range_of
from minzheng.data import registry
from minzheng.front.context import CASE_ROLES, MONEY_ROLES
from minzheng.front.desk.forms import OpinionForm, RevealForm
from minzheng.front.desk.views import appeals, archiving, handing
from minzheng.office.archive.actions import FINAL
from minzheng.office.cases.acts import days_left, do_act, task_form_for
from minzheng.office.cases.consumers import HOUSEHOLD_CHANGED
from minzheng.office.cases.doors import get_case_for, parties_of
from minzheng.office.cases.models import STATES, Case, CaseEvent, CaseMember
from minzheng.office.cases.timeline import timeline
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import CHANNELS, Act

PAGE = 20
SEARCHERS = sorted(CASE_ROLES | MONEY_ROLES | {"data_officer"})  # the three administrators see no people


def is_mine(task: Any, officer: Officer) -> bool:
    """Whether the acting post may do the open task."""
    return bool(task.office == officer.jurisdiction and task.role == officer.role and task.assignee in (
        None, officer.account_id))


def colleagues(task: Any, officer: Officer) -> list[tuple[int, str]]:
    """Who may be asked to co-sign: accounts with a co-signing post that reaches the case, oneself left out."""
    element = flow.element_of(task)
    county = office_of(task.jurisdiction, 3)
    low, high = range_of(county)
    today = clock.today()
    posts = Post.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), role__in=element.cosign_roles or (task.role,), office__gte=low,
        office__lt=high, valid_from__lte=today, approved_by__isnull=False, ended_at=None).select_related("account")
    return [(p.account_id, f"{p.account.name}({name_of(p.office)}{role_title(p.role)})") for p in posts.order_by("id")
            if lies_in(task.jurisdiction, p.office) and p.account_id != officer.account_id]


def _signing(task: Any, open_tasks: list[Any], officer: Officer) -> dict[str, Any]:
    """What the page needs for 会签: who has signed, who may be asked, and whether it is my turn to sign."""
    found: dict[str, Any] = {"to_sign": None}
    if task is not None and flow.element_of(task).signers > 1:
        found |= {"signers": flow.element_of(task).signers, "cosigns": flow.cosigns_of(task),
                  "colleagues": colleagues(task, officer)}
    for other in open_tasks:
        if other.status == "claimed" and other is not task and any(
                c.account == officer.account_id and c.signed_at is None for c in flow.cosigns_of(other)):
            found["to_sign"] = other
    return found


def acts_of(case: Case, by: Officer) -> list[Act]:
    """What can be done with the case beside its tasks, as far as its state has a use for it; with the reason where
    this post cannot."""
    acts = []
    if case.state == "supplement":
        acts.append(Act("登记补正", reverse("desk:case_supplement", args=[case.code]),
                        handing.why_not_for_applicant(case, by, ("supplement",))))
    if case.state in handing.UNDECIDED:
        acts.append(Act("登记申请人撤回", reverse("desk:case_withdraw", args=[case.code]),
                        handing.why_not_for_applicant(case, by, handing.UNDECIDED)))
    matter = matter_of(case.matter, case.matter_version)
    acts += matter.acts(case=case, by=by) if matter.acts else []
    if case.state in ("decided", "closed"):
        acts.append(Act("登记对决定的异议", reverse("desk:appeal_new", args=[case.code]), appeals.why_not_register(case, by)))
    if case.state not in FINAL:
        acts.append(Act("移交其他地区", reverse("desk:hand_over", args=[case.code]), handing.why_not_hand_over(case, by)))
    else:
        acts.append(Act("档案", reverse("desk:archive", args=[case.code]), "" if by.role in archiving.KEEPERS else
                        "由县级经办、县级审批或县级负责人生成、下载和校验。"))
    return acts


def _page(request: HttpRequest, case: Case, *, opinion: OpinionForm | None = None, form: Any = None,
          status: int = 200) -> HttpResponse:
    officer = request.officer
    matter = matter_of(case.matter, case.matter_version)
    with seen_from(case, officer):
        open_tasks = [] if case.closed_at else flow.open_tasks(case.code)
        diagram, steps = flow.picture(case.code)
        nobody = nobody_for(open_tasks)
    task = next((t for t in open_tasks if is_mine(t, officer)), None)
    spec = task_form_for(case, task.key) if task else None
    if spec and opinion is None:
        opinion = OpinionForm(outcomes=spec.outcomes)
    extra = spec.prepare(case=case, by=officer) if spec and spec.prepare else {}
    events = timeline(case)
    if spec and spec.form and form is None:
        form = spec.form(initial=extra.get("initial"), **extra.get("form", {}))
    context = {
        "case": case, "matter": matter, "channel": CHANNELS[case.channel], "left": days_left(case.due_at),
        "steps": [vars(step) for step in steps], "open_tasks": open_tasks, "nobody": nobody, "task": task, "spec": spec,
        "opinion": opinion, "form": form, "task_left": days_left(task.due_at) if task else None,
        "extra": extra,
        "panels": matter.panels(case=case, by=officer) if matter.panels else [],
        "members": case.members, "parties": parties_of(case),
        "appeals": range(1, case.flags.get("appeals", 0) + 1),
        "events": [{"title": e.title, "who": e.actor, "text": e.text, "at": e.at, "state": "done"} for e in events],
        "household_changed": changed_since(case, events),
        "done_ids": diagram.done, "current_ids": diagram.current, "acts": acts_of(case, officer),
        "party": not officer.reaches(case.jurisdiction),
        "place": full_name(case.jurisdiction), **_signing(task, open_tasks, officer),
    }
    return render(request, "desk/case.html", context, status=status)


def changed_since(case: Case, events: list[CaseEvent]) -> str:
    """What to say when the household has changed in the registry since the application."""
    told = [e.text.rstrip("。") for e in reversed(events) if e.kind == HOUSEHOLD_CHANGED]
    if not told or case.closed_at:
        return ""
    return (f"提交申请后户籍家庭有变化:{';'.join(told)}。本件仍按申报的成员办理;与实际不符的,请一次告知申请人补正,"
            "或由申请人撤回后重新申请。")


def seen_from(case: Case, by: Officer) -> AbstractContextManager[object]:
    """The process lies with whoever answers for the case. A party that has come through the case's door reads it there,
    in the case's own place and no wider."""
    if by.reaches(case.jurisdiction):
        return nullcontext()
    low, high = range_of(case.jurisdiction)
    return acting(Scope("officer", low, high, account=by.account_id, post=by.post_id))


def nobody_for(open_tasks: list[Any]) -> list[str]:
    """Tasks that wait and that nobody of their office may do, since all had a hand in earlier ones: said before the case
    gets stuck."""
    found = []
    for task in open_tasks:
        if task.kind == "task" and task.status == "ready" and flow.element_of(task).not_same_as and not flow.able(task):
            role = role_title(task.role)
            found.append(f"“{task.title}”须由没有办过前面环节的{role}办理,{name_of(task.office)}现在没有这样的人。请系统管理员为"
                         f"另一名负责人(如分管负责人)提出一个{role}岗位,经安全管理员核准后即可办理。")
    return found


@require_GET
@staff()
def case(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, get_case_for(request.officer, code))


@require_POST
@staff()
def act(request: HttpRequest, code: str, task_id: int) -> HttpResponse:
    """Completes the officer's task. Errors of the form come back on the same page; nothing has been written then."""
    case = get_case_for(request.officer, code, lock=True)
    task = flow.get_task_for(request.officer, task_id)
    spec = task_form_for(case, task.key)
    opinion = OpinionForm(request.POST, outcomes=spec.outcomes)
    extra = spec.prepare(case=case, by=request.officer) if spec.prepare else {}
    form = spec.form(request.POST, request.FILES, **extra.get("form", {})) if spec.form else None
    valid = opinion.is_valid() & (form is None or form.is_valid() or (not form.has_changed()
                                  and opinion.data.get("outcome") in spec.comment_required))
    if not valid:
        return _page(request, case, opinion=opinion, form=form, status=422)
    try:
        do_act(code, task_id, by=request.officer, outcome=opinion.cleaned_data["outcome"],
               comment=opinion.cleaned_data["comment"], data=form.cleaned_data if form else {}, files=request.FILES,
               case_version=opinion.cleaned_data["case_version"], task_version=opinion.cleaned_data["task_version"])
    except Stale:
        raise
    except Refused as refusal:
        if refusal.status != 422:
            raise
        target = form if form is not None and refusal.field in form.fields else opinion
        target.add_error(refusal.field if refusal.field in target.fields else None, refusal.reason)
        return _page(request, case, opinion=opinion, form=form, status=422)
    messages.success(request, f"“{task.title}”已办完。")
    return redirect("desk:tasks")


@require_POST
@staff()
def cosign(request: HttpRequest, code: str, task_id: int) -> HttpResponse:
    """Asks a colleague to co-sign; the task is claimed first when it is still free."""
    get_case_for(request.officer, code, sensitive=False)
    task = flow.get_task_for(request.officer, task_id)
    account = request.POST.get("account", "")
    if not account.isdigit():
        raise Refused("请选择要邀请会签的人员。")
    if task.status == "ready":
        task = flow.claim(task, by=request.officer)
    flow.cosign(task, accounts=[int(account)], by=request.officer)
    messages.success(request, "已邀请会签。对方签字后,您再提交。")
    return redirect("desk:case", code)


@require_POST
@staff()
def sign(request: HttpRequest, code: str, task_id: int) -> HttpResponse:
    get_case_for(request.officer, code, sensitive=False)
    flow.sign(task_id, by=request.officer, comment=request.POST.get("comment", ""))
    messages.success(request, "已会签。")
    return redirect("desk:case", code)


@require_GET
@staff()
def diagram(request: HttpRequest, code: str) -> HttpResponse:
    """The process as BPMN, under the version that the case runs."""
    case = get_case_for(request.officer, code, sensitive=False)
    with seen_from(case, request.officer):
        xml = flow.diagram(code).xml
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")


def _clear(by: Officer, person: int, reason: str) -> dict[str, str]:
    """What the post may see in clear; of somebody registered elsewhere that may be the number only."""
    found = {"身份证号": registry.reveal(by, person, "id_number", reason)}
    with suppress(NotFound):
        found["手机号"] = registry.reveal(by, person, "phone", reason)
    return found


@require_http_methods(["GET", "POST"])
@staff()
def reveal(request: HttpRequest, code: str, person: int) -> HttpResponse:
    """Clear text of a member's ID number and phone: asks why, leaves a record that the citizen sees."""
    case = get_case_for(request.officer, code, sensitive=False)
    if not CaseMember.objects.filter(case_id=case.pk, person=person).exists():
        raise Refused("这个人不在这个办件里,不能从这里查看。")
    form = RevealForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = _clear(request.officer, person, f"办件 {code}:{form.cleaned_data['reason']}")
    status = 422 if request.method == "POST" and not form.is_valid() else 200
    return render(request, "desk/reveal.html", {"case": case, "form": form, "found": found}, status=status)


@require_GET
@staff()
def cases(request: HttpRequest) -> HttpResponse:
    """All cases of the acting post's range, newest first, by keyset."""
    found = Case.objects.defer("answers")
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state:
        if state not in STATES:
            raise Refused("没有这种状态,请重新选择。")
        found = found.filter(state=state)
    if "*" not in request.officer.scenes:
        found = found.filter(scene__in=request.officer.scenes)
    if before:
        if not before.isdigit():
            raise Refused("翻页位置无效,请从第一页重新查看。")
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[:PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "rows": [row_of(c) for c in rows], "states": STATES.items(), "state": state,
        "next": "?" + urlencode({"state": state, "before": rows[-1].pk}) if more else "",
        "prev": "?" + urlencode({"state": state}) if before else "",
    }
    return render(request, "desk/cases.html", context)


def row_of(case: Case) -> dict[str, Any]:
    return {"case": case, "matter": matter_of(case.matter, case.matter_version).name, "left": days_left(case.due_at),
            "name": mask_name(case.applicant_name), "place": full_name(case.jurisdiction, start=3),
            "channel": CHANNELS[case.channel]}


@require_GET
@staff(*SEARCHERS)
def search(request: HttpRequest) -> HttpResponse:
    """Global search: a case number, an ID number or a name. Nothing is listed without words."""
    words = request.GET.get("q", "").strip()
    if words.isdigit() and Case.objects.filter(code=words).exists():
        return redirect("desk:case", words)
    people = registry.search(request.officer, words) if len(words) >= 2 else []
    found = Case.objects.defer("answers").filter(applicant__in=[p.id for p in people]).order_by("-id")[:PAGE] if people else []
    context = {"words": words, "people": people, "rows": [row_of(c) for c in found], "search_text": words}
    return render(request, "desk/search.html", context)


@require_GET
@staff()
def sheet(request: HttpRequest, code: str, sheet: str) -> HttpResponse:
    """A4 sheets: 受理单 and 审批表."""
    case = get_case_for(request.officer, code)
    titles = {"receipt": "受理通知单", "approval": "审核确认表"}
    if sheet not in titles:
        raise Refused("没有这种单据。")
    matter = matter_of(case.matter, case.matter_version)
    context = {"case": case, "matter": matter, "title": titles[sheet], "sheet": sheet, "place": full_name(case.jurisdiction),
               "members": case.members, "channel": CHANNELS[case.channel],
               "panels": matter.panels(case=case, by=request.officer) if matter.panels and sheet == "approval" else [],
               "events": timeline(case), "back": reverse("desk:case", args=[code])}
    return render(request, "desk/sheet.html", context)
