"""The visitor's look of the pages (elder edition, row height), and the style guide of demonstrations."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from minzheng.design import samples

YEAR = 365 * 86400


@require_GET
def appearance(request: HttpRequest) -> HttpResponse:
    """Sets a cookie of taste and goes back: ?elder=0…3, ?density=toggle. Changes nothing else."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    elder, density = request.GET.get("elder"), request.GET.get("density")
    if elder in ("1", "2", "3"):
        response.set_cookie("elder", elder, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    elif elder == "0":
        response.delete_cookie("elder", samesite="Lax")
    if density == "toggle":
        if request.COOKIES.get("density") == "compact":
            response.delete_cookie("density", samesite="Lax")
        else:
            response.set_cookie("density", "compact", max_age=YEAR, samesite="Lax",
                                secure=settings.SESSION_COOKIE_SECURE)
    return response


def guide(request: HttpRequest) -> HttpResponse:
    """Every component once, with sample words."""
    return render(request, "design/guide.html", samples.guide(request.method == "POST"))


def sample(request: HttpRequest, page: str) -> HttpResponse:
    """Whole pages made of the components: what a list, a case, a citizen's home and a printed sheet look like."""
    if page not in samples.PAGES:
        raise Http404
    if page == "process.bpmn":
        return render(request, "design/process.bpmn", content_type="application/xml")
    return render(request, f"design/{page}.html", samples.PAGES[page]())
