"""Registering outside systems (外部系统登记): the system administrator proposes, the security administrator approves."""

from __future__ import annotations

import ipaddress
import re
import secrets
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from minzheng.base import clock
from minzheng.base.audit import record
from minzheng.base.divisions.names import division_at
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.accounts import hash_of
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.posting import call_door
from minzheng.base.oidc.models import Application, SignIn

MOST_URIS = 5
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]")


def check_redirect_uri(uri: str) -> str:
    """The address, or Refused: absolute https, no wildcard, user, fragment or query. Plain http only on this machine."""
    parts = urlsplit(uri)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused(f"回调地址“{uri}”不正确,请向外部系统核对。", field="redirect_uris") from None
    netloc = parts.netloc.removesuffix(f":{port}") if port else parts.netloc
    if (not uri.isascii() or len(uri) > 300 or any(ch in uri for ch in " *\\\"'<>") or parts.fragment or parts.query
            or not _HOST.fullmatch(netloc) or not parts.path.startswith("/")):
        raise Refused(f"回调地址“{uri}”不正确。请写完整地址,不含通配符、参数和 # 号,例如 https://xt.example.cn/callback。",
                      field="redirect_uris")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise Refused(f"回调地址“{uri}”不安全,请使用 https 地址。", field="redirect_uris")
    return uri


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_propose(*, name: str, office: str, redirect_uris: Sequence[str], purpose: str, by: Officer) -> None:
    require_role(by, "system_admin")
    if not 2 <= len(name.strip()) <= 60 or not name.isprintable():
        raise Refused("系统名称应为 2 至 60 个字,会显示在同意页上。", field="name")
    division_at(office)
    if not by.reaches(office):
        raise NotAllowed("只能登记本辖区单位的系统。")
    if not 1 <= len(redirect_uris) <= MOST_URIS or len(set(redirect_uris)) != len(redirect_uris):
        raise Refused(f"请填写 1 至 {MOST_URIS} 个不同的回调地址,每行一个。", field="redirect_uris")
    for uri in redirect_uris:
        check_redirect_uri(uri)
    if len(purpose.strip()) < 4:
        raise Refused("请写明用途和依据(至少四个字)。", field="purpose")


def do_propose(*, name: str, office: str, redirect_uris: Sequence[str], purpose: str, by: Officer) -> tuple[Application, str]:
    """Registers a system; returns it with its secret, which is shown once. Nobody can sign in until it is approved."""
    check_propose(name=name, office=office, redirect_uris=redirect_uris, purpose=purpose, by=by)
    client_id, secret = uuid.uuid4().hex, secrets.token_urlsafe(32)
    number = call_door("oidc_propose", [client_id, name.strip(), office, list(redirect_uris), hash_of(secret),
                                        purpose.strip(), clock.now()])
    _record("oidc.propose", by, number, office, reason=purpose.strip(),
            after={"name": name.strip(), "client_id": client_id, "redirect_uris": list(redirect_uris)})
    return Application.objects.get(pk=number), secret


def do_approve(number: int, *, by: Officer) -> Application:
    """The second pair of eyes; from now on officers can sign in to the system."""
    require_role(by, "security_admin")
    found = application_for(number, by)
    if found.ended_at is not None or found.approved_at is not None:
        raise Refused(f"这个系统{found.state},不能再批准。")
    if found.proposed_by_id in by.hands:
        raise NotAllowed("登记人不能批准自己的登记。请由另一位安全管理员办理。")
    if not call_door("oidc_approve", [found.pk, clock.now()]):
        raise Refused("这个系统刚刚被别人处理过,请刷新页面。")
    _record("oidc.approve", by, found.pk, found.office,
            after={"client_id": found.client_id, "redirect_uris": found.redirect_uris})
    found.refresh_from_db()
    return found


def do_end(number: int, *, reason: str, by: Officer) -> Application:
    """停用, or turning a proposal down. Every token of the system dies with it."""
    require_role(by, "system_admin", "security_admin")
    found = application_for(number, by)
    if len(reason.strip()) < 4:
        raise Refused("请写明原因(至少四个字)。", field="reason")
    if not call_door("oidc_end", [found.pk, clock.now(), reason.strip()]):
        raise Refused("这个系统已经停用了。")
    _record("oidc.end", by, found.pk, found.office, reason=reason.strip(), before={"client_id": found.client_id})
    found.refresh_from_db()
    return found


def application_for(number: int, by: Officer) -> Application:
    found = Application.objects.select_related("proposed_by", "approved_by").filter(pk=number).first()
    if found is None or not by.reaches(found.office):
        raise NotFound("没有找到这个外部系统,或不在本辖区内。")
    return found


def applications_in(by: Officer, *, after: int = 0, limit: int = 50) -> list[Application]:
    """Systems of the administrator's range, newest last; keyset by id."""
    require_role(by, "system_admin", "security_admin", "audit_admin")
    low, high = by.range
    found = Application.objects.filter(office__gte=low, office__lt=high, pk__gt=after)
    return list(found.select_related("proposed_by", "approved_by").order_by("id")[:limit])


def sign_ins_of(application: Application, *, limit: int = 50) -> list[SignIn]:
    """The latest consents, without session or token."""
    return list(SignIn.objects.filter(application=application).select_related("account", "post").defer("session")
                .order_by("-id")[:limit])


def _record(action: str, by: Officer, number: int, office: str, **more: Any) -> None:
    record(action, by=by, obj_type="oidc_application", obj_id=number, jurisdiction=office, **more)
