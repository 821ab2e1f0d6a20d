"""对决定的异议: recorded as a task with a limit, answered in writing by somebody who did not make the decision."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock, documents, events, flow
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Actor, Officer
from minzheng.base.identity.posts import posts_at
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.actions import do_object, touch
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.decisions.actions import do_revoke
from minzheng.office.decisions.models import ANSWERS, Decision, Objection
from minzheng.office.decisions.papers import issuer_of
from minzheng.office.matters.catalogue import matter_of

if TYPE_CHECKING:
    from minzheng.base.flow.models import Task

PROCESS = "decision_objection"
_SUBJECT = re.compile(r"(\d+)-Y(\d+)")


def subject_of(code: str, serial: int) -> str:
    return f"{code}-Y{serial}"


def read_subject(subject: str) -> tuple[str, int] | None:
    """Case code and serial of an objection's process; None for any other subject."""
    found = _SUBJECT.fullmatch(subject)
    return (found[1], int(found[2])) if found else None


def objectionable(case: Case) -> list[Decision]:
    """Decisions that still stand and may be objected to, newest first."""
    return list(Decision.objects.filter(case_id=case.pk, revoked_at=None).order_by("-id"))


def do_object_to_decision(code: str, *, by: Actor, text: str, version: int, number: str = "") -> Objection:
    """Records the objection and starts its task. Without a number it is against the newest decision that stands."""
    case = do_object(code, by=by, about="decision", text=text, version=version)
    found = objectionable(case)
    decision = next((row for row in found if row.number == number or not number), None)
    if decision is None:
        raise Refused("没有找到可以提出异议的决定:可能已经撤销。请刷新页面查看。", field="number")
    serial = Objection.objects.filter(case_id=case.pk).count() + 1
    try:
        with transaction.atomic():
            row = Objection.objects.create(
                decision=decision, case_id=case.pk, jurisdiction=case.jurisdiction, serial=serial, at=clock.now(),
                text=text.strip(), account=by.account_id, actor=actor_title(by), decided_by=decision.decided_by)
    except IntegrityError as error:
        raise Refused("对这个决定的异议正在复核,请等书面答复。有补充的,可以告诉乡镇(街道)工作人员。", field="text") from error
    touch(case, flags={**case.flags, "appeals": serial})
    flow.start(PROCESS, subject=subject_of(case.code, serial), jurisdiction=case.jurisdiction, data={}, by=by)
    audit.record("decision.object", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"decision": decision.number, "objection": serial})
    events.emit("decision.objected", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "decision": decision.number, "objection": serial})
    return row


def get_objection_for(by: Officer, code: str, serial: int, *, lock: bool = False) -> tuple[Case, Objection]:
    """The case and the objection within the acting post's scope and scenes."""
    case = get_case_for(by, code, lock=lock)
    rows = Objection.objects.select_related("decision")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(case_id=case.pk, serial=serial).first()
    if row is None:
        raise NotFound("没有找到这条异议。")
    return case, row


def objections_of(case: Case) -> list[Objection]:
    """All objections to decisions on the case, newest first."""
    return list(Objection.objects.filter(case_id=case.pk).select_related("decision").order_by("-serial"))


def task_of(code: str, serial: int) -> Task | None:
    """The open task of the objection, its reminder (督办) left out."""
    return next((t for t in flow.open_tasks(subject_of(code, serial)) if t.kind == "task"), None)


def others_who_can_answer(case: Case, row: Objection) -> list[str]:
    """Names of the county's leaders in office who did not make the decision."""
    held = posts_at([office_of(case.jurisdiction, 3)], "county_leader")
    return [post.account.name for post in held if post.account_id != row.decided_by]


def why_not_answer(case: Case, row: Objection, by: Officer) -> str:
    if row.answered_at is not None:
        return "这条异议已经答复。"
    if by.role != "county_leader" or by.jurisdiction != office_of(case.jurisdiction, 3):
        return "由本县没有作出这个决定的县级负责人答复,当前岗位可以查看。"
    if row.decided_by in by.hands:
        return "这个决定由您作出,异议须由另一名县级负责人答复。请在办件任务里转给他(她)。"
    return ""


def do_answer_objection(code: str, serial: int, *, by: Officer, outcome: str, answer: str, version: int,
                        legal_basis: Sequence[str] = (), remedy: str = "") -> Objection:
    """Maintains the decision with reasons, or revokes it by `do_revoke`; a decision that has been revoked meanwhile can
    only be answered as revoked. The answer is a signed paper that the person reads on the own page."""
    case, row = get_objection_for(by, code, serial, lock=True)
    if reason := why_not_answer(case, row, by):
        raise (Refused if row.answered_at is not None else NotAllowed)(reason)
    decision = row.decision
    if outcome not in ANSWERS:
        raise Refused("请选择复核的结果。", field="outcome")
    if len(answer.strip()) < 10:
        raise Refused("请写明复核的事实和理由(至少 10 个字)。", field="answer")
    if outcome == "maintain" and decision.revoked_at is not None:
        raise Refused("原决定已经撤销,不能再维持。请选择“撤销原决定”并告知当事人。", field="outcome")
    task = task_of(code, serial)
    if task is None:
        raise Refused("这条异议的任务已经办结,请刷新页面查看。")
    if task.status == "ready":
        task, version = flow.claim(task, by=by), version + 1
    flow.check_complete(task, outcome, by=by, version=version)
    if outcome == "revoke" and decision.revoked_at is None:
        do_revoke(decision.number, by=by, reasons=answer, legal_basis=legal_basis, remedy=remedy)
        case.refresh_from_db()
    row.outcome, row.answer = outcome, answer.strip()
    row.answered_at, row.answered_by, row.answered_by_title = clock.now(), by.account_id, actor_title(by)
    row.document = _issue(case, row, by=by, remedy=remedy)
    row.save(update_fields=["outcome", "answer", "answered_at", "answered_by", "answered_by_title", "document"])
    note(case, "objection_answered", f"答复对决定的异议:{ANSWERS[outcome]}", by=by, text=answer.strip())
    flow.complete(task, by=by, outcome=outcome, comment=answer.strip(), version=version)
    audit.record("decision.answer", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"objection": serial, "outcome": outcome}, reason=answer.strip())
    events.emit("decision.objection_answered", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "decision": decision.number, "objection": serial, "outcome": outcome})
    return row


def answer_number(case: Case, serial: int) -> str:
    return f"异议答复 {case.code}-{serial}"


def _issue(case: Case, row: Objection, *, by: Officer, remedy: str) -> int:
    day = row.at.astimezone(clock.SHANGHAI).date()
    data = {
        "title": "对决定异议的答复", "addressee": case.applicant_name,
        "paragraphs": [f"您于{_day(day)}对{matter_of(case.matter, case.matter_version).name}的决定"
                       f"({row.decision.number})提出异议,现答复如下。", f"复核结果:{row.outcome_title}。",
                       f"理由:{row.answer}"],
        "closing": [remedy.strip() or "不服原决定的,仍可以在期限内依法申请行政复议或者提起行政诉讼。"],
    }
    return documents.issue("objection_answer", answer_number(case, row.serial), data, by=by,
                           jurisdiction=case.jurisdiction, subject=case.code, issuer=issuer_of(case), case_id=case.pk,
                           person_id=case.applicant).pk


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def move_objections(code: str, target: str) -> None:
    """After a hand-over: the open tasks lie with the new place."""
    for row in Objection.objects.filter(case_id=Case.objects.values_list("pk", flat=True).get(code=code),
                                        answered_at=None):
        flow.move(subject_of(code, row.serial), target)

