"""The state of the chain as the auditors' page shows it: the newest seal, and the last verification of all."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from minzheng.base.audit.sealing import KEY, anchor_path
from minzheng.base.crypto import sm3, verify

TAIL = 8192


@dataclass(frozen=True)
class SealState:
    """The newest seal. `signed`: its signature is right; `linked`: it continues the seal before; `anchored`: the file
    outside the database holds the same seal, or None when that file cannot be read here."""

    no: int
    count: int
    sealed_at: dt.datetime
    signed: bool
    linked: bool
    anchored: bool | None

    @property
    def sound(self) -> bool:
        return self.signed and self.linked and self.anchored is not False


@dataclass(frozen=True)
class Verified:
    """What the separate verification of all seals found, and when."""

    at: dt.datetime
    since: int
    seals: int
    records: int
    alarms: tuple[str, ...]


def seal_state() -> SealState | None:
    """The newest seal, checked; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT no, count, body, signature, before FROM audit_newest_seal()")
        row = cursor.fetchone()
    if row is None:
        return None
    no, count, body, signature, before = row
    body = bytes(body)
    said = json.loads(body)
    expected = sm3(bytes(before)).hex() if before is not None else ""
    linked = said["no"] == no and said["count"] == count and (said["prev"] == expected if no > 1 else said["prev"] == "")
    return SealState(no, count, dt.datetime.fromisoformat(said["sealed_at"]), verify(KEY, body, bytes(signature)), linked,
                     _anchored(no, body))


def _anchored(no: int, body: bytes) -> bool | None:
    """Whether the anchor's last lines hold the seal; the file may lag by one second and then holds the one before."""
    try:
        with open(anchor_path(), "rb") as lines:
            size = lines.seek(0, os.SEEK_END)
            lines.seek(max(0, size - TAIL))
            tail = lines.read().splitlines()[-4:]
        bodies = {int(json.loads(said)["no"]): said for said in (json.loads(line)["body"] for line in tail[1:] or tail)}
    except (OSError, ValueError, KeyError):
        return None
    return bodies[no] == body.decode() if no in bodies else max(bodies, default=0) >= no - 2


def _verified_path() -> Path:
    return Path(settings.VAR_DIR) / "audit" / "verified.json"


def write_verified(at: dt.datetime, since: int, seals: int, records: int, alarms: Sequence[str]) -> None:
    """Keeps the outcome of a verification for the page, atomically."""
    path = _verified_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content: dict[str, Any] = {"at": at.isoformat(), "since": since, "seals": seals, "records": records,
                               "alarms": list(alarms)[:100]}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, ensure_ascii=False))
    fresh.replace(path)


def last_verified() -> Verified | None:
    """The last verification's outcome, or None when there was none."""
    try:
        found = json.loads(_verified_path().read_text())
        return Verified(dt.datetime.fromisoformat(found["at"]), found["since"], found["seals"], found["records"],
                        tuple(found["alarms"]))
    except (OSError, ValueError, KeyError):
        return None
