"""Finding a person or household: search first, one guarded page a person, clear text only with a reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from minzheng.base import audit, clock
from minzheng.base.crypto import mask_account
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.id_numbers import looks_like_id
from minzheng.base.identity.officer import require_role
from minzheng.base.identity.pages import staff
from minzheng.base.identity.roles import role_title
from minzheng.data import registry
from minzheng.data.registry.attributes import ATTRIBUTES
from minzheng.data.registry.models import DISABILITIES, GRADES, SEXES, AttributeSource, HouseholdMember, Person
from minzheng.data.registry.people import REGISTRARS
from minzheng.data.registry.searching import PAGE
from minzheng.front.context import CASE_ROLES, office_title
from minzheng.front.desk.admin_forms import SettleForm
from minzheng.front.desk.forms import RevealForm
from minzheng.office.benefits.queries import benefits_of_person
from minzheng.office.benefits.schemes import get_scheme
from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.matters.catalogue import matter_of

READERS = (*sorted(CASE_ROLES), "data_officer")
SETTLERS = ("data_officer", "county_clerk")
FIELDS = {"id_number": "身份证号", "phone": "手机号", "bank_account": "银行账号", "illness": "重特大疾病"}
LATEST = 20


@require_GET
@staff(*READERS)
def people(request: HttpRequest) -> HttpResponse:
    """Search by full ID number, or name and place. Without words nothing is listed."""
    words, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    context: dict[str, Any] = {"words": words}
    if not words:
        return render(request, "desk/people.html", context)
    try:
        rows = registry.search(request.officer, words, after=after)
    except Refused as refusal:
        return render(request, "desk/people.html", {**context, "wrong": refusal.reason}, status=422)
    if not rows and not after and looks_like_id(words):
        context["elsewhere"] = registry.find_elsewhere(request.officer, words)
        context["may_register"] = request.officer.role in REGISTRARS and context["elsewhere"] is None
    context |= {
        "rows": rows, "searched": True,
        "next": "?" + urlencode({"q": words, "after": rows[-1].cursor}) if len(rows) == PAGE else "",
        "prev": "?" + urlencode({"q": words}) if after else "",
    }
    return render(request, "desk/people.html", context)


@require_GET
@staff(*READERS)
def person(request: HttpRequest, person: int) -> HttpResponse:
    return _page(request, person)


def _page(request: HttpRequest, number: int, *, settle: tuple[int, SettleForm] | None = None,
          status: int = 200) -> HttpResponse:
    found = registry.get_person_for(request.officer, number)
    if found.brief:
        return render(request, "desk/person_elsewhere.html", {
            "person": found, "age": found.age_on(found.death_date or clock.today()), "cases": _cases_of(number),
            "reveal": reverse("desk:person_reveal", args=[number, "id_number"])})
    sources = registry.sources_of(found)
    household = registry.household_of(found)
    may_settle = request.officer.role in SETTLERS
    context = {
        "person": found, "age": found.age_on(found.death_date or clock.today()),
        "place": full_name(found.jurisdiction, start=3),
        "residence": full_name(found.residence, start=3) if found.residence else "",
        "illness": mask_account(found.illness) if found.illness else "",
        "reveal": {name: reverse("desk:person_reveal", args=[found.pk, name]) for name in FIELDS},
        "household": household, "members": _members(household) if household else [],
        "past": HouseholdMember.objects.filter(person_id=found.pk, valid_to__isnull=False).order_by("-valid_from")[:LATEST],
        "conflicts": [_conflict(row, found, may_settle, settle) for row in sources if row.state == "conflict"],
        "sources": [_source(row) for row in sources if row.state != "conflict"],
        "benefits": [(card, get_scheme(card.scheme).title) for card in benefits_of_person(found.pk)],
        "cases": _cases_of(found.pk),
        "may_change": request.officer.role in REGISTRARS and found.death_date is None,
        "looks": [_look(entry) for entry in audit.trail_of("registry.person", found.pk, limit=LATEST)],
    }
    return render(request, "desk/person.html", context, status=status)


def _members(household: Any) -> list[dict[str, Any]]:
    """Members with their names; one whose register is elsewhere is named by place only."""
    rows = registry.members_of(household)
    names = registry.people_by_id([row.person_id for row in rows], strict=False)
    return [{"row": row, "person": names.get(row.person_id)} for row in rows]


def shown(attribute: str, value: str) -> str:
    """A value as provenance keeps it, in words."""
    if attribute in ("jurisdiction", "residence") and len(value) == 12 and value.isdigit():
        return full_name(value, start=3)
    titles = {"sex": SEXES, "disability_class": DISABILITIES, "disability_grade": GRADES}.get(attribute)
    if titles is not None and value.isdigit():
        return titles.get(int(value), value) or "无"
    return value or "—"


def _source(row: AttributeSource) -> dict[str, Any]:
    return {"row": row, "title": ATTRIBUTES[row.attribute].title, "value": shown(row.attribute, row.value)}


def _conflict(row: AttributeSource, found: Person, may_settle: bool,
              settle: tuple[int, SettleForm] | None) -> dict[str, Any]:
    from minzheng.data.registry.sources import shown as kept

    now = shown(row.attribute, kept(row.attribute, getattr(found, row.attribute)))
    form = None
    if may_settle:
        form = settle[1] if settle and settle[0] == row.pk else SettleForm(
            sensitive=ATTRIBUTES[row.attribute].sensitive, auto_id=f"id_{row.pk}_%s")
    return {**_source(row), "now": now, "form": form, "open": bool(settle and settle[0] == row.pk)}


def _cases_of(number: int) -> list[dict[str, Any]]:
    ids = CaseMember.objects.filter(person=number).order_by("-case_id").values_list("case_id", flat=True)[:LATEST]
    return [{"case": case, "matter": matter_of(case.matter, case.matter_version).name}
            for case in Case.objects.filter(pk__in=list(ids)).order_by("-id")]


def _look(entry: audit.Access | Any) -> dict[str, Any]:
    where = office_title(entry.jurisdiction) if entry.jurisdiction else "本人"
    return {"title": entry.label, "who": f"{where} {role_title(entry.role)} {entry.actor}", "text": entry.reason,
            "at": entry.at, "state": "bad" if entry.refused else "done"}


@never_cache
@require_http_methods(["GET", "POST"])
@staff(*READERS)
def reveal(request: HttpRequest, person: int, field: str) -> HttpResponse:
    """Clear text of one field: asks why, leaves a record that the person sees."""
    if field not in FIELDS:
        raise Refused("这个项目不是加密信息,不需要申请查看。")
    if request.method == "GET":  # posting asks the same door
        registry.get_person_for(request.officer, person)
    form = RevealForm(request.POST or None)
    context: dict[str, Any] = {"number": person, "title": FIELDS[field], "form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            context["value"] = registry.reveal(request.officer, person, field, form.cleaned_data["reason"])
            context["found"] = True
        except NotFound:
            raise
        except Refused as refusal:
            form.add_error("reason", refusal.reason)
    if request.method == "POST" and form.errors:
        status = 422
    return render(request, "desk/person_reveal.html", context, status=status)


@require_http_methods(["POST"])
@staff(*READERS)
def settle(request: HttpRequest, person: int, source: int) -> HttpResponse:
    """Decides one kept difference; both values stay visible."""
    require_role(request.officer, *SETTLERS)
    found = registry.get_person_for(request.officer, person)
    row = next((r for r in registry.sources_of(found) if r.pk == source), None)
    if row is None:
        raise NotFound("没有找到这条数据出入。")
    form = SettleForm(request.POST, sensitive=ATTRIBUTES[row.attribute].sensitive, auto_id=f"id_{row.pk}_%s")
    if form.is_valid():
        data = form.cleaned_data
        try:
            registry.do_settle_conflict(row.pk, accept=data["verdict"] == "accept", reason=data["reason"],
                                        value=data.get("value"), by=request.officer)
        except (NotFound, Stale):
            raise
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        else:
            messages.success(request, f"“{ATTRIBUTES[row.attribute].title}”的出入已核实。")
            return redirect("desk:person", person)
    return _page(request, person, settle=(row.pk, form), status=422)
