"""One call over HTTP, with bounded retries. Runs in threads and never touches the database."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from minzheng.data.exchange import wire
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.refusals import explain

ATTEMPTS = 2
BACKOFF = 0.1  # seconds before the second attempt, doubled for each further one
MAX_ANSWER = 32 * 1024 * 1024
OUTCOMES = ("found", "none", "mismatch", "partial")
GATEWAY = (502, 503, 504)


@dataclass(frozen=True)
class Reply:
    """How one call ended. status: found, none, mismatch, partial, not_answered, refused, bad_signature."""

    status: str
    detail: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    request_digest: str = ""
    request_signature: str = ""
    answer_digest: str = ""
    answer_signature: str = ""
    http_status: int | None = None
    attempts: int = 0


@lru_cache(maxsize=2)
def _client(process: int) -> httpx.Client:
    limits = httpx.Limits(max_connections=256, max_keepalive_connections=128, keepalive_expiry=30)
    return httpx.Client(limits=limits, trust_env=False, follow_redirects=False)


def call(code: str, base_url: str, public_key: str, resource: str, content: bytes, timeout: float) -> Reply:
    """Ask once, and again after a failure of the network or the gateway. Never raises for the partner's failure."""
    reply = Reply("not_answered")
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            time.sleep(BACKOFF * 2 ** (attempt - 2))
        if wait := BREAKER.wait(code):
            detail = f"对方连续无应答,暂停访问,约{int(wait) + 1}秒后可再试"
            return reply if reply.attempts else Reply("not_answered", detail)
        reply = _once(code, base_url, public_key, resource, content, timeout, attempt)
        if reply.status != "not_answered":
            BREAKER.succeeded(code)
            break
        BREAKER.failed(code)
    return reply


def _once(
    code: str, base_url: str, public_key: str, resource: str, content: bytes, timeout: float, attempt: int
) -> Reply:
    url = f"{base_url.rstrip('/')}/v1/{resource}"
    signed = wire.sign_request(urlsplit(url).path, content)
    sent: dict[str, Any] = {
        "request_digest": signed.digest, "request_signature": signed.signature, "attempts": attempt}
    try:
        response = _client(os.getpid()).post(url, content=content, headers=signed.headers, timeout=timeout)
    except httpx.TimeoutException:
        return Reply("not_answered", f"超过{timeout:g}秒未应答", **sent)
    except httpx.HTTPError:
        return Reply("not_answered", "连接不上对方系统", **sent)
    body = response.content
    sent |= {"http_status": response.status_code, "answer_digest": wire.digest(body),
             "answer_signature": response.headers.get("MZ-Signature", "")[:400]}
    if response.status_code in GATEWAY:
        return Reply("not_answered", "对方系统暂停服务", **sent)
    if not wire.answer_is_signed(code, public_key, signed.digest, response.status_code, response.headers, body):
        return Reply("bad_signature", "应答的签名验证不通过,内容不予采信", **sent)
    if response.status_code != 200:
        return Reply("refused", explain(body), **sent)
    answer = wire.as_object(body) if len(body) <= MAX_ANSWER else None
    outcome = (answer or {}).get("outcome", "found")
    if answer is None or outcome not in OUTCOMES:
        return Reply("not_answered", "应答报文格式错误", **sent)
    return Reply(outcome, "", answer, **sent)
