"""The bytes of a record: JSON with sorted keys, no blanks, UTF-8, empty parts left out. One line, always."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from minzheng.base.crypto import blind_index, mask_id, mask_phone

_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


class By(Protocol):
    """Whoever acts: Officer, Citizen or Service of base.identity."""

    @property
    def account_id(self) -> int: ...
    @property
    def name(self) -> str: ...


def plain(value: Any) -> Any:
    """JSON values only; ID and phone numbers are masked, with eight digits of their blind index so that a
    change from one to another can be told."""
    if isinstance(value, str):
        text = _ID_NUMBER.sub(lambda m: f"{mask_id(m[0])}#{blind_index('audit', m[0]).hex()[:8]}", value)
        return _PHONE.sub(lambda m: f"{mask_phone(m[0])}#{blind_index('audit', m[0]).hex()[:8]}", text)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal | UUID | float):
        return str(value)
    raise TypeError(f"{type(value).__name__} 不能写入审计记录")


def canonical(
    action: str, at: dt.datetime, by: By, obj_type: str, obj_id: str, jurisdiction: str,
    *, before: Any, after: Any, reason: str, subject_person: int | None, refused: bool,
) -> bytes:
    actor = {"account": by.account_id, "name": by.name}
    for name in ("post_id", "role", "jurisdiction", "person_id"):
        if found := getattr(by, name, None):
            actor[name] = found
    record = {
        "action": action, "at": at.isoformat(), "by": actor, "jurisdiction": jurisdiction, "n": secrets.token_hex(8),
        "obj_id": obj_id, "obj_type": obj_type, "v": 1,
    }
    parts = {"before": before, "after": after, "reason": reason, "subject": subject_person}
    record |= {name: plain(value) for name, value in parts.items() if value not in (None, "", {})}
    if refused:
        record["refused"] = True
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
