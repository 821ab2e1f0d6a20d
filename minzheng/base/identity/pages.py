"""Which pages need which people: decorators for views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from minzheng.base.errors import NotAllowed
from minzheng.base.identity.officer import require_role

View = Callable[..., HttpResponse]


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"/accounts/login/?next={request.path}")


def staff(*roles: str) -> Callable[[View], View]:
    """For officers only; with roles, for those posts only. Visitors go to sign-in, citizens are refused."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            officer = getattr(request, "officer", None)
            if officer is None:
                if not request.user.is_authenticated:
                    return _to_sign_in(request)
                raise NotAllowed("这是工作人员的页面。您可以在“我的办件”里查看自己的事项。")
            if roles:
                require_role(officer, *roles)
            return view(request, *args, **kwargs)

        return checked

    return wrap


def citizens_only(view: View) -> View:
    """For signed-in citizens. Visitors go to sign-in, officers are told to use their own portal."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request, "citizen", None) is None:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            raise NotAllowed("这是市民个人的页面,请用本人账户登录。")
        return view(request, *args, **kwargs)

    return checked
