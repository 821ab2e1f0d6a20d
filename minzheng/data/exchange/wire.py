"""The signed message format between us and a partner (see simulators/README.md for the same from the other side).

Message time is real time, never the demonstration clock: the partner compares it with its own.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minzheng.base import crypto

KEY = "exchange"  # the name of our signing key
CALLER = "minzheng"  # the name partners know us by
WINDOW = 300  # seconds a notice stays fresh


@dataclass(frozen=True)
class Signed:
    """A request as it leaves: content, headers, digest of the signed bytes, and the signature."""

    content: bytes
    headers: dict[str, str]
    digest: str
    signature: str


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    return crypto.sm3(data).hex()


def request_bytes(method: str, path: str, caller: str, sent: str, nonce: str, body: bytes) -> bytes:
    return "\n".join(("MZX-REQUEST/1", method, path, caller, sent, nonce, digest(body))).encode()


def answer_bytes(partner: str, request_digest: str, status: int, sent: str, body: bytes) -> bytes:
    return "\n".join(("MZX-ANSWER/1", partner, request_digest, str(status), sent, digest(body))).encode()


def sign_request(path: str, content: bytes) -> Signed:
    """A fresh time, nonce and signature; a retry is signed anew."""
    sent, nonce = str(int(time.time())), secrets.token_hex(16)
    message = request_bytes("POST", path, CALLER, sent, nonce, content)
    key = crypto.signing_key(KEY)
    signature = base64.b64encode(crypto.sign(KEY, message)).decode()
    headers = {
        "MZ-Caller": CALLER, "MZ-Timestamp": sent, "MZ-Nonce": nonce, "MZ-Signature": signature,
        "MZ-Algorithm": "SM2" if key.kind == "sm2" else "Ed25519", "Content-Type": "application/json",
    }
    return Signed(content, headers, digest(message), signature)


def answer_is_signed(
    partner: str, public_key: str, request_digest: str, status: int, headers: Mapping[str, str], body: bytes
) -> bool:
    """Whether the partner signed this very answer to this very request."""
    if headers.get("MZ-Request-Digest") != request_digest:
        return False
    message = answer_bytes(partner, request_digest, status, headers.get("MZ-Timestamp", ""), body)
    return signature_holds(public_key, message, headers.get("MZ-Signature", ""))


def notice_is_signed(partner: str, public_key: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a notice to `path` was signed by the partner."""
    sent, nonce = headers.get("MZ-Timestamp", ""), headers.get("MZ-Nonce", "")
    message = request_bytes("POST", path, partner, sent, nonce, body)
    return headers.get("MZ-Caller") == partner and signature_holds(public_key, message, headers.get("MZ-Signature", ""))


def is_fresh(sent: str) -> bool:
    return sent.isascii() and sent.isdigit() and abs(time.time() - int(sent)) <= WINDOW


def signature_holds(public_key: str, message: bytes, text: str) -> bool:
    try:
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return crypto.verify(public_key, message, signature)


def as_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in the body, or None."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
