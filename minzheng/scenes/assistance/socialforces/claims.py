"""Claiming, matching with consent, giving, thanking; and taking back what was not done in time."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Actor, Citizen, Officer, Service, require_role
from minzheng.data.registry.models import Person
from minzheng.office.notices.actions import do_notify
from minzheng.scenes.assistance.aid import CONSENT_WAYS, check_scene, limit, need_text, pk_of, row_by_number
from minzheng.scenes.assistance.socialforces.models import (
    CLAIM,
    CLAIM_NEXT,
    CLAIM_STATES,
    NEED,
    Claim,
    Disclosure,
    Feedback,
    Gift,
    Need,
)
from minzheng.scenes.assistance.socialforces.needs import (
    REVIEWERS,
    WRITERS,
    charity_of,
    check_no_money,
    check_version,
    get_need_for,
    move_need,
    record,
)

PROCESS = "need_match"
MATCHED, RETURNED, GIVEN = "social.matched", "social.returned", "social.given"
TAKEN = "这个需求刚刚被别的组织认领,或已经结束。请看看其他需求。"
MOST_FEN = 100_000_000


def get_claim_for(by: Officer, number: str, *, lock: bool = False) -> Claim:
    return row_by_number(Claim, CLAIM, number, by=by, lock=lock, missing="没有找到这次认领,或它不在您的辖区。")


def get_own_claim(by: Citizen, number: str) -> Claim:
    """The representative's own claim; anybody else's is as if it did not exist."""
    pk = pk_of(CLAIM, number)
    found = Claim.objects.filter(pk=pk, representative=by.person_id).first() if pk is not None else None
    if found is None:
        raise NotFound("没有找到您的这次认领。")
    return found


def move_claim(row: Claim, state: str, **changes: Any) -> None:
    if state not in CLAIM_NEXT[row.state]:
        raise Refused(f"这次认领{CLAIM_STATES[row.state]},不能改为{CLAIM_STATES[state]}。")
    row.state, row.version = state, row.version + 1
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "version", *changes])


def do_claim(number: str, *, how: str, key: str, by: Citizen) -> int:
    """认领 by a charity's representative on the phone; the first who presses has it. Returns the claim's key."""
    words = need_text(how, 4, "打算怎样帮", "how")
    check_no_money(words, "how")
    pk = pk_of(NEED, number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim, outcome FROM social_claim(%s, %s, %s, %s, %s)",
                       [pk or 0, words[:300], key, clock.today(), clock.now()])
        claim, outcome = cursor.fetchone()
    if outcome == "nobody":
        raise NotAllowed("您现在不是社会组织的代表人,或授权已经到期。请联系登记地的县级民政部门。")
    if outcome == "taken":
        raise Stale(TAKEN)
    if outcome == "claimed":
        row = Claim.objects.get(pk=claim)
        audit.record("social.claimed", by=by, obj_type="need", obj_id=number, jurisdiction=row.jurisdiction,
                     after={"organisation": row.organisation_name})
    return int(claim)


def do_claim_for(number: str, *, charity: str, document: str, how: str, key: str, version: int, by: Officer) -> Claim:
    """认领 entered by an officer on the charity's behalf, by its letter."""
    require_role(by, *WRITERS)
    row = get_need_for(by, number, lock=True)
    known = Claim.objects.filter(key=key, need=row).first()
    if known is not None:
        return known
    check_version(row, version)
    organisation = charity_of(charity)
    words, paper = need_text(how, 4, "打算怎样帮", "how"), need_text(document, 4, "认领的依据", "document")
    check_no_money(words, "how")
    if row.state != "open" or row.until is None or row.until < clock.today():
        raise Stale(TAKEN)
    try:
        with transaction.atomic():
            claim = Claim.objects.create(
                need=row, jurisdiction=row.jurisdiction, organisation=organisation.pk, organisation_name=organisation.name,
                document=paper, title=row.title, description=row.description, how=words, claimed_at=clock.now(), key=key)
    except IntegrityError as error:
        raise Stale(TAKEN) from error
    move_need(row, "claimed")
    events.emit("social.claimed", aggregate=f"need:{row.pk}", jurisdiction=row.jurisdiction, payload={"claim": claim.pk})
    record("social.claimed", row, by, {"organisation": organisation.name, "document": paper})
    return claim


def ask_for_match(claim: int, *, by: Service) -> None:
    """The reviewer's task on a fresh claim. May be run twice."""
    row = Claim.objects.filter(pk=claim, state="claimed").first()
    if row is not None and not flow.open_tasks(row.number):
        flow.start(PROCESS, subject=row.number, jurisdiction=row.jurisdiction, data={}, by=by)


def check_match(row: Claim, consent_on: dt.date, consent_way: str) -> None:
    if row.state != "claimed":
        raise Stale("这次认领已经审核过了,请刷新页面。")
    if consent_way not in CONSENT_WAYS:
        raise Refused("请选择家庭怎样同意告知联系方式。", field="consent_way")
    if not row.claimed_at.astimezone(clock.SHANGHAI).date() <= consent_on <= clock.today():
        raise Refused("同意日期应在认领之后:家庭须知道是哪个组织,再同意把联系方式告诉它。", field="consent_on")


def do_match(number: str, *, consent_on: dt.date, consent_way: str, version: int, by: Officer) -> Claim:
    """同意对接: with the household's consent to this charity its contact data is disclosed, and that is on record."""
    require_role(by, *REVIEWERS)
    row = get_claim_for(by, number, lock=True)
    check_version(row, version)
    check_match(row, consent_on, consent_way)
    need = get_need_for(by, row.need.number, lock=True)
    if need.written_by == by.account_id:
        raise Refused("登记需求的人不能审核对接,请由另一位工作人员办理。")
    person = Person.objects.filter(pk=need.consent_person).first()
    if person is None:
        raise Refused("联系人的档案不在本辖区,请先联系家庭核实。")
    _finish(row, "match", by)
    days = limit("social.serve.days", row.jurisdiction).value
    move_claim(row, "matched", decided_name=by.name, serve_by=clock.today() + dt.timedelta(days=days))
    move_need(need, "matched")
    Disclosure.objects.create(
        claim=row, jurisdiction=row.jurisdiction, person=person.pk, consent_on=consent_on, consent_way=consent_way,
        disclosed_by=by.account_id, disclosed_name=by.name, at=clock.now(), contact=json.dumps(
            {"name": person.name, "phone": person.phone or "", "address": person.address}, ensure_ascii=False))
    audit.record("social.disclosed", by=by, obj_type="need", obj_id=need.number, jurisdiction=need.jurisdiction,
                 subject_person=person.pk, after={"to": row.organisation_name, "fields": ["name", "phone", "address"]},
                 reason=f"经家庭同意({CONSENT_WAYS[consent_way]},{consent_on})告知联系方式")
    _tell(row, need, MATCHED, {"charity": row.organisation_name, "title": need.title, "until": str(row.serve_by)})
    return row


def _finish(row: Claim, outcome: str, by: Officer) -> None:
    """The reviewer's task ends with the outcome; the acting post must be the task's."""
    task = next((t for t in flow.open_tasks(row.number) if t.key == "match"), None)
    if task is None:
        raise Refused("审核任务还没有生成或已经办结,请稍后刷新页面。")
    if task.status == "ready":
        task = flow.claim(task, by=by)
    flow.complete(task, by=by, outcome=outcome, version=task.version)


def do_reject(number: str, *, reason: str, version: int, by: Officer) -> Claim:
    """不同意: the need is in the pool again."""
    require_role(by, *REVIEWERS)
    row = get_claim_for(by, number, lock=True)
    check_version(row, version)
    if row.state != "claimed":
        raise Stale("这次认领已经审核过了,请刷新页面。")
    why = need_text(reason, 4, "不同意的原因", "reason")
    _finish(row, "back", by)
    _back(row, why, by=by, decided_name=by.name)
    return row


def do_take_back(number: str, *, reason: str, version: int, by: Officer) -> Claim:
    """收回: the charity gives up, or the household no longer agrees. What was disclosed stays on record."""
    require_role(by, *WRITERS, *REVIEWERS)
    row = get_claim_for(by, number, lock=True)
    check_version(row, version)
    why = need_text(reason, 4, "收回的原因", "reason")
    _signal(row, by)
    _back(row, why, by=by)
    return row


def _signal(row: Claim, by: Actor) -> None:
    if flow.open_tasks(row.number):
        flow.signal(row.number, "claim_over", {}, by=by, missing_ok=True)


def _back(row: Claim, reason: str, *, by: Actor, **changes: Any) -> None:
    move_claim(row, "returned", end_reason=reason, **changes)
    need = Need.objects.select_for_update().get(pk=row.need_id)
    past = need.until is not None and need.until < clock.today()
    days = limit("social.offer.days", need.jurisdiction).value
    move_need(need, "open", **({"until": clock.today() + dt.timedelta(days=days)} if past else {}))
    record("social.returned", need, by, {"organisation": row.organisation_name}, reason)
    if row.representative is not None:
        do_notify(RETURNED, {"title": row.title, "reason": reason}, key=f"{row.number}:returned",
                  jurisdiction=row.jurisdiction, person=row.representative)


def _tell(row: Claim, need: Need, template: str, data: dict[str, str]) -> None:
    for person in {need.person, need.consent_person, row.representative} - {None}:
        do_notify(template, data, key=f"{row.number}:{template}:{person}", jurisdiction=row.jurisdiction, person=person)


def contact_of(row: Claim, *, by: Officer | Citizen) -> dict[str, str]:
    """The disclosed contact data, for the charity's representative while it is matched, or the officer who hands it over.
    Empty without a disclosure. Every look is recorded for the person to see."""
    found = Disclosure.objects.filter(claim=row).first()
    if found is None or row.state != "matched":
        return {}
    audit.record("social.contact_read", by=by, obj_type="claim", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=found.person, reason=f"{row.organisation_name}查看联系方式")
    contact: dict[str, str] = json.loads(found.contact)
    return contact


def check_give(row: Claim, kind: str, what: str, value_fen: int, hours: Decimal | None, given_on: dt.date) -> str:
    if row.state != "matched":
        raise Stale("这次认领不在对接中,不能登记帮扶。请刷新页面。")
    if kind not in ("goods", "service"):
        raise Refused("只登记物资和服务,不登记钱款。", field="kind")
    words = need_text(what, 4, "给了什么", "what")
    check_no_money(words, "what")
    if not 0 < value_fen <= MOST_FEN:
        raise Refused("请填写折合的价值(元),服务按当地志愿服务折算。", field="value_fen")
    if kind == "service" and not hours:
        raise Refused("服务请填写小时数。", field="hours")
    if not row.claimed_at.astimezone(clock.SHANGHAI).date() <= given_on <= clock.today():
        raise Refused("帮扶日期应在认领之后,且不晚于今天。", field="given_on")
    return words


def do_give(row: Claim, *, kind: str, what: str, value_fen: int, hours: Decimal | None, given_on: dt.date,
            by: Officer | Citizen) -> Gift:
    """登记帮扶, once a claim, by its representative or by an officer. The database moves claim and need on."""
    if isinstance(by, Officer):
        require_role(by, *WRITERS)
    words = check_give(row, kind, what, value_fen, hours, given_on)
    try:
        with transaction.atomic():
            gift = Gift.objects.create(claim=row, jurisdiction=row.jurisdiction, kind=kind, what=words, value_fen=value_fen,
                                       hours=hours, given_on=given_on, recorded_by=by.account_id, recorded_name=by.name,
                                       recorded_at=clock.now())
    except IntegrityError as error:
        raise Stale("这次帮扶已经登记过了,请刷新页面。") from error
    audit.record("social.given", by=by, obj_type="claim", obj_id=row.number, jurisdiction=row.jurisdiction,
                 after={"kind": kind, "value_fen": value_fen})
    events.emit("social.given", aggregate=f"need:{row.need_id}", jurisdiction=row.jurisdiction, payload={"claim": row.pk})
    return gift


def ask_for_feedback(claim: int, *, by: Service) -> None:
    """The household is told what was recorded, and asked. May be run twice."""
    row = Claim.objects.select_related("need", "gift").get(pk=claim)
    for person in {row.need.person, row.need.consent_person}:
        do_notify(GIVEN, {"charity": row.organisation_name, "what": row.gift.what}, key=f"{row.number}:given:{person}",
                  jurisdiction=row.jurisdiction, person=person)


def do_say(gift: int, *, score: int, text: str, thanks: str, by: Citizen | Officer) -> Feedback:
    """反馈 of the household, once; the thanks reach the charity without a name."""
    found = Gift.objects.select_related("claim").filter(pk=gift).first()
    if found is None:
        raise NotFound("没有找到这次帮扶。")
    if isinstance(by, Officer):
        require_role(by, *WRITERS)
        check_scene(by, found.jurisdiction)
        if found.recorded_by == by.account_id:
            raise Refused("登记帮扶的人不能代为反馈,请由另一位工作人员回访。")
    elif not Need.objects.filter(claims__gift=found).exists():
        raise NotFound("没有找到这次帮扶。")
    if score not in range(1, 6):
        raise Refused("请选择满意的程度。", field="score")
    if score <= 2 and len(text.strip()) < 4:
        raise Refused("请写明哪里不满意,我们会核实。", field="text")
    try:
        with transaction.atomic():
            made = Feedback.objects.create(gift=found, jurisdiction=found.jurisdiction, score=score, text=text.strip(),
                                           thanks=thanks.strip(), by_name=by.name, at=clock.now())
    except IntegrityError as error:
        raise Refused("这次帮扶已经反馈过了。", field="score") from error
    audit.record("social.said", by=by, obj_type="claim", obj_id=found.claim.number, jurisdiction=found.jurisdiction,
                 after={"score": score})
    return made


def take_back_late(*, by: Service, limit_: int = 100) -> int:
    """Claims that waited too long for a match, and matches not served in time, return to the pool. Run until 0."""
    today, done = clock.today(), 0
    rows = Claim.objects.select_for_update(skip_locked=True)
    late = list(rows.filter(state="matched", serve_by__lt=today).order_by("id")[:limit_])
    for row in rows.filter(state="claimed", claimed_at__lt=clock.now() - dt.timedelta(days=1)).order_by("id"):
        if row.claimed_at + dt.timedelta(days=limit("social.match.days", row.jurisdiction).value) < clock.now():
            late.append(row)
    for row in late:
        _signal(row, by)
        _back(row, "到期没有帮扶" if row.state == "matched" else "到期没有对接", by=by)
        done += 1
    return done


def close_old(*, by: Service, limit_: int = 100) -> int:
    """Needs that nobody claimed in time end. Run until 0."""
    rows = list(Need.objects.select_for_update(skip_locked=True).filter(state="open", until__lt=clock.today())
                .order_by("id")[:limit_])
    for row in rows:
        move_need(row, "closed", end_reason="发布期满无人认领")
        record("social.closed", row, by, {}, row.end_reason)
    return len(rows)
