"""Reading records, always through a door of the database that answers within the acting scope."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from minzheng.base.errors import NotAllowed
from minzheng.base.scope import require

PAGE = 50
_labels: dict[str, str] = {}


def declare_actions(labels: dict[str, str]) -> None:
    """Chinese names of actions, told at start-up by the room that records them: {"person.read": "查看个人档案"}."""
    _labels.update(labels)


def label(action: str) -> str:
    return _labels.get(action, "办理民政业务")


@dataclass(frozen=True)
class Access:
    """One line of 谁看过我的信息: when, for what, which post of which place."""

    id: int
    at: dt.datetime
    purpose: str
    role: str
    jurisdiction: str
    refused: bool


@dataclass(frozen=True)
class Entry:
    """One record as auditors and the object's timeline show it."""

    id: int
    at: dt.datetime
    action: str
    label: str
    actor: str
    role: str
    jurisdiction: str
    obj_type: str
    obj_id: str
    reason: str
    before: Any
    after: Any
    refused: bool


def accesses_of(person_id: int, *, before_id: int | None = None, limit: int = PAGE) -> list[Access]:
    """Who read or changed the acting citizen's data, newest first; another citizen's is refused (NotAllowed)."""
    if require().person != person_id:
        raise NotAllowed("只能查看本人信息的使用记录")
    out = []
    for number, at, action, reason, by, refused in _call("audit_accesses_of", [person_id, before_id, min(limit, 200)]):
        actor = by if isinstance(by, dict) else json.loads(by)
        purpose = f"{label(action)}:{reason}" if reason and reason != label(action) else label(action)
        out.append(Access(number, at, purpose, actor.get("role", "citizen"), actor.get("jurisdiction", ""), refused))
    return out


def trail_of(obj_type: str, obj_id: str | int, *, before_id: int | None = None, limit: int = PAGE) -> list[Entry]:
    """The records of one object within the acting officer's range, newest first."""
    return [_entry(*row) for row in _call("audit_trail", [obj_type, str(obj_id), before_id, min(limit, 200)])]


def search(
    *, by_role: str, since: dt.datetime, until: dt.datetime, account: int | None = None, before_id: int | None = None,
    limit: int = PAGE,
) -> list[Entry]:
    """What happened within the acting range in a period; for the audit administrator only (三员分立)."""
    if by_role != "audit_admin":
        raise NotAllowed("只有审计管理员可以检索审计记录")
    return [_entry(*row) for row in _call("audit_search", [since, until, account, before_id, min(limit, 200)])]


def _call(function: str, arguments: list[Any]) -> list[tuple[Any, ...]]:
    marks = ", ".join(["%s"] * len(arguments))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}({marks})", arguments)  # noqa: S608 (own function names)
        return list(cursor.fetchall())


def _entry(number: int, canonical: bytes) -> Entry:
    found = json.loads(bytes(canonical))
    by = found["by"]
    return Entry(
        number, dt.datetime.fromisoformat(found["at"]), found["action"], label(found["action"]), by["name"],
        by.get("role", "citizen"), by.get("jurisdiction", ""), found["obj_type"], found["obj_id"],
        found.get("reason", ""), found.get("before"), found.get("after"), found.get("refused", False),
    )
