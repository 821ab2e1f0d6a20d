"""Checking the live database against its seals: changed, missing, added, reordered or long-unsealed records, seals that
were changed, removed or put back. Runs as mz_sealer, which can read both tables and change neither's rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from minzheng.base.audit.merkle import merkle_root
from minzheng.base.audit.sealing import KEY, Seal, anchor_path, chain
from minzheng.base.crypto import sm3, verify

UNSEALED_TOO_LONG = 60.0


@dataclass(frozen=True)
class Alarm:
    """kind: changed, missing, added, reordered, seal, anchor, unsealed. `where` names the seal or record."""

    kind: str
    where: str
    text: str


@dataclass
class Result:
    seals: int = 0
    records: int = 0


def verify_live(alarms: list[Alarm], *, since: int = 1, unsealed_after: float = UNSEALED_TOO_LONG) -> Result:
    """Check all seals from number `since` on; what is wrong is appended to `alarms`."""
    result = Result()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT no, xid_from, xid_to, count, body, signature FROM audit_seal WHERE no >= %s ORDER BY no",
                       [max(since - 1, 1)])
        seals = [(*row[:4], bytes(row[4]), bytes(row[5])) for row in cursor.fetchall()]
        previous: tuple[Any, ...] | None = None
        for seal in seals:
            if seal[0] >= since:
                _check_seal(cursor, seal, previous, alarms, result)
            previous = seal
        _check_outside(cursor, alarms, unsealed_after)
        _check_anchor({seal[0]: seal for seal in seals}, since, alarms)
    return result


def _check_seal(cursor: Any, seal: tuple[Any, ...], previous: tuple[Any, ...] | None, alarms: list[Alarm],
                result: Result) -> None:
    no, xid_from, xid_to, count, body, signature = seal
    where = f"封印 {no}"
    result.seals += 1
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    if not verify(KEY, body, signature) or (said.get("no"), said.get("xid_from"), said.get("xid_to"),
                                            said.get("count")) != (no, xid_from, xid_to, count):
        alarms.append(Alarm("seal", where, "封印被改动,签名不符"))
        return
    expected = (previous[0] + 1, previous[2], sm3(previous[4]).hex()) if previous else (1, 0, "")
    if (no, xid_from, said["prev"]) != expected:
        alarms.append(Alarm("seal", where, "封印不连续,前面的封印缺失或被替换"))
    start = json.loads(previous[4])["head"] if previous else "00" * 32
    if said["start"] != start:
        alarms.append(Alarm("seal", where, "封印的起点与上一封印不符"))
    cursor.execute(
        "SELECT id, canonical, digest, at, action, account, obj_type, obj_id, area, subject_person, refused"
        " FROM audit_record WHERE xid >= %s AND xid < %s ORDER BY xid, id", [xid_from, xid_to])
    rows = cursor.fetchall()
    result.records += len(rows)
    changed = list(_changed(rows))
    alarms.extend(changed)
    values = chain(bytes.fromhex(said["start"]), [bytes(row[1]) for row in rows])
    if len(rows) != count:
        kind, text = ("missing", "缺少") if len(rows) < count else ("added", "多出")
        alarms.append(Alarm(kind, where, f"{text} {abs(len(rows) - count)} 条记录"))
    elif not changed and (values[-1].hex() != said["head"] or merkle_root(values).hex() != said["root"]):
        alarms.append(Alarm("reordered", where, "记录被改动或调换了次序"))


def _changed(rows: list[tuple[Any, ...]]) -> Iterator[Alarm]:
    """Records whose digest or searchable columns do not agree with their canonical bytes."""
    for number, canonical, digest, *columns in rows:
        data = bytes(canonical)
        said = json.loads(data) if sm3(data) == bytes(digest) else None
        if said is None:
            yield Alarm("changed", f"记录 {number}", "内容与摘要不符")
            continue
        expected = [dt.datetime.fromisoformat(said["at"]), said["action"], said["by"]["account"] or None,
                    said["obj_type"], said["obj_id"], said["jurisdiction"], said.get("subject"),
                    said.get("refused", False)]
        if columns != expected:
            yield Alarm("changed", f"记录 {number}", "检索列与内容不符")


def _check_outside(cursor: Any, alarms: list[Alarm], unsealed_after: float) -> None:
    cursor.execute(
        "SELECT count(*), min(written_at) FROM audit_record"
        " WHERE xid >= (SELECT coalesce(max(xid_to), 0) FROM audit_seal)"
        " AND written_at < clock_timestamp() - make_interval(secs => %s)", [unsealed_after])
    count, oldest = cursor.fetchone()
    if count:
        alarms.append(Alarm("unsealed", f"自 {oldest:%F %T}", f"{count} 条记录长时间未封印,封印进程可能已停"))


def _check_anchor(seals: dict[int, tuple[Any, ...]], since: int, alarms: list[Alarm]) -> None:
    """Every seal in the anchor file must still be in the database, byte for byte."""
    if not anchor_path().exists():
        if seals:
            alarms.append(Alarm("anchor", "锚定文件", "锚定文件不在"))
        return
    with open(anchor_path(), "rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                continue
            no = int(json.loads(json.loads(line)["body"])["no"])
            if no < since:
                continue
            seal = seals.get(no)
            if seal is None or Seal(no, seal[2], seal[3], seal[4], seal[5]).line() != line:
                alarms.append(Alarm("anchor", f"封印 {no}", "数据库里的封印缺失或与锚定文件不符"))
