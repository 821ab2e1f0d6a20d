"""The protocol's endpoints: the library speaks OAuth 2.0 and OpenID Connect, this module decides who may and keeps the
register. They run as the web role without a scope: they read accounts, posts and sessions, and no business data."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from allauth.idp.oidc import views as library
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.middleware import over
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.base.oidc.adapter import SCOPES
from minzheng.base.oidc.consent import ConsentView, digest_of
from minzheng.base.oidc.models import Application, SignIn
from minzheng.base.oidc.standing import officer_posts, standing_officer
from minzheng.base.scope.ranges import province

jwks = library.jwks


@require_GET
def configuration(request: HttpRequest) -> HttpResponse:
    """What there is, and nothing that there isn't: one flow, one challenge method, one signature."""
    base = get_adapter().get_issuer()
    return JsonResponse({
        "issuer": base,
        **{f"{name}_endpoint": base + reverse(f"idp:oidc:{address}") for name, address in (
            ("authorization", "authorization"), ("token", "token"), ("userinfo", "userinfo"), ("revocation", "revoke"))},
        "jwks_uri": base + reverse("idp:oidc:jwks"),
        "response_types_supported": ["code"], "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"], "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(SCOPES), "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": list(settings.IDP_OIDC_AUTH_METHODS),
        "claims_supported": ["sub", "name", "preferred_username", "post"], "ui_locales_supported": ["zh-CN"],
        "claims_parameter_supported": False, "request_parameter_supported": False,
    })


@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Sign-in and consent. Whoever is no officer in a post, with second factor, is refused here."""
    if request.method == "GET":
        _check_question(request)
    account = request.user
    if not isinstance(account, Account):
        return library.AuthorizationView.as_view()(request)  # type: ignore[no-any-return]
    if over(request.session):
        logout(request)
        return redirect(f"{settings.LOGIN_URL}?next={request.get_full_path()}")
    if account.person_id:
        reason = "外部系统只供工作人员登录。"
        audit.record_refusal("oidc.refused", by=Citizen(account.pk, account.name, account.person_id),
                             obj_type="oidc_application", obj_id=request.GET.get("client_id", "")[:64] or "-",
                             jurisdiction=province(), reason=reason)
        raise NotAllowed(reason)
    if account.must_change_password:
        return redirect("/accounts/password/change/")
    if not account.mfa_enabled():
        return redirect("/accounts/2fa/totp/activate/")
    posts = officer_posts(account)
    if not posts:
        raise NotAllowed("您的账户现在没有岗位,不能登录外部系统。请联系本单位系统管理员。")
    return ConsentView.as_view(posts=posts)(request)  # type: ignore[no-any-return]


def _check_question(request: HttpRequest) -> None:
    """PKCE by S256 and the code flow in the query are demanded of every system, also of those with a secret."""
    ask = request.GET
    challenge = ask.get("code_challenge", "")
    if ask.get("response_type") != "code" or ask.get("response_mode", "query") != "query":
        raise Refused("外部系统的登录请求不符合要求:只支持授权码方式。请联系该系统的管理员。")
    if ask.get("code_challenge_method") != "S256" or not 43 <= len(challenge) <= 128:
        raise Refused("外部系统的登录请求缺少安全校验(PKCE,S256)。请联系该系统的管理员。")
    if "none" in ask.get("prompt", "").split():
        raise Refused("外部系统要求不经您确认就登录,平台不支持。请联系该系统的管理员。")
    # the library lets a query through that was not registered
    known = Application.objects.filter(client_id=ask.get("client_id", "")).first()
    if known is not None and ask.get("redirect_uri", "") not in known.redirect_uris:
        raise Refused("外部系统要求返回的地址与登记的不一致,可能有人冒用,没有向它提供任何信息。请联系该系统的管理员。")


def _answer(error: str, status: int = 400, **headers: str) -> HttpResponse:
    answer = JsonResponse({"error": error}, status=status)
    answer["Cache-Control"] = "no-store"
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    return answer


def _who(row: SignIn) -> Officer:
    """The officer as consented to, for the record of what has happened to the sign-in."""
    post = row.post
    return Officer(row.account_id, row.account.name, post.pk, post.role, post.office, tuple(post.scenes))


def _refuse(row: SignIn, reason: str) -> HttpResponse:
    audit.record_refusal("oidc.refused", by=_who(row), obj_type="oidc_signin", obj_id=row.pk, reason=reason,
                         jurisdiction=row.post.office, detail={"application": row.application.client_id})
    return _answer("invalid_grant")


def end(row: SignIn, reason: str) -> None:
    """Ends a sign-in and its token."""
    Token.objects.filter(type=Token.Type.ACCESS_TOKEN, hash=row.token_hash or "-").delete()
    if row.ended_at is None:
        row.ended_at, row.ended_reason = clock.now(), reason
        row.save(update_fields=["ended_at", "ended_reason"])


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Code for tokens. A code has one try, whatever its outcome; a second one ends what the first was given."""
    if request.POST.get("grant_type") != "authorization_code":
        return _answer("unsupported_grant_type")
    with transaction.atomic():
        row = (SignIn.objects.select_for_update(of=("self",)).select_related("application", "account", "post")
               .filter(code_digest=digest_of(request.POST.get("code", ""))).first())
        if row is None:
            return _answer("invalid_grant")
        if row.used_at is not None:
            end(row, "授权码被重复使用")
            return _refuse(row, "授权码被重复使用,已签发的凭证一并作废。")
        row.used_at = clock.now()
        row.save(update_fields=["used_at"])
        officer = standing_officer(row)
        if officer is None:
            return _refuse(row, "账户、岗位、登录会话或外部系统已失效。")
        request.oidc_officer = officer  # type: ignore[attr-defined]
        answer = library.token(request)
        if answer.status_code != HTTPStatus.OK:
            _refuse(row, f"凭证请求没有通过校验:{json.loads(answer.content).get('error', '')}")
            return answer  # type: ignore[no-any-return]
        return _issued(row, officer, json.loads(answer.content))


def _issued(row: SignIn, officer: Officer, content: dict[str, Any]) -> HttpResponse:
    """Notes the token; there are no refresh tokens: whoever wants to go on signs in again."""
    if refresh := content.pop("refresh_token", ""):
        content.pop("refresh_expires_in", None)
        Token.objects.by_value(refresh).delete()
    row.token_hash = get_adapter().hash_token(content["access_token"])
    row.save(update_fields=["token_hash"])
    audit.record("oidc.token", by=officer, obj_type="oidc_signin", obj_id=row.pk, jurisdiction=officer.jurisdiction,
                 after={"application": row.application.client_id, "seconds": content["expires_in"],
                        "scope": content.get("scope", "")})
    answer = JsonResponse(content)
    answer["Cache-Control"], answer["Pragma"] = "no-store", "no-cache"
    return answer


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who has signed in, while that still stands. The token comes in the header only."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        return _answer("invalid_request", 401, WWW_Authenticate="Bearer")
    row = (SignIn.objects.select_related("application", "account", "post")
           .filter(token_hash=get_adapter().hash_token(value.strip())).first())
    officer = standing_officer(row) if row else None
    if row is None or officer is None:
        return _answer("invalid_token", 401, WWW_Authenticate='Bearer error="invalid_token"')
    request.oidc_officer = officer  # type: ignore[attr-defined]
    with transaction.atomic():
        answer = library.user_info(request)
        if answer.status_code == HTTPStatus.OK:
            audit.record("oidc.userinfo", by=officer, obj_type="oidc_signin", obj_id=row.pk,
                         jurisdiction=officer.jurisdiction, after={"application": row.application.client_id})
    answer["Cache-Control"] = "no-store"
    return answer  # type: ignore[no-any-return]


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """A system gives its own token back (RFC 7009). Another system's token stays."""
    with transaction.atomic():
        answer = library.revoke(request) if _own(request) else HttpResponse(status=200)
        found = get_adapter().hash_token(request.POST.get("token", ""))
        row = SignIn.objects.select_related("application", "account", "post").filter(token_hash=found).first()
        if row is not None and row.ended_at is None and not Token.objects.filter(hash=found).exists():
            end(row, "外部系统注销")
            audit.record("oidc.revoked", by=_who(row), obj_type="oidc_signin", obj_id=row.pk,
                         jurisdiction=row.post.office, after={"application": row.application.client_id})
    return answer


def _own(request: HttpRequest) -> bool:
    """Whether the token in question was given to the system that asks; the library then checks the secret."""
    from allauth.core.internal.httpkit import extract_basic_auth

    client_id, _ = extract_basic_auth(request.headers)
    asked = client_id or request.POST.get("client_id", "")
    known = Token.objects.by_value(request.POST.get("token", "")).first()
    return known is None or known.client_id == asked

