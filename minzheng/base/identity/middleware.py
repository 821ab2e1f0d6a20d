"""Puts the acting officer or citizen on the request and wraps view and rendering in the scope's transaction."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.base.identity.posts import officer_of, posts_in_force
from minzheng.base.scope import acting
from minzheng.base.scope.acting import widen
from minzheng.base.scope.grants import granted_to
from minzheng.base.scope.ranges import province

# Pages that work before a post is chosen or a second factor is set up.
UNSCOPED = ("/accounts/", "/static/", "/verify/", "/health", "/oidc/", "/.well-known/")
OFFICERS_ONLY = ("/desk/",)
# Seconds from sign-in to the end of a session however busy; idle time is SESSION_COOKIE_AGE.
LONGEST_SESSION = 12 * 3600


def over(session: SessionBase) -> bool:
    """Whether the session has lasted too long. Use keeps it from idling out; that is written down once a minute."""
    now = int(time.time())
    started = session.setdefault("started", now)
    if now - started > LONGEST_SESSION:
        return True
    if now - session.get("used", 0) > 60:
        session["used"] = now
    return False


class ActingPostMiddleware:
    """`request.officer` or `request.citizen` is set, never both; neither for visitors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.officer = request.citizen = None  # type: ignore[attr-defined]
        request.posts = []  # type: ignore[attr-defined]
        if not request.user.is_authenticated or request.path.startswith(UNSCOPED):
            return self.get_response(request)
        account = request.user
        assert isinstance(account, Account)
        if over(request.session):
            logout(request)
            messages.info(request, "登录已超过 12 小时,请重新登录。")
            return redirect(settings.LOGIN_URL)
        if account.must_change_password:
            return redirect("/accounts/password/change/")
        who: Officer | Citizen
        if account.person_id:
            who = request.citizen = Citizen(account.pk, account.name, account.person_id)  # type: ignore[attr-defined]
            if request.path.startswith(OFFICERS_ONLY):
                return self._refuse_citizen(request, who)
        else:
            if not account.mfa_enabled():
                return redirect("/accounts/2fa/totp/activate/")
            posts = posts_in_force(account)
            if not posts:
                return render(request, "identity/no_post.html", status=403)
            request.posts = posts  # type: ignore[attr-defined]
            chosen = next((p for p in posts if p.pk == request.session.get("post")), posts[0])
            who = request.officer = officer_of(account, chosen)  # type: ignore[attr-defined]
        with acting(who.scope()):
            if isinstance(who, Officer):
                widen(granted_to(who))
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def _refuse_citizen(self, request: HttpRequest, who: Citizen) -> HttpResponse:
        from minzheng.base import audit

        reason = "这是工作人员的页面。您的事项请到“我的办件”查看。"
        audit.record_refusal("page.refused", by=who, obj_type="page", obj_id=f"{request.method} {request.path}"[:200],
                             jurisdiction=province(), reason=reason)
        return render(request, "403.html", {"reason": reason, "status": 403}, status=403)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        who = getattr(request, "officer", None) or getattr(request, "citizen", None)
        if isinstance(exception, NotAllowed) and who is not None:
            from minzheng.base import audit

            audit.record_refusal("page.refused", by=who, obj_type="page",
                                 obj_id=f"{request.method} {request.path}"[:200],
                                 jurisdiction=getattr(who, "jurisdiction", province()), reason=exception.reason)
        context = {"reason": exception.reason, "status": exception.status}
        return render(request, f"{exception.status}.html", context, status=exception.status)
