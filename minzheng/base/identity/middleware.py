"""Puts the acting officer or citizen on the request and wraps view and rendering in the scope's transaction."""

from __future__ import annotations

from collections.abc import Callable

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

# Pages that work before a post is chosen or a second factor is set up.
PROVINCE = "320000000000"
UNSCOPED = ("/accounts/", "/static/", "/verify/", "/health")


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
        who: Officer | Citizen
        if account.person_id:
            who = request.citizen = Citizen(account.pk, account.name, account.person_id)  # type: ignore[attr-defined]
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

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        who = getattr(request, "officer", None) or getattr(request, "citizen", None)
        if isinstance(exception, NotAllowed) and who is not None:
            from minzheng.base import audit

            audit.record_refusal("page.refused", by=who, obj_type="page", obj_id=f"{request.method} {request.path}",
                                 jurisdiction=getattr(who, "jurisdiction", PROVINCE), reason=exception.reason)
        context = {"reason": exception.reason, "status": exception.status}
        return render(request, f"{exception.status}.html", context, status=exception.status)
