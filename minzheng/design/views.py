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
    """Sets a cookie of taste and goes back: ?elder=0…3, ?density=compact|normal. Changes nothing else."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    for name, known in (("elder", ("1", "2", "3")), ("density", ("compact",))):
        value = request.GET.get(name)
        if value and value in known:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
        elif value is not None:
            response.delete_cookie(name, samesite="Lax")
    return response


def guide(request: HttpRequest) -> HttpResponse:
    """Every component once, with sample words; a POST shows the form with its errors."""
    return render(request, "design/guide.html", samples.guide(request.POST if request.method == "POST" else None))


def sample(request: HttpRequest, page: str) -> HttpResponse:
    """Whole pages made of the components."""
    if page not in samples.PAGES:
        raise Http404
    return render(request, f"design/{page}.html", samples.PAGES[page]())


def process(request: HttpRequest) -> HttpResponse:
    return render(request, "design/process.bpmn", content_type="application/xml")
