"""The run of a request: asks what is still open, keeps each answer as it comes, and comes back for the rest.

It may be killed at any point: what was answered is in the database together with its exchange record, and the next run
asks only the others. Two runs of one request at once: the second finds the lock taken and does nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotFound
from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.data.exchange import client
from minzheng.scenes.assistance.verification.authorising import in_force
from minzheng.scenes.assistance.verification.findings import Unreadable, findings_of
from minzheng.scenes.assistance.verification.models import OPEN, UNSETTLED, SourceAnswer, VerificationRequest
from minzheng.scenes.assistance.verification.requesting import queue
from minzheng.scenes.assistance.verification.sources import RESOURCE

# 示例值: pauses before the second, third … round.
PAUSES = (dt.timedelta(minutes=1), dt.timedelta(minutes=10), dt.timedelta(hours=1), dt.timedelta(hours=6),
          dt.timedelta(days=1), dt.timedelta(days=1))
TIMEOUT = 15.0  # seconds for one question; nobody waits at a page for it
_LOCK = 7_612_001
Status = VerificationRequest.Status


def run_check(request_id: int, *, by: Service) -> None:
    """One round. Nothing happens for a request that is closed, or that another run holds."""
    with _only_run(request_id) as mine:
        if mine and (questions := _begin(request_id, by)):
            client.ask_many(questions, by=by, timeout=TIMEOUT, on_results=_keep)
            _end(request_id, by)


@contextmanager
def _only_run(request_id: int) -> Iterator[bool]:
    """A lock of the database session, so that it goes with a killed process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, request_id % 2**31])
        mine: bool = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, request_id % 2**31])


def _begin(request_id: int, by: Service) -> list[client.Question]:
    """The questions still open, audited as asked; empty (and the request withdrawn) without a valid authorisation."""
    with acting(by.scope()):
        request = VerificationRequest.objects.select_for_update().filter(pk=request_id).first()
        if request is None:
            raise NotFound("没有找到这次核对。")
        if request.status not in OPEN:
            return []
        form = request.authorisation
        if not in_force(form):
            _close(request, Status.WITHDRAWN)
            return []
        open_answers = list(request.answers.filter(status__in=UNSETTLED).select_related("member").order_by("id"))
        request.status, request.next_at = Status.RUNNING, None
        request.save(update_fields=["status", "next_at"])
        asked: dict[int, int] = {}
        for answer in open_answers:
            asked[answer.member.person] = asked.get(answer.member.person, 0) + 1
        for person, count in asked.items():
            audit.record("verification.asked", by=by, obj_type="verification.request", obj_id=request.number,
                         jurisdiction=request.jurisdiction, subject_person=person, reason=request.purpose,
                         after={"departments": count})
        if not open_answers:
            _close(request, Status.COMPLETE)
        return [
            client.Question(
                partner=answer.department, resource=RESOURCE, purpose=request.purpose, case=request.case_code,
                authorisation=form.number, jurisdiction=request.jurisdiction, key=answer.pk,
                subject=client.Subject(answer.member.id_number, answer.member.name, answer.member.person))
            for answer in open_answers]


def _keep(results: list[client.Result]) -> None:
    """Writes the answers down, in the transaction of their exchange records. What cannot be read is not believed."""
    answers = SourceAnswer.objects.in_bulk([result.question.key for result in results])
    for result in results:
        answer = answers[result.question.key]
        answer.status, answer.detail = result.status, result.detail
        answer.attempts += max(1, result.attempts)
        answer.call = result.call
        if result.answer is not None:
            records = list(result.answer.records)
            try:
                findings_of(answer.department, records)
            except Unreadable as error:
                answer.status, answer.detail = "not_answered", f"应答内容无法识读:{error}"[:200]
            else:
                answer.records, answer.as_of = json.dumps(records, ensure_ascii=False), result.answer.as_of
                answer.answered_at = clock.now()
    SourceAnswer.objects.bulk_update(
        answers.values(), ["status", "detail", "attempts", "call", "records", "as_of", "answered_at"])


def _end(request_id: int, by: Service) -> None:
    with acting(by.scope()):
        request = VerificationRequest.objects.select_for_update().get(pk=request_id)
        open_count = request.answers.filter(status__in=UNSETTLED).count()
        request.rounds += 1
        for person in request.members.values_list("person", flat=True):
            audit.record("verification.answered", by=by, obj_type="verification.request", obj_id=request.number,
                         jurisdiction=request.jurisdiction, subject_person=person, after={"open": open_count})
        if not open_count:
            _close(request, Status.COMPLETE)
            return
        request.status = Status.PARTIAL
        if request.rounds <= len(PAUSES):
            request.next_at = clock.now() + PAUSES[request.rounds - 1]
            queue(request, by=by)
        request.save(update_fields=["status", "rounds", "next_at"])
        events.emit("verification.partial", aggregate=f"case:{request.case_code}", jurisdiction=request.jurisdiction,
                    payload={"request": request.number, "open": open_count})


def _close(request: VerificationRequest, status: str) -> None:
    request.status, request.next_at, request.completed_at = status, None, clock.now()
    request.save(update_fields=["status", "rounds", "next_at", "completed_at"])
    name = "verification.completed" if status == Status.COMPLETE else "verification.stopped"
    events.emit(name, aggregate=f"case:{request.case_code}", jurisdiction=request.jurisdiction,
                payload={"request": request.number})
