"""A whole installation in a folder of its own, for drills that kill processes or lose data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minzheng.base.backup.archiving import keep_wal
from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
from minzheng.base.pg.server import Server

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """Server, keys and processes of one var folder. The server is made by `start` or by a restore."""

    def __init__(self, var: Path) -> None:
        self.var = var
        var.mkdir(parents=True, exist_ok=True)

    @property
    def server(self) -> Server:
        found = Server(self.var / "pg", load_secrets(self.var)["mz_admin"])
        keep_wal(found)
        return found

    def start(self) -> None:
        server = self.server
        server.start()
        with server.connect() as admin:
            ensure_roles(admin, load_secrets(self.var))
            ensure_database(admin, "minzheng")

    def environment(self, role: str) -> dict[str, str]:
        found = {**os.environ, "MZ_VAR": str(self.var), "MZ_ROLE": role, "PYTHONPATH": os.pathsep.join(sys.path)}
        for name in ("MZ_DB", "DATABASE_URL", "MZ_MASTER_KEY", "PYTEST_CURRENT_TEST"):
            found.pop(name, None)
        return found

    def run(self, *command: str, role: str = "owner", fails: bool = False) -> str:
        """A management command; returns what it printed, or with `fails` asserts that it failed."""
        done = subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], env=self.environment(role), cwd=ROOT,
                              text=True, capture_output=True)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return (done.stdout + done.stderr if fails else done.stdout).strip()

    def script(self, code: str, role: str) -> str:
        """Run code in the project; returns the last line it prints."""
        return self.run("shell", "--no-imports", "-c", code, role=role).rpartition("\n")[2]

    def background(self, code: str, role: str) -> subprocess.Popen[bytes]:
        """Run code in the project in a process of its own."""
        code = "import django; django.setup()\n" + code
        return subprocess.Popen([sys.executable, "-c", code], env=self.environment(role), cwd=ROOT)

    def remove(self) -> None:
        server = self.server
        server.stop("immediate")
        shutil.rmtree(server.home, ignore_errors=True)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """A fresh installation with keys, custodians and migrated tables."""
    made = Installation(folder)
    try:
        made.start()
        made.run("make_keys")
        made.run("escrow_keys", "--demo")
        made.run("migrate", "--verbosity", "0")
        yield made
    finally:
        made.remove()
