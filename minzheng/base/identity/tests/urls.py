"""Pages for the tests of sign-in: what the middleware let through."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    who = request.officer or request.citizen  # type: ignore[attr-defined]
    return HttpResponse(f"{request.path} {who.name if who else '访客'}")


urlpatterns = [path("accounts/", include("allauth.urls")), path("", include("minzheng.design.urls")),
               path("", page), path("desk/", page), path("my/", page)]
