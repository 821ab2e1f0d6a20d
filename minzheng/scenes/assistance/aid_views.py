"""帮扶: what else than money is done for a household, on one page; and the citizen's own page of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import audit
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound
from minzheng.base.identity.pages import citizens_only, staff
from minzheng.scenes.assistance.aid import carried_out, household_for, living_members
from minzheng.scenes.assistance.referrals.actions import READERS
from minzheng.scenes.assistance.referrals.models import JobOffer, Referral
from minzheng.scenes.assistance.referrals.working import RECORDERS, refusals_of
from minzheng.scenes.assistance.services.delivering import do_evaluate
from minzheng.scenes.assistance.services.forms import EvaluateForm
from minzheng.scenes.assistance.services.models import Delivery, NeedsAssessment, ServicePlan, Voucher
from minzheng.scenes.assistance.socialforces.claims import do_say
from minzheng.scenes.assistance.socialforces.forms import SayForm
from minzheng.scenes.assistance.socialforces.models import Claim, Gift, Need, Representative

LATEST = 20


@require_GET
@staff(*READERS)
def household(request: HttpRequest, household: int) -> HttpResponse:
    officer = request.officer
    home = household_for(officer, household)
    people = living_members(home)
    for person in people:
        audit.record("referral.read", by=officer, obj_type="registry.household", obj_id=home.pk, jurisdiction=home.jurisdiction,
                     subject_person=person, reason="查看家庭的帮扶")
    counted = refusals_of(people)
    return render(request, "assistance/aid.html", {
        "home": home, "place": full_name(home.jurisdiction, start=3), "head": next(iter(people.values()), None),
        "referrals": Referral.objects.filter(household_id=home.pk).order_by("-id")[:LATEST],
        "offers": JobOffer.objects.filter(household_id=home.pk).order_by("-id")[:LATEST],
        "refusals": [(people[person].name, count) for person, (count, _) in counted.items() if count],
        "assessments": NeedsAssessment.objects.filter(household_id=home.pk).order_by("-id")[:LATEST],
        "plans": ServicePlan.objects.filter(household_id=home.pk).order_by("-id")[:LATEST],
        "needs": Need.objects.filter(household_id=home.pk).order_by("-id")[:LATEST],
        "may": officer.role in RECORDERS, "case": request.GET.get("case", "")})


@require_GET
@citizens_only
def own(request: HttpRequest) -> HttpResponse:
    """Referrals, offers of work, services with the next code, and what charities gave, of the person and of those for whom
    the person consented."""
    plans = []
    for plan in ServicePlan.objects.exclude(state="draft").order_by("-id")[:LATEST]:
        items = []
        for item in plan.items.order_by("id"):
            free = Voucher.objects.filter(item=item, delivery=None).order_by("serial").first() if plan.state == "running" else None
            items.append({"row": item, "used": item.deliveries.count(), "next": free.code if free else ""})
        plans.append({"row": plan, "items": items, "deliveries": Delivery.objects.filter(item__plan=plan).select_related(
            "item", "evaluation").order_by("-at")[:LATEST]})
    person = request.citizen.person_id
    return render(request, "assistance/my_aid.html", {
        "referrals": Referral.objects.order_by("-id")[:LATEST], "offers": JobOffer.objects.order_by("-id")[:LATEST],
        "plans": plans, "represents": Representative.objects.exists(),
        "needs": [{"row": need, "claim": Claim.objects.filter(need=need, state__in=("claimed", "matched", "served")).first(),
                   "gift": Gift.objects.select_related("feedback").filter(claim__need=need).first()}
                  for need in Need.objects.order_by("-id")[:LATEST]], "me_person": person})


@require_http_methods(["GET", "POST"])
@citizens_only
def evaluate(request: HttpRequest, delivery: int) -> HttpResponse:
    row = Delivery.objects.select_related("item").filter(pk=delivery).first()
    if row is None:
        raise NotFound("没有找到这次服务。")
    form = EvaluateForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and carried_out(
            form, lambda: do_evaluate(row.pk, by=request.citizen, **form.cleaned_data)):
        messages.success(request, "谢谢您的评价。")
        return redirect("assistance_my:aid")
    return _say(request, "评价这次服务", f"{row.item.get_kind_display()} · {row.worker}", form)


@require_http_methods(["GET", "POST"])
@citizens_only
def feedback(request: HttpRequest, gift: int) -> HttpResponse:
    row = Gift.objects.select_related("claim").filter(pk=gift).first()
    if row is None:
        raise NotFound("没有找到这次帮扶。")
    form = SayForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and carried_out(
            form, lambda: do_say(row.pk, by=request.citizen, **form.cleaned_data)):
        messages.success(request, "谢谢您的反馈。")
        return redirect("assistance_my:aid")
    return _say(request, "说说这次帮扶", f"{row.claim.organisation_name}:{row.what}", form)


def _say(request: HttpRequest, title: str, about: str, form: Any) -> HttpResponse:
    return render(request, "assistance/my_say.html", {"title": title, "about": about, "form": form},
                  status=422 if request.method == "POST" else 200)
