"""急难求助 from a phone: asking, taking it up by registering the hardship, or answering why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from minzheng.base import audit, clock, flow
from minzheng.base.divisions.names import jurisdiction_for
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Citizen, Officer, require_role
from minzheng.data import registry
from minzheng.office.matters.entries import Work
from minzheng.scenes.assistance.temporary.models import WHAT, HelpRequest
from minzheng.scenes.assistance.temporary.registering import OLDEST

PROCESS = "help_request"
TAKER = "town_clerk"


def describe(numbers: Sequence[str]) -> Mapping[str, Work]:
    """Requests for the worklist: one query."""
    ids = [int(number.removeprefix("QZ")) for number in numbers]
    return {row.number: Work(row.number, reverse("assistance:help_request", args=[row.number]), "急难求助", row.name,
                             row.jurisdiction, "手机") for row in HelpRequest.objects.filter(pk__in=ids)}


def request_for(number: str, *, lock: bool = False) -> HelpRequest:
    """By its number within the acting scope; NotFound beyond it."""
    digits = number.removeprefix("QZ")
    rows = HelpRequest.objects.filter(pk=int(digits)) if number.startswith("QZ") and digits.isdigit() and digits.isascii() \
        and len(digits) <= 18 else HelpRequest.objects.none()
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound("没有这个求助,或不在您的管辖范围内。")
    return row


def open_request(number: str) -> HelpRequest:
    row = request_for(number)
    if row.state != "open":
        raise Stale(f"这个求助{row.get_state_display()},请回到待办事项。")
    return row


def own_places(by: Citizen) -> list[tuple[str, str]]:
    """Where the citizen is registered, and where the citizen lives when that is elsewhere."""
    person = registry.get_person_for(by, by.person_id)
    found = {person.jurisdiction: "户籍所在地"}
    if person.residence and person.residence not in found:
        found[person.residence] = "现居住地"
    return list(found.items())


def do_ask(*, place: str, what: int, happened_on: dt.date, where: str, reason: str, phone: str, key: str, by: Citizen
           ) -> HelpRequest:
    """Registers the request and starts its clock. The same key gives the same request."""
    known = HelpRequest.objects.filter(key=key, person=by.person_id).first()
    if known is not None:
        return known
    if what not in WHAT or place not in dict(own_places(by)):
        raise Refused("请选择急难情形和发生地。在外地遇到急难的,请直接到当地乡镇(街道)求助。", field="place")
    if not 0 <= (clock.today() - happened_on).days <= OLDEST:
        raise Refused(f"发生日期应在最近 {OLDEST} 天以内(示例值)。", field="happened_on")
    person = registry.get_person_for(by, by.person_id)
    try:
        with transaction.atomic():
            row = HelpRequest.objects.create(
                person=person.pk, name=person.name, jurisdiction=jurisdiction_for(place), phone=phone, what=what, key=key,
                happened_on=happened_on, place=where.strip(), reason=reason.strip(), asked_at=clock.now())
    except IntegrityError as error:
        raise Refused("您已有一个求助在等待接办,乡镇(街道)会尽快联系您。") from error
    flow.start(PROCESS, subject=row.number, jurisdiction=row.jurisdiction, data={}, by=by)
    audit.record("temporary.asked", by=by, obj_type="help_request", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, after={"what": row.what})
    return row


def initial(row: HelpRequest, *, by: Officer) -> dict[str, Any]:
    """What the registering form begins with; the ID number is read with its reason on record."""
    return {"id_number": registry.reveal(by, row.person, "id_number", f"接办急难求助 {row.number}"), "phone": row.phone,
            "place": row.jurisdiction, "where": row.place, "what": row.what, "happened_on": row.happened_on, "reason": row.reason}


def do_take(number: str, case_code: str, *, by: Officer) -> None:
    """The hardship has been registered as a case."""
    _answer(number, "taken", "", case_code, by)


def do_decline(number: str, *, answer: str, by: Officer) -> None:
    """No sudden hardship: the person reads why and where to go."""
    if len(answer.strip()) < 5:
        raise Refused("请写明理由和可以申请的其他救助(至少 5 个字)。", field="answer")
    _answer(number, "declined", answer.strip(), "", by)


def _answer(number: str, state: str, answer: str, case_code: str, by: Officer) -> None:
    require_role(by, TAKER)
    with transaction.atomic():
        row = request_for(number, lock=True)
        if row.state == state and row.case_code == case_code:
            return
        if row.state != "open":
            raise Stale(f"这个求助{row.get_state_display()},请刷新页面。")
        task = next((t for t in flow.open_tasks(row.number)), None)
        if task is None:
            raise Stale("这个求助的任务已经办结,请刷新页面。")
        if task.status == "ready":
            task = flow.claim(task, by=by)
        flow.complete(task, by=by, outcome=state, version=task.version, comment=answer)
        row.state, row.answer, row.case_code = state, answer, case_code
        row.answered_by, row.answered_name, row.answered_at = by.account_id, by.name, clock.now()
        row.save()
        audit.record("temporary.answered", by=by, obj_type="help_request", obj_id=row.number, jurisdiction=row.jurisdiction,
                     subject_person=row.person, after={"state": state, "case": case_code}, reason=answer)
