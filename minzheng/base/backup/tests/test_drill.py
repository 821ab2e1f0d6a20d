"""The drill: a real server is backed up, loses its data, and is brought back to a point in time, keys from escrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from minzheng.testing.installation import Installation, installation

pytestmark = pytest.mark.full

WRITE = """
from django.db import transaction, connection
from minzheng.base import audit
from minzheng.base.identity.officer import Officer
by = Officer(71, "玉山李建国", 5, "town_clerk", "320583100000")
for number in range(20):
    with transaction.atomic():
        audit.record("club.rename", by=by, obj_type="club", obj_id=number, jurisdiction="320583100001")
from minzheng.base.files.blobs import write_blob
write_blob(b"blob")
with connection.cursor() as cursor:
    cursor.execute("SELECT clock_timestamp()")
    print(cursor.fetchone()[0].isoformat())
"""
SEAL = """
import time
from minzheng.base.audit.sealing import seal_once, write_anchor
deadline = time.monotonic() + 30
while seal_once() is None:
    assert time.monotonic() < deadline
write_anchor()
"""
COUNT = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM audit_record")
    print(cursor.fetchone()[0])
"""
READ = """
from minzheng.base.crypto import sm3
from minzheng.base.files.blobs import read_blob
print(read_blob(sm3(b"blob")).decode())
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path / "var") as made:
        yield made


def test_a_lost_database_comes_back_to_a_point_in_time_and_its_audit_chain_holds(house: Installation,
                                                                              tmp_path: Path) -> None:
    store = tmp_path / "backup"
    house.script(WRITE, "web")
    house.script(SEAL, "sealer")
    house.run("backup", str(store))
    point = house.script(WRITE, "web")
    house.script(SEAL, "sealer")
    house.script(WRITE, "web")
    with house.server.connect("minzheng") as admin:
        admin.execute("DROP TABLE audit_record CASCADE")
    house.run("backup", str(store), "--wal-only")

    assert "正在运行" in house.run("restore", str(store), "--to", point, fails=True)
    house.server.stop()
    assert "核验通过" in house.run("restore", str(store), "--to", point)
    assert house.script(COUNT, "sealer") == "41", "two writings and the record of the restore"
    house.script(SEAL, "sealer")
    assert "告警 0 处" in house.run("verify_audit", role="sealer")

    # a second machine, with nothing but the backup and two of three custodians
    other = Installation(tmp_path / "other")
    custody = house.var / "secrets" / "demo-custodians"
    escrow = next((store / "keys").iterdir())
    recover = ["escrow_keys", "--recover", str(escrow), "--secret", f"甲={custody / '甲.key'}"]
    assert "2 名托管人" in other.run(*recover, fails=True)
    other.run(*recover, "--secret", f"丙={custody / '丙.key'}")
    try:
        assert "核验通过" in other.run("restore", str(store), "--to", point)
        assert other.script(READ, "web") == "blob"
    finally:
        other.remove()

    # a changed backup is refused
    victim = next(path for path in (store / "base").rglob("PG_VERSION") if path.parent.name == "data")
    victim.write_text("19\n")
    house.server.stop()
    assert "缺失或被改动" in house.run("restore", str(store), fails=True)
