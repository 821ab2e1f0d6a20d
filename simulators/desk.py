"""One department at its window: checks who asks and why, then answers for one person."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulators import news, wire
from simulators.departments import Department, dump, error_body
from simulators.faults import Switches, contradiction, half
from simulators.store import Store

WINDOW = 300  # seconds a request stays fresh; a nonce is remembered twice as long
MAX_BODY = 32 * 1024 * 1024


def plain(name: str) -> str:
    """A name without the blanks and dots that systems write differently."""
    return name.translate({ord(mark): None for mark in " ·.．・"})


class Refusal(Exception):
    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


@dataclass(frozen=True)
class Reply:
    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Desk:
    department: Department
    key: wire.Key
    store: Store
    callers: dict[str, str]  # caller -> public key, shared by all departments
    switches: Switches = field(default_factory=Switches)
    clock: Callable[[], float] = time.time
    lively: bool = True  # tells of happenings drawn from its people, day by day
    asked: int = 0  # requests that reached this desk, for tests and the demo
    nonces: dict[str, float] = field(default_factory=dict)

    def serve(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """The signed answer to one request; a refusal is signed too."""
        signed = wire.request_bytes(
            method, path, headers.get(wire.CALLER, ""), headers.get(wire.TIME, ""), headers.get(wire.NONCE, ""), body
        )
        digest = wire.sm3(signed)
        if self.switches.down:
            return self._reply(digest, *error_body(self.department, "unavailable"))
        try:
            self._check_caller(headers, signed)
            request = self._parse(body)
            content = dump(self._answer(path, request))
        except Refusal as refusal:
            return self._reply(digest, *error_body(self.department, refusal.kind, refusal.detail))
        if self.switches.wrong == "body":
            content = content[: len(content) // 2]
        return self._reply(digest, 200, "application/json", content)

    def _reply(self, digest: str, status: int, content_type: str, body: bytes) -> Reply:
        now = str(int(self.clock()))
        key = wire.Key.new(self.key.algorithm) if self.switches.wrong == "signature" else self.key
        signature = key.sign(wire.answer_bytes(self.department.code, digest, status, now, body))
        return Reply(
            status,
            content_type,
            body,
            {
                wire.DEPARTMENT: self.department.code,
                wire.TIME: now,
                wire.ANSWERS: digest,
                wire.ALGORITHM: self.key.algorithm,
                wire.SIGNATURE: signature,
            },
        )

    def _check_caller(self, headers: dict[str, str], signed: bytes) -> None:
        public = self.callers.get(headers.get(wire.CALLER, ""), "")
        if not public:
            raise Refusal("unknown_caller")
        if not wire.verified(public, signed, headers.get(wire.SIGNATURE, "")):
            raise Refusal("bad_signature")
        now, sent, nonce = self.clock(), headers.get(wire.TIME, ""), headers.get(wire.NONCE, "")
        if not sent.isdigit() or abs(now - int(sent)) > WINDOW:
            raise Refusal("stale")
        if len(nonce) < 16 or nonce in self.nonces:
            raise Refusal("replay")
        while self.nonces and next(iter(self.nonces.values())) < now:  # insertion order is age order
            del self.nonces[next(iter(self.nonces))]
        self.nonces[nonce] = now + 2 * WINDOW

    @staticmethod
    def _parse(body: bytes) -> dict[str, Any]:
        try:
            request = json.loads(body)
        except ValueError:
            raise Refusal("malformed") from None
        if not isinstance(request, dict):
            raise Refusal("malformed")
        for name in ("purpose", "case", "authorisation"):
            value = request.get(name)
            if not isinstance(value, str) or not value.strip():
                raise Refusal(f"no_{name}")
        return request

    def _answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        if path == "/v1/signals" and self.department.code in news.TELLS:
            return self._signals(request)
        if path != "/v1/person":
            raise Refusal("unknown_resource", path)
        return self._person(request)

    def _signals(self, request: dict[str, Any]) -> dict[str, Any]:
        """The department's bulk file of some days, a page at a time; `next` is what to ask on after."""
        query = request.get("query")
        try:
            first, last = (dt.date.fromisoformat(query[name]) for name in ("from", "to"))  # type: ignore[index]
            after = str(query.get("after", ""))  # type: ignore[union-attr]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refusal("bad_query", "起止日期") from None
        if not dt.timedelta(0) <= last - first < dt.timedelta(days=news.LONGEST):
            raise Refusal("bad_query", f"一次最多 {news.LONGEST} 天")
        records, following = news.tell(self.store, self.department.code, first, last, after, lively=self.lively)
        return {
            "department": self.department.code,
            "resource": "signals",
            "as_of": last.isoformat(),
            "outcome": "found" if records else "none",
            "records": records,
            "next": following,
        }

    def _person(self, request: dict[str, Any]) -> dict[str, Any]:
        """outcome: found, none (nothing held), mismatch (held under another name), partial (not all given)."""
        subject = request.get("subject")
        if not isinstance(subject, dict):
            raise Refusal("bad_query")
        number, name = subject.get("id_number"), subject.get("name")
        if not isinstance(number, str) or not isinstance(name, str) or not number or not name:
            raise Refusal("bad_query", "证件号码和姓名")
        names, records = self.store.of_person(number)
        outcome = "found" if records else "none"
        if records and plain(name) not in {plain(written) for written in names}:
            outcome, records = "mismatch", []
        if self.switches.contradictory:
            records = contradiction(self.department.code, records, time.strftime("%Y-%m-%d", time.gmtime(self.clock())))
            outcome = "found" if records else outcome
        if self.switches.partial and outcome == "found":
            outcome, records = "partial", half(records)
        return {
            "department": self.department.code,
            "resource": "person",
            "as_of": self.store.meta("as_of"),
            "outcome": outcome,
            "records": records,
        }
