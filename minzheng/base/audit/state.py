"""The state of the chain as the auditors' page shows it: the newest seal, and the last verification of all."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from minzheng.base import clock
from minzheng.base.audit.sealing import KEY, anchor_path
from minzheng.base.audit.verifying import Alarm, verify_live
from minzheng.base.crypto import sm3, verify

TAIL = 8192
FULL_EVERY = dt.timedelta(days=1)
MOST_ALARMS = 100


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
    """What verification has found: everything at `full_at`, and what was sealed since then at `at`. `last`: newest seal
    that was looked at."""

    at: dt.datetime
    full_at: dt.datetime
    last: int
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


def verify_onward() -> Verified:
    """Verifies what was sealed since the last time, once a day everything, and keeps the outcome for the auditors' page.
    Runs as mz_sealer. Alarms stay until everything is verified again."""
    now, known = clock.now(), last_verified()
    if known is not None and now - known.full_at > FULL_EVERY:
        known = None
    alarms: list[Alarm] = []
    result = verify_live(alarms, since=known.last + 1 if known else 1)
    found = [f"{alarm.where}:{alarm.text}" for alarm in alarms if alarm.kind != "unsealed"]
    done = Verified(
        at=now, full_at=known.full_at if known else now, last=(known.last if known else 0) + result.seals,
        seals=(known.seals if known else 0) + result.seals, records=(known.records if known else 0) + result.records,
        alarms=(*(known.alarms if known else ()), *found)[:MOST_ALARMS])
    write_verified(done)
    return done


def write_verified(done: Verified) -> None:
    """Keeps the outcome, atomically."""
    path = _verified_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(done), ensure_ascii=False, default=str))
    fresh.replace(path)


def last_verified() -> Verified | None:
    """The last verification's outcome, or None when there was none."""
    try:
        found = json.loads(_verified_path().read_text())
        return Verified(dt.datetime.fromisoformat(found["at"]), dt.datetime.fromisoformat(found["full_at"]),
                        found["last"], found["seals"], found["records"], tuple(found["alarms"]))
    except (OSError, ValueError, KeyError):
        return None
