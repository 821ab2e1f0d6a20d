"""The installation under measurement: starts web, worker, sealer and streams as `minzheng up` does, and signs officers in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PORT = int(os.environ.get("MZ_PORT", "8000"))


@contextmanager
def running(verb: str = "up") -> Iterator[subprocess.Popen[bytes]]:
    """The supervisor and its services, until the block ends."""
    env = {**os.environ, "MZ_DEMO": "1" if verb == "demo" else "0"}
    env.pop("MZ_ROLE", None)
    stack = subprocess.Popen([sys.executable, "-m", "minzheng.cli", verb], env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 900  # the first start of a demonstration makes its people
        while not _answers():
            if stack.poll() is not None or time.monotonic() > until:
                raise SystemExit("the services did not start; see the logs of MZ_VAR")
            time.sleep(0.2)
        yield stack
    finally:
        stack.send_signal(signal.SIGTERM)
        stack.wait(60)


def set_up(people: int, filled: int) -> None:
    """A demonstration of `people`, run until its departments have answered all checks; then `filled` copies of its cases."""
    from minzheng.base.pg.target import find_target

    os.environ["MZ_DEMO_PEOPLE"] = str(people)
    with running("demo"):
        target, until = find_target(Path(os.environ["MZ_VAR"])), time.monotonic() + 300
        with target.connect_admin(target.dbname) as admin:
            while admin.execute("SELECT count(*) < 5 OR bool_or(status <> 'complete') FROM verification_verificationrequest"
                                ).fetchone() != (False,):
                if time.monotonic() > until:
                    raise SystemExit("the checks of the demonstration's cases do not end")
                time.sleep(1)
    if filled:
        subprocess.run([sys.executable, str(ROOT / "bench" / "province.py"), str(filled)], check=True, cwd=ROOT,
                       env={**os.environ, "MZ_DEMO": "1", "MZ_ROLE": "owner"})


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/live", timeout=2) as found:
            return bool(found.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def processor(stack: subprocess.Popen[bytes]) -> dict[str, float]:
    """Processor seconds so far by service (MZ_SERVICE) and of the database's processes, and of this process."""
    found: dict[str, float] = {"load generator": time.process_time()}
    tick = os.sysconf("SC_CLK_TCK")
    mark = f"{Path(os.environ['MZ_VAR']).resolve()}:"
    for path in Path("/proc").glob("[0-9]*"):
        try:
            said = (path / "environ").read_bytes().split(b"\0")
            name = next((v.decode().rpartition(":")[2] for v in said if v.startswith(f"MZ_SERVICE={mark}".encode())), "")
            command = (path / "cmdline").read_bytes()
            if not name and (command.startswith(b"postgres") or b"/bin/postgres" in command):
                name = "database"
            if not name:
                continue
            fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[name] = found.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / tick
    return found


def sessions(names: list[str]) -> dict[str, str]:
    """A session of each account, made as the sign-in makes it (password and second factor are not measured here)."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from minzheng.base.identity.models import Account

    found = {}
    for account in Account.objects.filter(username__in=names):
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        found[account.username] = session.session_key or ""
    return found
