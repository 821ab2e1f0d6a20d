"""Accounts and posts: proposing, approving, ending, leave cover, import, and the care of accounts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import clock
from minzheng.base.divisions.names import children_of, full_name, name_of
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity import accounts as care
from minzheng.base.identity.importing import COLUMNS, Imported, do_import_accounts
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.pages import staff
from minzheng.base.identity.posting import Proposal, do_approve_post, do_end_post, do_propose_post
from minzheng.base.scope.ranges import level_of
from minzheng.front.desk.admin_forms import CoverForm, ImportForm, PostForm, ReasonForm, role_title_of

ADMINS = ("system_admin", "security_admin")
PAGE = 20
TABS = {"posts": "岗位", "waiting": "待批准", "ended": "已结束"}
LEVELS = (("city", "市", 2), ("county", "县(市、区)", 3), ("town", "镇(街道)", 4), ("village", "村(社区)", 5))


def scene_titles() -> dict[str, str]:
    """Business fields that a post may serve, by the rooms that are installed."""
    found = {c.label: str(c.verbose_name) for c in apps.get_app_configs()
             if c.name.startswith("minzheng.scenes.") and c.name.count(".") == 2}
    return {"*": "全部业务", **found}


def state_of(post: Post) -> str:
    if post.ended_at is not None:
        return "已结束" if post.approved_by_id else "未批准"
    if post.approved_by_id is None:
        return "待批准"
    if post.valid_to is not None and post.valid_to < clock.today():
        return "已到期"
    return "未开始" if post.valid_from > clock.today() else "在岗"


def row_of(post: Post) -> dict[str, Any]:
    scenes = scene_titles()
    return {"post": post, "role": role_title_of(post.role), "place": full_name(post.office), "state": state_of(post),
            "scenes": "、".join(scenes.get(code, "其他业务") for code in post.scenes) or "—"}


def _in_range(by: Officer) -> Any:
    low, high = by.range
    return Post.objects.filter(office__gte=low, office__lt=high)


@require_GET
@staff(*ADMINS)
def accounts(request: HttpRequest) -> HttpResponse:
    """Posts within the administrator's range, by keyset; found by name or username."""
    officer, tab = request.officer, request.GET.get("tab", "posts")
    words, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    if tab not in TABS or (after and not after.isdigit()):
        raise Refused("没有这个列表或这一页,请从页签里重新选择。")
    found = _in_range(officer)
    found = (found.filter(ended_at__isnull=False) if tab == "ended"
             else found.filter(ended_at=None, approved_by__isnull=tab == "waiting"))
    if words:
        found = found.filter(Q(account__name__startswith=words) | Q(account__username__istartswith=words))
    found = found.filter(pk__gt=int(after or 0)).select_related("account", "covers__account", "proposed_by")
    rows = list(found.order_by("id")[:PAGE + 1])
    kept = {"tab": tab, "q": words}
    context = {
        "tab": tab, "tabs": [(k, v, "?" + urlencode({"tab": k, "q": words})) for k, v in TABS.items()], "words": words,
        "waiting": _in_range(officer).filter(approved_by=None, ended_at=None)[:100].count(),
        "rows": [row_of(p) for p in rows[:PAGE]], "may_propose": officer.role == "system_admin",
        "may_approve": officer.role == "security_admin",
        "next": "?" + urlencode({**kept, "after": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "prev": "?" + urlencode(kept) if after else "",
    }
    return render(request, "desk/accounts.html", context)


def get_account_for(by: Officer, number: int) -> Account:
    """An officer's account with a post within the administrator's range, or NotFound."""
    found = Account.objects.filter(pk=number, person_id=None).first()
    if found is None or not _in_range(by).filter(account=found).exists():
        raise NotFound("没有找到这个工作人员账户,或不在本辖区内。")
    return found


def get_post_for(by: Officer, number: int) -> Post:
    found = _in_range(by).filter(pk=number).select_related("account").first()
    if found is None:
        raise NotFound("没有找到这个岗位,或不在本辖区内。")
    return found


def _account_named(username: str) -> Account:
    found = Account.objects.filter(username=username.strip(), person_id=None).first()
    if found is None:
        raise Refused("没有这个用户名的工作人员账户。新账户请先用“批量导入”建立。", field="username")
    return found


def places(by: Officer, chosen: QueryDict | dict[str, str]) -> tuple[list[dict[str, Any]], str]:
    """Linked selects below the administrator's own place, and the place chosen so far. Nothing beyond is offered."""
    place, levels = by.jurisdiction, []
    for name, label, level in LEVELS:
        if level <= by.level or level > level_of(place) + 1:
            continue
        options = [(d.code, d.name) for d in children_of(place)]
        value = chosen.get(f"place_{name}", "")
        value = value if any(value == code for code, _ in options) else ""
        levels.append({"name": f"place_{name}", "label": label, "value": value, "options": options})
        if not value:
            break
        place = value
    return levels, place


@require_GET
@staff("system_admin")
def place_options(request: HttpRequest) -> HttpResponse:
    levels, _ = places(request.officer, request.GET)
    return render(request, "ui/cascade.html", {"levels": levels, "url": reverse("desk:account_places"), "id": "place"})


def _refusal_on(form: Any, work: Callable[[], Any]) -> Any:
    """Does the work; a refusal that the form can mend comes back on it, and None is returned."""
    try:
        return work()
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return None


@require_http_methods(["GET", "POST"])
@staff("system_admin")
def propose(request: HttpRequest) -> HttpResponse:
    """A new post for an account; without effect until a security administrator approves it."""
    officer = request.officer
    posted = request.method == "POST" and "_cascade" not in request.POST
    form = PostForm(request.POST or None if posted else None, scenes=list(scene_titles().items()),
                    initial={**(request.POST.dict() if not posted else {}), "username": request.POST.get(
                        "username") or request.GET.get("username", "")})
    levels, place = places(officer, request.POST)
    if posted and form.is_valid():
        data = dict(form.cleaned_data)

        def work() -> Post:
            account = _account_named(data.pop("username"))
            return do_propose_post(Proposal(account=account.pk, office=place, **data), by=officer)

        if _refusal_on(form, work) is not None:
            messages.success(request, "已提出,等待安全管理员批准。批准前不生效。")
            return redirect(reverse("desk:accounts") + "?tab=waiting")
    status = 422 if posted and form.errors else 200
    context = {"form": form, "levels": levels, "place": full_name(place), "own": name_of(officer.jurisdiction)}
    return render(request, "desk/account_propose.html", context, status=status)


@require_POST
@staff(*ADMINS)
def approve(request: HttpRequest, post: int) -> HttpResponse:
    done = do_approve_post(post, by=request.officer)
    messages.success(request, f"{done.account.name}的{role_title_of(done.role)}岗位已批准。")
    return redirect(reverse("desk:accounts") + "?tab=waiting")


@require_http_methods(["GET", "POST"])
@staff(*ADMINS)
def end(request: HttpRequest, post: int) -> HttpResponse:
    """Ends a post, or turns a proposal down, with a reason."""
    found = get_post_for(request.officer, post)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and _refusal_on(
            form, lambda: do_end_post(post, by=request.officer, reason=form.cleaned_data["reason"])) is not None:
        messages.success(request, "岗位已结束。" if found.approved_by_id else "已退回,岗位没有生效。")
        return redirect("desk:accounts")
    context = {"row": row_of(found), "form": form}
    return render(request, "desk/post_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff("system_admin")
def cover(request: HttpRequest, post: int) -> HttpResponse:
    """代岗: another account stands in for the post during leave."""
    found = get_post_for(request.officer, post)
    form = CoverForm(request.POST or None)
    if form.is_valid():
        data = dict(form.cleaned_data)

        def work() -> Post:
            account = _account_named(data.pop("username"))
            return do_propose_post(Proposal(account=account.pk, role=found.role, office=found.office,
                                            scenes=found.scenes, covers=found.pk, **data), by=request.officer)

        if _refusal_on(form, work) is not None:
            messages.success(request, "代岗已提出,等待安全管理员批准。")
            return redirect(reverse("desk:accounts") + "?tab=waiting")
    return render(request, "desk/post_cover.html", {"row": row_of(found), "form": form},
                  status=422 if form.errors else 200)


# What an administrator does with one account: title, the role that may, whether a reason is asked, and the act.
CARE: dict[str, tuple[str, str, bool]] = {
    "unlock": ("解锁", "system_admin", False),
    "password": ("重置密码", "security_admin", True),
    "disable": ("停用账户", "system_admin", True),
    "enable": ("启用账户", "system_admin", True),
    "second_factor": ("重置动态验证码", "system_admin", True),
}


@require_GET
@staff(*ADMINS)
def account(request: HttpRequest, account: int) -> HttpResponse:
    return _account_page(request, get_account_for(request.officer, account))


def _account_page(request: HttpRequest, found: Account, *, form: ReasonForm | None = None, password: str = "",
                  status: int = 200) -> HttpResponse:
    rows = _in_range(request.officer).filter(account=found).select_related("account", "covers__account").order_by("-id")
    hidden = {"enable" if found.is_active else "disable", *([] if found.locked_until else ["unlock"])}
    context = {
        "account": found, "rows": [row_of(p) for p in rows[:PAGE]], "form": form or ReasonForm(), "password": password,
        "locked": found.locked_until is not None and found.locked_until > clock.now(), "factor": found.mfa_enabled(),
        "verbs": [(verb, title) for verb, (title, role, _) in CARE.items()
                  if role == request.officer.role and verb not in hidden],
        "others": [f"{title}由{role_title_of(role)}办理" for title, role, _ in CARE.values()
                   if role != request.officer.role and title in ("重置密码", "重置动态验证码")],
    }
    return render(request, "desk/account.html", context, status=status)


@never_cache
@require_POST
@staff(*ADMINS)
def care_for(request: HttpRequest, account: int, verb: str) -> HttpResponse:
    """Unlock, reset the password or the second factor, disable or enable; a new password is shown once, here."""
    if verb not in CARE:
        raise Refused("没有这种操作,请从页面上选择。")
    title, role, needs_reason = CARE[verb]
    require_role(request.officer, role)
    found, by = get_account_for(request.officer, account), request.officer
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if needs_reason and not reason:
        return _account_page(request, found, form=form, status=422)
    acts: dict[str, Callable[[], Any]] = {
        "unlock": lambda: care.do_unlock(account, by=by),
        "password": lambda: care.do_reset_password(account, by=by, reason=reason),
        "disable": lambda: care.do_enable(account, False, by=by, reason=reason),
        "enable": lambda: care.do_enable(account, True, by=by, reason=reason),
        "second_factor": lambda: care.do_reset_second_factor(account, by=by, reason=reason),
    }
    try:
        answer = acts[verb]()
    except (NotAllowed, NotFound, Stale):
        raise
    except Refused as refusal:
        form.is_valid()
        form.add_error("reason", refusal.reason)
        return _account_page(request, found, form=form, status=422)
    if verb == "password":
        found.refresh_from_db()
        return _account_page(request, found, password=str(answer))
    messages.success(request, f"{found.name}:已{title}。")
    return redirect("desk:account", account)


@require_GET
@staff("system_admin")
def import_template(request: HttpRequest) -> HttpResponse:
    """An empty sheet with the columns and one line to copy."""
    lines = [",".join(COLUMNS), f"zhangsan,张三,乡镇经办,{request.officer.jurisdiction},*,{clock.today()},"]
    return HttpResponse("\ufeff" + "\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8",
                        headers={"Content-Disposition": 'attachment; filename="accounts.csv"'})


@never_cache
@require_http_methods(["GET", "POST"])
@staff("system_admin")
def import_accounts(request: HttpRequest) -> HttpResponse:
    """Bulk import; each row has its own outcome, and the initial passwords are shown this once."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    done: Imported | None = None
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["sheet"].read()
        done = _refusal_on(form, lambda: do_import_accounts(content, by=request.officer))
    context: dict[str, Any] = {"form": form, "done": done, "columns": COLUMNS}
    if done is not None:
        context |= {"refused": len(done.rows) - done.made,
                    "sheet": "data:text/csv;base64," + base64.b64encode(done.sheet().encode()).decode()}
    return render(request, "desk/account_import.html", context, status=422 if form.errors else 200)

