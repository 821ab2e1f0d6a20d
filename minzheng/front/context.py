"""What every page's shell needs: who acts, the other posts, the navigation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from minzheng.base.divisions.names import full_name, name_of
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.roles import get_role
from minzheng.base.scope import current
from minzheng.data.brain.desk.roles import DESK_ROLES
from minzheng.office.matters.catalogue import all_matters
from minzheng.office.matters.entries import pages
from minzheng.office.notices.queries import unread_count

CASE_ROLES = {"village_worker", "town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader",
              "city_officer", "province_officer"}
MONEY_ROLES = {"county_clerk", "county_approver", "county_leader", "county_finance", "county_cashier"}
ADMIN_ROLES = {"system_admin", "security_admin", "audit_admin"}

# Title, address name, icon, and the roles that see it.
NAVIGATION: list[tuple[str, list[tuple[str, str, str, set[str]]]]] = [
    ("工作台", [
        ("待办事项", "desk:tasks", "list-check", CASE_ROLES),
        ("办件查询", "desk:cases", "history", CASE_ROLES),
        ("消息", "desk:messages", "bell", CASE_ROLES | MONEY_ROLES),
        ("请假代岗", "desk:leave", "user-check", CASE_ROLES | MONEY_ROLES | {"data_officer"}),
    ]),
    ("业务", [
        ("资金发放", "desk:payments", "coin", MONEY_ROLES),
        ("待遇台账", "desk:book", "file-text", MONEY_ROLES | {"town_clerk", "town_reviewer"}),
        ("查人查户", "desk:people", "search", CASE_ROLES | {"data_officer"}),
    ]),
    ("管理", [
        ("政策参数", "desk:parameters", "adjustments", CASE_ROLES | {"data_officer"}),
        ("政策仿真", "desk:policy", "scale", set(DESK_ROLES)),
        ("委托乡镇", "desk:delegations", "hierarchy", {"county_leader"}),
        ("工作量与时效", "desk:workload", "hourglass", CASE_ROLES),
        ("统计报表", "desk:figures", "chart-bar", CASE_ROLES | MONEY_ROLES | {"data_officer"}),
        ("账户与岗位", "desk:accounts", "users", {"system_admin", "security_admin"}),
        ("外部系统", "desk:systems", "link", ADMIN_ROLES),
        ("审计记录", "desk:audit", "shield-check", {"audit_admin"}),
        ("运行状况", "desk:health", "activity", ADMIN_ROLES),
    ]),
]


def _short(name: str) -> str:
    return name.removesuffix("居委会").removesuffix("村委会")


def office_title(jurisdiction: str) -> str:
    """Office as shown in the top bar, e.g. 昆山市玉山镇."""
    return _short(full_name(jurisdiction, start=3)) if jurisdiction[2:4] != "00" else name_of(jurisdiction)


def _intake_items() -> list[tuple[str, str, str, set[str]]]:
    """One entry a matter that is taken in at the window, as the matter itself says."""
    return [(f"{m.short_name}受理", m.intake_url, m.icon, set(m.intake_roles)) for m in all_matters() if m.intake_url]


def first_page(role: str) -> str:
    """Where a post without a worklist begins."""
    if role in MONEY_ROLES:
        return reverse("desk:payments")
    return str(navigation(role, "")[0]["items"][0]["url"])


def intake_links(role: str) -> list[dict[str, str]]:
    """Buttons for taking a new application in, for posts that may."""
    return [{"title": name, "url": reverse(url)} for name, url, _, roles in _intake_items() if role in roles]


@lru_cache(maxsize=64)
def _entries(role: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Groups of (title, address, icon) that the role sees: fixed when the process has started."""
    groups = []
    for title, items in NAVIGATION:
        if title == "业务":
            items = _intake_items() + [(p.title, p.address, p.icon, set(p.roles)) for p in pages()] + items
        rows = [(name, reverse(url), icon) for name, url, icon, roles in items if role in roles]
        if rows:
            groups.append((title, rows))
    return groups


def navigation(role: str, path: str) -> list[dict[str, Any]]:
    groups = []
    for title, rows in _entries(role):
        best = max((url for _, url, _ in rows if path.startswith(url)), key=len, default="")
        current = best if best != "/desk/" or path == "/desk/" else None
        groups.append({"title": title, "items": [{"title": name, "url": url, "icon": icon, "current": url == current}
                                                 for name, url, icon in rows]})
    return groups


def _unread(officer: Officer) -> int:
    """Unread messages up to 100, by one short index scan; none on a page shown after the transaction has failed."""
    return 0 if current() is None or connection.needs_rollback else unread_count(officer)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. It makes no database query on pages of visitors."""
    officer, citizen = getattr(request, "officer", None), getattr(request, "citizen", None)
    if officer is not None:
        return {
            "me": {"name": officer.name, "office": f"{office_title(officer.jurisdiction)} {officer.role_title}"},
            "nav": navigation(officer.role, request.path),
            "posts": [{"id": p.pk, "title": f"{office_title(p.office)} {get_role(p.role).title}",
                       "current": p.pk == officer.post_id} for p in getattr(request, "posts", [])],
            "switch_url": reverse("desk:switch_post"), "search_url": "" if officer.role in ADMIN_ROLES else reverse("desk:search"),
            "messages_url": reverse("desk:messages"), "unread": _unread(officer),
            "streams": settings.STREAMS_URL, "signout_url": reverse("account_logout"),
        }
    if citizen is not None:
        return {"me": {"name": citizen.name}, "signout_url": reverse("account_logout")}
    return {}
