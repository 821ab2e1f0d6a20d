"""Referring, reminding, withdrawing, and taking an answer that came by telephone or letter."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock, events, flow, jobs
from minzheng.base.crypto import blind_index
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused, Stale
from minzheng.base.identity.officer import Actor, Officer, Service, require_role
from minzheng.base.scope.ranges import office_of
from minzheng.data.registry.models import Household, Person
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.notices.actions import do_notify
from minzheng.scenes.assistance.aid import (
    Consent,
    check_consent,
    consented,
    household_for,
    living_members,
    need_text,
    row_by_number,
)
from minzheng.scenes.assistance.recognitions.models import RecognitionMember
from minzheng.scenes.assistance.referrals.departments import DEPARTMENTS
from minzheng.scenes.assistance.referrals.models import BASES, NEXT, PREFIX, STATES, Referral, ReferralEvent

PROCESS = "referral"
JOB = "referrals.round"
MAKERS = ("village_worker", "town_clerk", "county_clerk")
READERS = (*MAKERS, "town_reviewer", "county_approver", "county_leader", "city_officer", "province_officer")
MAC = "referral"
TOLD = "referral.told"


def get_referral_for(by: Officer, number: str, *, lock: bool = False) -> Referral:
    """Within scope and scene, or NotFound; reading is audited, locking is for actions."""
    found = row_by_number(Referral, PREFIX, number, by=by, lock=lock, missing="没有找到这件转介,或它不在您的辖区。")
    if not lock:
        audit.record("referral.read", by=by, obj_type="referral", obj_id=found.number, jurisdiction=found.jurisdiction,
                     subject_person=found.person, reason="查看转介")
    return found


def tell(row: Referral, kind: str, text: str, by: Actor) -> None:
    """One line of what happened; the case's own timeline hears the main ones."""
    ReferralEvent.objects.create(referral=row, jurisdiction=row.jurisdiction, kind=kind, text=text,
                                 name="系统" if isinstance(by, Service) else by.name, at=clock.now())


def check_refer(household: Household, person: int, department: str, ask: str, basis: str, reason: str,
                consent: Consent) -> tuple[Person, Person]:
    """The person and who consented. May refuse; writes nothing."""
    members = living_members(household)
    whom = members.get(person)
    if whom is None:
        raise Refused("转介对象须是这一户在世的家庭成员,请重新选择。", field="person")
    if department not in DEPARTMENTS or ask not in DEPARTMENTS[department].asks:
        raise Refused("请从列表选择转介到哪里、请对方办理什么。", field="what")
    if basis not in BASES:
        raise Refused("请选择转介的依据。", field="basis")
    need_text(reason, 10, "转介的原因", "reason")
    return whom, check_consent(consent, whom, members)


def recognised(person: int) -> RecognitionMember | None:
    """The person's 认定 today, as the department may rely on it."""
    return RecognitionMember.objects.select_related("recognition").filter(
        person=person, during__contains=clock.today()).first()


def message_of(person: Person, household: Household, department: str, ask: str, basis: str, phone: bool) -> dict[str, Any]:
    """What leaves: the least by which the department can act. No income, illness, property or other member; a phone
    number only where the person wants to be called; of a 认定 its kind, number and last day."""
    query: dict[str, Any] = {"ask": ask, "ask_title": DEPARTMENTS[department].asks[ask], "basis": basis,
                             "office": full_name(office_of(household.jurisdiction, 4), start=3)}
    held = recognised(person.pk)
    if basis == "recognised":
        if held is None:
            raise Refused("这个人现在没有有效的认定,请改选转介依据。", field="basis")
        row = held.recognition
        query |= {"kind": row.kind, "kind_title": row.kind_title, "decision": row.decision,
                  "valid_to": row.valid_to.isoformat() if row.valid_to else None}
    if phone and person.phone:
        query["phone"] = person.phone
    return {"subject": {"id_number": person.id_number, "name": person.name}, "query": query}


def do_refer(household_id: int, *, person: int, department: str, ask: str, basis: str, reason: str, consent: Consent,
             phone: bool, key: str, by: Officer, case_code: str = "") -> Referral:
    """Makes the referral and puts its sending in line. The same key again gives the first one; the same request of the
    same person to the same department is refused while it is open."""
    require_role(by, *MAKERS)
    household = household_for(by, household_id)
    known = Referral.objects.filter(key=key, created_by=by.account_id).first()
    if known is not None:
        return known
    case = _case(by, case_code, household) if case_code else None
    whom, giver = check_refer(household, person, department, ask, basis, reason, consent)
    message = json.dumps(message_of(whom, household, department, ask, basis, phone), ensure_ascii=False, sort_keys=True)
    now = clock.now()
    try:
        with transaction.atomic():
            row = Referral.objects.create(
                household_id=household.pk, jurisdiction=household.jurisdiction, person=whom.pk, person_name=whom.name,
                department=department, ask=ask, basis=basis, case_code=case_code, reason=reason.strip(), message=message,
                message_mac=blind_index(MAC, message), next_at=now, key=key, created_by=by.account_id,
                created_name=by.name, created_at=now, **consented(consent, giver))
    except IntegrityError as error:
        raise Refused("同样的转介正在办理,不用重复提出。请打开那一件查看进展或催办。", field="what") from error
    tell(row, "made", row.ask_title, by)
    flow.start(PROCESS, subject=row.number, jurisdiction=row.jurisdiction, data={}, by=by)
    row.due_at = next(task.due_at for task in flow.open_tasks(row.number))
    row.save(update_fields=["due_at"])
    jobs.defer(JOB, jurisdiction=row.jurisdiction, by=by)
    if case is not None:
        note(case, "referred", f"转介到{row.department_title}", by=by, text=row.ask_title)
    audit.record("referral.made", by=by, obj_type="referral", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=whom.pk, reason=reason.strip(),
                 after={"department": department, "ask": ask, "basis": basis, "sent_out": sorted(json.loads(message)["query"])})
    return row


def _case(by: Officer, code: str, household: Household) -> Case:
    case = get_case_for(by, code, lock=True)
    if case.household != household.pk:
        raise Refused("这个办件不是这一户的,请从办件页面重新发起转介。")
    return case


def check_open(row: Referral, version: int) -> None:
    if row.version != version:
        raise Stale("这件转介刚刚有新进展,请刷新页面后再办理。")
    if not row.open:
        raise Refused(f"这件转介{row.state_title},不能再办理。")


def move_to(row: Referral, state: str, **changes: Any) -> None:
    """The only way in which the state changes."""
    if state not in NEXT[row.state]:
        raise Refused(f"转介{STATES[row.state]},不能改为{STATES[state]}。")
    row.state, row.version = state, row.version + 1
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "version", *changes])


def do_remind(number: str, *, version: int, by: Officer) -> Referral:
    """催办: the department is asked at once and told that it is being waited for."""
    require_role(by, *MAKERS)
    row = get_referral_for(by, number, lock=True)
    check_open(row, version)
    row.reminders, row.next_at, row.version = row.reminders + 1, clock.now(), row.version + 1
    row.save(update_fields=["reminders", "next_at", "version"])
    tell(row, "reminded", f"第 {row.reminders} 次", by)
    jobs.defer(JOB, jurisdiction=row.jurisdiction, by=by)
    audit.record("referral.reminded", by=by, obj_type="referral", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, after={"times": row.reminders})
    return row


def do_withdraw(number: str, *, reason: str, version: int, by: Officer) -> Referral:
    """The household takes its consent back, or the need is gone. What was sent already is taken back at the department."""
    require_role(by, *MAKERS)
    row = get_referral_for(by, number, lock=True)
    check_open(row, version)
    why = need_text(reason, 4, "撤回的原因", "reason")
    # a row that a round has taken may be under way at this moment
    reached = row.attempts > 0 or row.state != "queued" or (row.next_at is not None and row.next_at > clock.now())
    move_to(row, "withdrawn", answered_at=clock.now(), step="withdraw" if reached else "",
            next_at=clock.now() if reached else None, attempts=0)
    flow.cancel(row.number, by=by, reason=why)
    tell(row, "withdrawn", why, by)
    if reached:
        jobs.defer(JOB, jurisdiction=row.jurisdiction, by=by)
    audit.record("referral.withdrawn", by=by, obj_type="referral", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, reason=why)
    return row


def do_take_answer(number: str, *, outcome: str, text: str, given_on: dt.date | None, version: int, by: Officer) -> Referral:
    """An answer by telephone or letter: done (with what was given and when) or declined (with the reason)."""
    row = get_referral_for(by, number, lock=True)
    check_open(row, version)
    if row.state == "queued":
        raise Refused("这件转介还没有送到对方,不能登记答复。")
    if outcome not in ("done", "declined"):
        raise Refused("请选择对方的答复。", field="outcome")
    words = need_text(text, 4, "对方答复的内容", "text")
    if outcome == "done":
        check_day(row, given_on)
    task = next((t for t in flow.open_tasks(row.number) if t.key == "follow"), None)
    if task is None:
        raise Stale("这件转介的跟进任务已经结束,请刷新页面。")
    if task.status == "ready":
        task = flow.claim(task, by=by)
    flow.complete(task, by=by, outcome=outcome, version=task.version, comment=words)
    tell(row, "told", words, by)
    settle(row, outcome, words, given_on if outcome == "done" else None, by=by)
    return row


def check_day(row: Referral, day: dt.date | None) -> None:
    """The day on which something was given lies between the referral and today."""
    if day is None or not row.created_at.astimezone(clock.SHANGHAI).date() <= day <= clock.today():
        raise Refused("办结日期应在转介之后,且不晚于今天。", field="given_on")


def settle(row: Referral, state: str, text: str, given_on: dt.date | None, *, by: Actor) -> None:
    """Keeps a department's last word and tells the person, the case and whoever listens."""
    move_to(row, state, answer=text, given_on=given_on, answered_at=clock.now(), step="", next_at=None, attempts=0, problem="")
    if row.case_code and (case := Case.objects.filter(code=row.case_code).first()):
        note(case, "referral_answered", f"{row.department_title}:{row.state_title}", by=by, text=text)
    inform(row, "已办结" if state == "done" else "没有办理", text)
    audit.record("referral.answered", by=by, obj_type="referral", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, after={"state": state, "given_on": given_on})
    events.emit("referral.answered", aggregate=row.number, jurisdiction=row.jurisdiction,
                payload={"referral": row.number, "state": state, "household": row.household_id})


def inform(row: Referral, what: str, text: str) -> None:
    """Tells the person and, for another's sake, who consented."""
    for person in {row.person, row.consent_person}:
        do_notify(TOLD, {"department": row.department_title, "ask": row.ask_title, "what": what, "text": text},
                  key=f"{row.number}:{row.state}:{person}", jurisdiction=row.jurisdiction, person=person,
                  case_code=row.case_code)


def do_tell(number: str, *, text: str, by: Officer) -> Referral:
    """The person was told that the department declined, and what is done instead."""
    row = get_referral_for(by, number, lock=True)
    words = need_text(text, 10, "怎样告知的、另外怎样帮助", "text")
    task = next((t for t in flow.open_tasks(row.number) if t.key == "tell"), None)
    if task is None:
        raise Stale("这件转介没有待告知的任务,请刷新页面。")
    if task.status == "ready":
        task = flow.claim(task, by=by)
    flow.complete(task, by=by, outcome="told", version=task.version, comment=words)
    tell(row, "told", words, by)
    audit.record("referral.told", by=by, obj_type="referral", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, reason=words)
    return row
