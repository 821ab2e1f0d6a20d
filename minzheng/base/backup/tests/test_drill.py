"""The drill: a real server is backed up, loses its data, and is brought back to a point in time, keys from escrow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from minzheng.base.backup.archiving import keep_wal
from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
from minzheng.base.pg.server import Server

ROOT = Path(__file__).resolve().parents[4]
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


class Installation:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.server = Server(var / "pg", load_secrets(var)["mz_admin"])
        keep_wal(self.server)

    def run(self, *command: str, role: str = "owner", fails: bool = False) -> str:
        environment = {**os.environ, "MZ_VAR": str(self.var), "MZ_ROLE": role, "PYTHONPATH": os.pathsep.join(sys.path)}
        for name in ("MZ_DB", "DATABASE_URL", "MZ_MASTER_KEY", "PYTEST_CURRENT_TEST"):
            environment.pop(name, None)
        done = subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], env=environment, cwd=ROOT, text=True,
                              capture_output=True)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return (done.stdout + done.stderr if fails else done.stdout).strip()

    def script(self, code: str, role: str) -> str:
        """Run code in the project; returns the last line it prints."""
        return self.run("shell", "--no-imports", "-c", code, role=role).rpartition("\n")[2]

    def clean(self) -> None:
        self.server.stop("immediate")
        shutil.rmtree(self.server.home, ignore_errors=True)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "var")
    made.server.start()
    with made.server.connect() as admin:
        ensure_roles(admin, load_secrets(made.var))
        ensure_database(admin, "minzheng")
    made.run("make_keys")
    made.run("escrow_keys", "--demo")
    made.run("migrate", "--verbosity", "0")
    yield made
    made.clean()


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
    other = Installation.__new__(Installation)
    other.var = tmp_path / "other"
    other.var.mkdir()
    custody = house.var / "secrets" / "demo-custodians"
    escrow = next((store / "keys").iterdir())
    recover = ["escrow_keys", "--recover", str(escrow), "--secret", f"甲={custody / '甲.key'}"]
    assert "2 名托管人" in other.run(*recover, fails=True)
    other.run(*recover, "--secret", f"丙={custody / '丙.key'}")
    other.server = Server(other.var / "pg", load_secrets(other.var)["mz_admin"])
    try:
        assert "核验通过" in other.run("restore", str(store), "--to", point)
        assert other.script(READ, "web") == "blob"
    finally:
        other.clean()

    # a changed backup is refused
    victim = next(path for path in (store / "base").rglob("PG_VERSION") if path.parent.name == "data")
    victim.write_text("19\n")
    house.server.stop()
    assert "缺失或被改动" in house.run("restore", str(store), fails=True)
