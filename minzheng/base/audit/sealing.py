"""The sealer: puts the records in order, chains them in SM3 and signs a Merkle root over each second's records.

Writers never wait for it. A record carries the id of its transaction; all records of transactions below
`pg_snapshot_xmin` are there and no more can come, so a seal covers a range of transactions exactly, ordered by (xid, id):
    chain_i = SM3(chain_(i-1) | canonical_i),  root = Merkle root of the chain values.
Each seal names the digest of the one before it. It is also appended to a file outside the database (the anchor), so
that a database put back to an earlier state is noticed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from minzheng.base.audit.merkle import merkle_root
from minzheng.base.crypto import public_key, sign, sm3

KEY = "audit_seal"
LARGEST = 50_000
LOCK = 7711
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Seal:
    no: int
    xid_to: int
    count: int
    body: bytes
    signature: bytes

    def line(self) -> bytes:
        content = {"body": self.body.decode(), "signature": self.signature.hex()}
        return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def anchor_path() -> Path:
    return Path(settings.VAR_DIR) / "audit" / "seals.jsonl"


def chain(start: bytes, records: list[bytes]) -> list[bytes]:
    """The chain values of the records after `start`."""
    out, head = [], start
    for record in records:
        head = sm3(head + record)
        out.append(head)
    return out


def _last(cursor: Any) -> tuple[int, int, dict[str, Any], bytes] | None:
    cursor.execute("SELECT no, xid_to, body FROM audit_seal ORDER BY no DESC LIMIT 1")
    row = cursor.fetchone()
    if row is None:
        return None
    body = bytes(row[2])
    return row[0], row[1], json.loads(body), sm3(body)


def _horizon(cursor: Any, xid_from: int) -> int:
    """The end of the next seal's range: the horizon, or earlier when there are very many records."""
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    (horizon,) = cursor.fetchone()
    cursor.execute("SELECT xid FROM audit_record WHERE xid >= %s AND xid < %s ORDER BY xid, id OFFSET %s LIMIT 1",
                   [xid_from, horizon, LARGEST])
    beyond = cursor.fetchone()
    if beyond is None:
        return int(horizon)
    cursor.execute("SELECT min(xid) FROM audit_record WHERE xid >= %s", [xid_from])
    (first,) = cursor.fetchone()
    return int(max(beyond[0], first + 1))


def seal_once() -> Seal | None:
    """Seal what can be sealed now; None when there is nothing. Runs as mz_sealer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = _last(cursor)
        no, xid_from = (last[0] + 1, last[1]) if last else (1, 0)
        start = bytes.fromhex(last[2]["head"]) if last else bytes(32)
        xid_to = _horizon(cursor, xid_from)
        cursor.execute("SELECT canonical FROM audit_record WHERE xid >= %s AND xid < %s ORDER BY xid, id",
                       [xid_from, xid_to])
        values = chain(start, [bytes(row[0]) for row in cursor.fetchall()])
        if not values:
            return None
        body = json.dumps({
            "count": len(values), "head": values[-1].hex(), "key": public_key(KEY), "no": no,
            "prev": last[3].hex() if last else "", "root": merkle_root(values).hex(),
            "sealed_at": dt.datetime.now(dt.UTC).isoformat(), "start": start.hex(), "xid_from": xid_from,
            "xid_to": xid_to,
        }, sort_keys=True, separators=(",", ":")).encode()
        seal = Seal(no, xid_to, len(values), body, sign(KEY, body))
        cursor.execute(
            "INSERT INTO audit_seal (no, xid_from, xid_to, count, body, signature) VALUES (%s, %s, %s, %s, %s, %s)",
            [no, xid_from, xid_to, len(values), body, seal.signature])
    return seal


def write_anchor() -> None:
    """Append to the anchor file the seals that it lacks."""
    path = anchor_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "a+b") as out:
        known = _last_anchored(out)
        with connection.cursor() as cursor:
            cursor.execute("SELECT no, xid_to, count, body, signature FROM audit_seal WHERE no > %s ORDER BY no",
                           [known])
            rows = cursor.fetchall()
        for no, xid_to, count, body, signature in rows:
            out.write(Seal(no, xid_to, count, bytes(body), bytes(signature)).line())
        out.flush()
        os.fsync(out.fileno())


def _last_anchored(out: Any) -> int:
    """Number of the file's last seal, cutting off a line torn by a crash."""
    size = out.seek(0, os.SEEK_END)
    out.seek(max(0, size - 4096))
    tail = out.read()
    whole, _, torn = tail.rpartition(b"\n")
    if torn:
        out.truncate(size - len(torn))
    if not whole:
        return 0
    return int(json.loads(json.loads(whole.rpartition(b"\n")[2])["body"])["no"])


def seal_forever(stopping: Callable[[], bool], pause: float = 1.0) -> None:
    """Seal each second until told to stop; outlives a restart of the database."""
    behind = True
    while not stopping():
        try:
            seal = seal_once()
            if seal or behind:
                write_anchor()
                behind = False
            if seal and seal.count >= LARGEST:
                continue
        except (OperationalError, InterfaceError) as error:
            log.warning("sealer_database_lost", kind=type(error).__name__)
            connection.close()
            behind = True
        time.sleep(pause)


def delay() -> float:
    """Seconds that the oldest unsealed record has been waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_delay()")
        return float(cursor.fetchone()[0])
