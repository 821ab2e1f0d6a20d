"""Publishing, objecting, answering, ending. The notice is built from the case; nobody types what it shows."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events
from minzheng.base.crypto import blind_index, encrypt
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor, Officer, Service, require_role
from minzheng.base.scope.ranges import level_of
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.publicity.models import SHOWN, Objection, Publicity

PUBLISHERS = ("town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader")
_PUBLIC = "社会公众"


def do_publish(case: Case, *, amount_fen: int, days: int, by: Officer, place: str = "", members: int | None = None
               ) -> Publicity:
    """公示 in the case's village for `days` calendar days after today (a parameter of the matter). `members`: how many it is
    about, where not the whole counted household."""
    require_role(by, *PUBLISHERS)
    if case.state != "accepted":
        raise Refused(f"办件状态是“{case.state_title}”,现在不能公示。")
    if not 1 <= days <= 60:
        raise Refused("公示天数设置有误,请联系管理员核对参数。")
    today = clock.today()
    row = _publish(case, "case", amount_fen, by=by, place=place, ends_on=today + dt.timedelta(days), members=members)
    note(case, "published", "公示", by=by, text=f"{row.starts_on} 至 {row.ends_on},公示姓名、人数和金额")
    _record("publicity.publish", case, by,
            after={"amount_fen": amount_fen, "members": row.members, "until": row.ends_on})
    events.emit("publicity.published", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})
    return row


def do_list(case: Case, *, amount_fen: int, by: Actor, members: int | None = None, place: str = "") -> Publicity:
    """Puts the household on the long-term public list, or corrects its entry. The old entry is kept as withdrawn."""
    _take_off(case, "list", "withdrawn")
    row = _publish(case, "list", amount_fen, by=by, place=place, ends_on=None, members=members)
    _record("publicity.list", case, by, after={"amount_fen": amount_fen, "members": row.members})
    return row


def do_unlist(case: Case, *, by: Actor) -> None:
    """Takes the household off the long-term list when its benefit ends; nothing happens when it is not on it."""
    if _take_off(case, "list", "ended"):
        _record("publicity.unlist", case, by)


def do_withdraw_publicity(code: str, *, by: Officer, reason: str) -> None:
    """撤下: the notice was wrong (amount, members); a new one starts its days afresh. The event tells the matter."""
    case = get_case_for(by, code, lock=True)
    require_role(by, *PUBLISHERS)
    if not reason.strip():
        raise Refused("请写明撤下公示的原因。", field="reason")
    if not _take_off(case, "case", "withdrawn"):
        raise NotFound("这个办件现在没有公示。")
    note(case, "unpublished", "撤下公示", by=by, text=reason.strip())
    _record("publicity.withdraw", case, by, reason=reason.strip())
    events.emit("publicity.withdrawn", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})


def do_object_to(ticket: uuid.UUID, *, text: str, source: str, name: str = "", phone: str = "",
                 by: Actor | None = None) -> None:
    """异议 by anybody. `source` is the network address (or `窗口`), stored as a keyed digest only."""
    if not 5 <= len(text.strip()) <= 2000:
        raise Refused("请把不同意的地方写清楚(5 至 2000 个字)。", field="text")
    if len(name) > 64 or len(phone) > 32:
        raise Refused("姓名或电话太长,请核对。", field="name")
    now = clock.now()
    values = [ticket, _sealed("text", text), _sealed("name", name), _sealed("phone", phone), source_digest(source), now,
              now.date()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select outcome, code, area from publicity_object(%s, %s, %s, %s, %s, %s, %s)", values)
        outcome, code, area = cursor.fetchone()
        if outcome == "gone":
            raise NotFound("这项公示已经结束,不能再提异议。您可以向当地民政部门或拨打 12345 反映。")
        if outcome == "often":
            raise Refused("今天提交的异议太多了,请明天再提,或到村(社区)、乡镇(街道)窗口反映。")
        audit.record("publicity.dispute", by=by or Service(_PUBLIC, area), obj_type="case", obj_id=code,
                     jurisdiction=area)


def do_answer(objection: int, *, by: Officer, answer: str, upheld: bool) -> Objection:
    """Answers one objection after checking it; the matter decides what follows (民主评议)."""
    require_role(by, *PUBLISHERS)
    row = Objection.objects.select_for_update().filter(pk=objection).first()
    if row is None:
        raise NotFound("没有找到这条异议。")
    case = get_case_for(by, Case.objects.values_list("code", flat=True).get(pk=row.case_id), lock=True)
    if row.answered_at is not None:
        raise Refused("这条异议已经答复过了。")
    if len(answer.strip()) < 5:
        raise Refused("请写明核实的情况和答复(至少 5 个字)。", field="answer")
    row.answer, row.upheld, row.answered_at, row.answered_by = answer.strip(), upheld, clock.now(), actor_title(by)
    row.save(update_fields=["answer", "upheld", "answered_at", "answered_by"])
    note(case, "dispute_answered", "答复公示异议", by=by, text="异议成立" if upheld else "异议不成立", public=False)
    _record("publicity.answer", case, by, after={"objection": row.pk, "upheld": upheld})
    return row


def do_end(case: Case, *, by: Actor) -> None:
    """公示期满: the process of the case counts the days and says when they are over; nothing when nothing is shown.

    Refused while the last day still runs: the days of the law are calendar days after the day of publishing.
    """
    row = Publicity.objects.select_for_update().filter(case_id=case.pk, kind="case", state__in=SHOWN).first()
    if row is None:
        return
    if row.ends_on is not None and row.ends_on >= clock.today():
        raise Refused(f"公示到 {row.ends_on} 才满期,现在不能结束。")
    Publicity.objects.filter(pk=row.pk).update(state="ended")
    _record("publicity.end", case, by)
    events.emit("publicity.ended", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "disputed": row.state == "disputed"})


def do_take_down(case: Case, *, by: Actor) -> None:
    """The case has ended without a decision: what is shown of it is taken down at once."""
    if _take_off(case, "case", "withdrawn"):
        _record("publicity.withdraw", case, by, reason=f"办件{case.state_title}")


def source_digest(source: str) -> bytes:
    """The same address gives the same 32 bytes; the address cannot be read back."""
    return blind_index("publicity_source", source or "unknown")


def _publish(case: Case, kind: str, amount_fen: int, *, by: Actor, place: str, ends_on: dt.date | None,
             members: int | None = None) -> Publicity:
    where = place or case.jurisdiction
    if level_of(where) < 4:
        raise Refused("公示地点应为村(社区)或乡镇(街道)。", field="place")
    if amount_fen < 0:
        raise Refused("公示金额不能小于 0。", field="amount_fen")
    counted = members or CaseMember.objects.filter(case_id=case.pk, counted=True).count()
    try:
        with transaction.atomic():
            return Publicity.objects.create(
                case_id=case.pk, jurisdiction=case.jurisdiction, kind=kind, place=where, name=case.applicant_name,
                members=counted, amount_fen=amount_fen, starts_on=clock.today(), ends_on=ends_on, ticket=uuid.uuid4(),
                actor=actor_title(by))
    except IntegrityError as error:
        raise Refused("这个办件正在公示,不能重复公示。需要更正的,请先撤下。") from error


def _take_off(case: Case, kind: str, state: str) -> int:
    return Publicity.objects.filter(case_id=case.pk, kind=kind, state__in=SHOWN).update(state=state)


def _sealed(column: str, value: str) -> bytes | None:
    return encrypt(f"publicity_objection.{column}", value.strip()) if value.strip() else None


def _record(action: str, case: Case, by: Actor, **more: Any) -> None:
    audit.record(action, by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, **more)
