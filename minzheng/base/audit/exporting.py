"""Exporting sealed records as a segment that the stand-alone verifier checks anywhere (its form: see verifier.py)."""

from __future__ import annotations

import json
from typing import IO, Any

from django.db import connection, transaction

from minzheng.base.audit.merkle import ARITY, merkle_node
from minzheng.base.audit.sealing import chain


def export_segment(out: IO[bytes], first: int = 1, last: int | None = None) -> int:
    """Write the seals first…last with their records; returns the number of records. Runs as mz_sealer."""
    total = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT no, xid_from, xid_to, body, signature FROM audit_seal WHERE no >= %s AND"
                       " (%s::bigint IS NULL OR no <= %s) ORDER BY no", [first, last, last])
        seals = cursor.fetchall()
        if not seals:
            raise LookupError("这个范围里没有封印")
        header = {"form": "minzheng-audit-segment-1", "first": seals[0][0], "last": seals[-1][0]}
        out.write(json.dumps(header).encode() + b"\n")
        for _, xid_from, xid_to, body, signature in seals:
            cursor.execute("SELECT canonical FROM audit_record WHERE xid >= %s AND xid < %s ORDER BY xid, id",
                           [xid_from, xid_to])
            total += write_block(out, bytes(body), bytes(signature), [bytes(row[0]) for row in cursor.fetchall()])
    return total


def write_block(out: IO[bytes], body: bytes, signature: bytes, records: list[bytes]) -> int:
    """One seal and its records."""
    block = b"".join(record + b"\n" for record in records)
    head: dict[str, Any] = {"seal": body.decode(), "signature": signature.hex(), "bytes": len(block)}
    out.write(json.dumps(head, ensure_ascii=False).encode() + b"\n" + block)
    return len(records)


def evidence(record_id: int) -> dict[str, Any]:
    """What proves that one record was sealed: for an archive package that is checked offline.

    The chain value before the record, its bytes, the Merkle path (each level's whole group) and the signed seal.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.body, s.signature, s.xid_from, s.xid_to FROM audit_seal s, audit_record r"
            " WHERE r.id = %s AND r.xid >= s.xid_from AND r.xid < s.xid_to", [record_id])
        row = cursor.fetchone()
        if row is None:
            raise LookupError("这条记录还没有封印")
        body, signature, xid_from, xid_to = bytes(row[0]), bytes(row[1]), row[2], row[3]
        cursor.execute("SELECT id, canonical FROM audit_record WHERE xid >= %s AND xid < %s ORDER BY xid, id",
                       [xid_from, xid_to])
        rows = cursor.fetchall()
    position = [number for number, _ in rows].index(record_id)
    start = bytes.fromhex(json.loads(body)["start"])
    values = chain(start, [bytes(canonical) for _, canonical in rows])
    before = values[position - 1] if position else start
    groups: list[list[str]] = []
    level, at, current = 0, position, values
    while level == 0 or len(current) > 1:
        first = at // ARITY * ARITY
        groups.append([value.hex() for value in current[first : first + ARITY]])
        current = [merkle_node(level, current[i : i + ARITY]) for i in range(0, len(current), ARITY)]
        at, level = at // ARITY, level + 1
    return {"record": bytes(rows[position][1]).decode(), "before": before.hex(), "position": position, "groups": groups,
            "seal": body.decode(), "signature": signature.hex()}
