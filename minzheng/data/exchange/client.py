"""Asking partners. Every call has a case, a purpose and an authorisation (社会救助法 art. 70(6)) and is recorded twice.

No call is made inside a transaction: records are written in short transactions of the asker's own scope, before the
request leaves and after it ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.scope import acting
from minzheng.base.scope.ranges import lies_in
from minzheng.data.exchange import wire
from minzheng.data.exchange.models import ExchangeRecord, Partner
from minzheng.data.exchange.transport import Reply, call

TIMEOUT = 5.0  # seconds for one attempt
PARALLEL = 64
ANSWERED = ("found", "none", "mismatch")  # the partner has said all it has to say
STATUS_NAMES = {
    "found": "已反馈", "none": "查无记录", "mismatch": "姓名与证件号码不符", "partial": "反馈不完整",
    "not_answered": "未应答", "refused": "对方拒绝", "bad_signature": "签名不符",
}

Asker = Officer | Service


@dataclass(frozen=True)
class Subject:
    """The person asked about. `person` is the registry's number, where known: the audit shows it to that person."""

    id_number: str
    name: str
    person: int | None = None


@dataclass(frozen=True)
class Question:
    """`key` is the caller's own mark, to find the question again in the results."""

    partner: str
    resource: str
    purpose: str
    case: str
    authorisation: str
    jurisdiction: str
    subject: Subject | None = None
    query: dict[str, Any] = field(default_factory=dict)
    key: Any = None


@dataclass(frozen=True)
class Answer:
    """What came back and was verified. `content` is the whole answer, `records` its rows about the person."""

    partner: str
    outcome: str
    records: tuple[dict[str, Any], ...]
    as_of: str
    content: dict[str, Any]
    call: uuid.UUID


@dataclass(frozen=True)
class Result:
    """How one question ended; `answer` is there for found, none, mismatch and partial."""

    question: Question
    status: str
    detail: str
    attempts: int
    call: uuid.UUID
    answer: Answer | None

    @property
    def settled(self) -> bool:
        return self.status in ANSWERED


class NotAnswered(Refused):
    """The partner did not answer, or not so that it can be believed."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"{result.question.partner}{STATUS_NAMES[result.status]}:{result.detail}。请稍后重试。")
        self.result = result


def ask(
    partner: str, resource: str, query: dict[str, Any] | None = None, *, by: Asker, jurisdiction: str, purpose: str,
    case: str, authorisation: str, subject: Subject | None = None, timeout: float = TIMEOUT,
) -> Answer:
    """One question. NotAnswered when there is no believable answer (it is recorded all the same)."""
    question = Question(partner, resource, purpose, case, authorisation, jurisdiction, subject, query or {})
    (result,) = ask_many([question], by=by, timeout=timeout)
    if result.answer is None:
        raise NotAnswered(result)
    return result.answer


def ask_many(
    questions: Sequence[Question], *, by: Asker, timeout: float = TIMEOUT, parallel: int = PARALLEL,
    on_results: Callable[[list[Result]], None] | None = None,
) -> list[Result]:
    """All at once; one partner's failure is its own result and stops nobody. Results are in the questions' order.

    `on_results` receives results as they arrive, inside the transaction that records them, so that what is recorded as
    answered is also kept. Refused (and nothing sent) when any question lacks case, purpose or authorisation, names an
    unknown partner, or lies outside the asker's jurisdiction.
    """
    _no_open_transaction()
    _check(questions, by)
    scope = by.scope()
    with acting(scope):
        partners = {p.code: p for p in Partner.objects.filter(code__in={q.partner for q in questions}, active=True)}
        for question in questions:
            if question.partner not in partners:
                raise Refused(f"没有登记或已停用的交换单位:{question.partner}。请联系系统管理员。")
        calls = [(uuid.uuid4(), question, wire.canonical(_body(question))) for question in questions]
        ExchangeRecord.objects.bulk_create(
            _record(number, "sent", question, content, by) for number, question, content in calls)
    results: dict[uuid.UUID, Result] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(parallel, len(calls)))) as pool:
        running: dict[Future[Reply], tuple[uuid.UUID, Question, bytes]] = {}
        for item in calls:
            partner = partners[item[1].partner]
            future = pool.submit(
                call, partner.code, partner.base_url, partner.public_key, item[1].resource, item[2], timeout)
            running[future] = item
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            ended = [(*running.pop(future), future.result()) for future in done]
            fresh = [_result(number, question, reply) for number, question, _, reply in ended]
            with acting(scope):
                ExchangeRecord.objects.bulk_create(_record(n, "ended", q, c, by, reply) for n, q, c, reply in ended)
                if on_results:
                    on_results(fresh)
            results |= {result.call: result for result in fresh}
    return [results[number] for number, _, _ in calls]


def _no_open_transaction() -> None:
    """The transaction that a test case opens around itself does not count, as in `atomic(durable=True)`."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("部门查询不能在数据库事务中进行")


def _check(questions: Sequence[Question], by: Asker) -> None:
    if not isinstance(by, (Officer, Service)):
        raise NotAllowed("只有经办岗位和服务岗可以向部门查询。")
    for question in questions:
        if not (question.case.strip() and question.purpose.strip() and question.authorisation.strip()):
            raise Refused("向部门查询必须写明业务编号、用途和授权书编号(社会救助法第七十条)。请补全后再查询。")
        if not lies_in(question.jurisdiction, by.jurisdiction):
            raise NotAllowed("查询对象不在本岗位的管辖范围内。请转给有管辖权的单位办理。")


def _body(question: Question) -> dict[str, Any]:
    body: dict[str, Any] = {"purpose": question.purpose, "case": question.case,
                            "authorisation": question.authorisation, "query": question.query}
    if question.subject:
        body["subject"] = {"id_number": question.subject.id_number, "name": question.subject.name}
    return body


def _record(
    number: uuid.UUID, phase: str, question: Question, content: bytes, by: Asker, reply: Reply | None = None
) -> ExchangeRecord:
    record = ExchangeRecord(
        call=number, phase=phase, partner_code=question.partner, resource=question.resource, purpose=question.purpose,
        case_code=question.case, authorisation=question.authorisation,
        subject_person=question.subject.person if question.subject else None, jurisdiction=question.jurisdiction,
        asked_by=by.name, at=clock.now(), body_digest=wire.digest(content))
    if reply:
        for name in ("request_digest", "request_signature", "answer_digest", "answer_signature", "status",
                     "http_status", "attempts", "detail"):
            setattr(record, name, getattr(reply, name))
    return record


def _result(number: uuid.UUID, question: Question, reply: Reply) -> Result:
    answer = None
    if reply.status in (*ANSWERED, "partial"):
        rows = reply.content.get("records")
        records = tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        answer = Answer(question.partner, reply.status, records, str(reply.content.get("as_of", "")), reply.content,
                        number)
    return Result(question, reply.status, reply.detail, reply.attempts, number, answer)
