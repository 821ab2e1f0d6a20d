"""After a restore: the anchor is cut to what the database knows, the restore is recorded, the chain is checked."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import connection, transaction

from minzheng.base import clock
from minzheng.base.audit import record
from minzheng.base.audit.sealing import anchor_path
from minzheng.base.audit.verifying import Alarm, verify_live
from minzheng.base.backup.archiving import keep_wal
from minzheng.base.backup.restoring import Restored
from minzheng.base.crypto.ring import write_private
from minzheng.base.identity.officer import Service
from minzheng.base.scope.ranges import province


def reopen(done: Restored, reason: str) -> list[str]:
    """Start the server, cut the anchor, record the restore, verify; returns the alarms. Runs as the owner."""
    server = settings.TARGET.server
    if server is None:
        raise RuntimeError("只有自带的数据库服务由本命令恢复")
    keep_wal(server)
    server.start()
    cut_anchor()
    with transaction.atomic():
        record("backup.restore", by=Service("恢复程序", province()), obj_type="backup", obj_id=done.label,
               jurisdiction=province(), reason=reason, after={"reached": done.reached, "at": clock.now()})
    alarms: list[Alarm] = []
    verify_live(alarms, unsealed_after=10 * 365 * 86400)
    return [f"{alarm.where}:{alarm.text}" for alarm in alarms]


def cut_anchor() -> None:
    """Drop from the anchor the seals that came after the restored time; the whole file has been kept aside."""
    if not anchor_path().exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(no), 0) FROM audit_seal")
        (last,) = cursor.fetchone()
    lines = anchor_path().read_bytes().splitlines(keepends=True)
    write_private(anchor_path(), b"".join(line for line in lines if json.loads(json.loads(line)["body"])["no"] <= last))
