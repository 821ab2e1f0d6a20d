"""A charity's representative on the phone: what is needed, claiming, the contact after the match, recording the gift."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from minzheng.base import clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound
from minzheng.base.identity.pages import citizens_only
from minzheng.scenes.assistance.aid import number_of
from minzheng.scenes.assistance.aid_pages import Verb, acted, status_of
from minzheng.scenes.assistance.intake import new_key
from minzheng.scenes.assistance.socialforces import claims
from minzheng.scenes.assistance.socialforces.forms import ClaimForm, GiveForm
from minzheng.scenes.assistance.socialforces.models import KINDS, NEED, TOPICS, Claim, Feedback, Gift, Representative


def representative() -> Representative:
    """The acting citizen's own mandate in force, or NotAllowed."""
    today = clock.today()
    found = Representative.objects.filter(valid_from__lte=today, valid_to__gte=today).first()
    if found is None:
        raise NotAllowed("您现在不是社会组织的代表人,或授权已经到期。请联系登记地的县级民政部门。")
    return found


def _board() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT need, kind, topic, title, description, township, until FROM social_board(%s)", [clock.today()])
        return [{"number": number_of(NEED, need), "kind": KINDS[kind], "topic": TOPICS[topic], "title": title,
                 "description": text, "place": full_name(place), "until": until}
                for need, kind, topic, title, text, place, until in cursor.fetchall()]


@require_http_methods(["GET"])
@citizens_only
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "socialforces/board.html", {
        "me_for": representative(), "rows": _board(),
        "claims": Claim.objects.filter(representative=request.citizen.person_id).order_by("-id")[:50]})


@require_http_methods(["GET", "POST"])
@citizens_only
def claim_it(request: HttpRequest, need: str) -> HttpResponse:
    citizen = request.citizen
    me = representative()
    row = next((row for row in _board() if row["number"] == need), None)
    verbs = [Verb("claim", "认领", ClaimForm, lambda data: claims.do_claim(need, how=data["how"], key=data["key"], by=citizen),
                  "已认领。乡镇(街道)征得家庭同意后会对接。", initial={"key": new_key()})]
    if acted(request, verbs):
        return redirect("assistance_my:charity")
    if row is None:
        raise NotFound(claims.TAKEN)
    return render(request, "socialforces/claim_it.html", {"row": row, "verbs": verbs, "me_for": me},
                  status=status_of(request))


@require_http_methods(["GET", "POST"])
@citizens_only
def my_claim(request: HttpRequest, claim: str) -> HttpResponse:
    citizen = request.citizen
    row = claims.get_own_claim(citizen, claim)
    verbs = []
    if row.state == "matched":
        verbs.append(Verb("give", "登记帮扶", GiveForm, lambda data: claims.do_give(row, by=citizen, **data), "已登记,谢谢你们。",
                          initial={"given_on": clock.today()}))
    if acted(request, verbs):
        return redirect("assistance_my:my_claim", claim)
    gift = Gift.objects.filter(claim=row).first()
    return render(request, "socialforces/my_claim.html", {
        "row": row, "verbs": verbs, "contact": claims.contact_of(row, by=citizen), "gift": gift,
        "said": Feedback.objects.filter(gift=gift).first() if gift else None}, status=status_of(request))
