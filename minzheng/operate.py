"""What the verbs of the command line do: set-up steps, each idempotent, and the supervisor of the services."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
from minzheng.base.pg.target import Target, find_target
from minzheng.cli import ROOT, environment, manage, say

VAR = Path(os.environ.get("MZ_VAR", ROOT / "var"))
PEOPLE = os.environ.get("MZ_DEMO_PEOPLE", "20000")
DEPARTMENT_PORTS = os.environ.get("MZ_DEPARTMENT_PORTS", "18101")


def _database_up() -> Target:
    target = find_target(VAR)
    if target.server is not None:
        target.server.start()
    return target


def _code_stamp() -> str:
    """Changes when migrations, guards or shipped data change; the second start skips what is done."""
    import hashlib

    digest = hashlib.sha256()
    for pattern in ("*/migrations/*.py", "guards.py", "data/*.csv", "policy/*.yaml", "static/**/*"):
        for path in sorted((ROOT / "minzheng").rglob(pattern)):
            if path.is_file():
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def init() -> None:
    """Database, roles, migrations, divisions, static files. A second run finds nothing to do."""
    target = _database_up()
    database = os.environ.get("MZ_DB", target.dbname)
    with target.connect_admin() as admin:
        ensure_roles(admin, load_secrets(VAR))
        fresh = ensure_database(admin, database)
    stamp, mark = VAR / f"stamp-{database}", _code_stamp()
    if not fresh and stamp.exists() and stamp.read_text() == mark:
        return
    say("正在准备数据库……")
    subprocess.run([sys.executable, "-m", "minzheng.prepare"], env=environment("owner"), cwd=ROOT, check=True)
    stamp.write_text(mark)


def load_demo() -> None:
    """A synthetic county of 20,000 people, the simulated departments, sample accounts and cases; once."""
    done = VAR / "demo-loaded"
    if done.exists():
        return
    say("正在生成合成人口(昆山,20,000 人)……")
    manage("load_population", "--people", PEOPLE, "--seed", "1", "--county", "320583", role="worker")
    prepare_departments()
    manage("sync_partners")
    manage("demo_accounts")
    manage("demo_cases", role="web")
    done.write_text("1")


def prepare_departments() -> None:
    """Fills the simulated departments and tells them our public key, before anything is served."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "minzheng.settings"
    django.setup()
    from minzheng.base.crypto import public_key
    from minzheng.data.exchange.wire import CALLER, KEY

    subprocess.run([sys.executable, "-m", "simulators", "prepare", "--data", str(VAR / "population"), "--state",
                    str(VAR / "simulators"), "--ports-from", DEPARTMENT_PORTS, "--caller", f"{CALLER}={public_key(KEY)}"],
                   check=True, cwd=ROOT, env=environment("web"), stdout=subprocess.DEVNULL)


def demo(args: list[str]) -> int:
    """Sets up a synthetic county and runs everything."""
    os.environ["MZ_DEMO"] = "1"
    started = time.monotonic()
    init()
    load_demo()
    say(f"演示环境已就绪({time.monotonic() - started:.0f} 秒)")
    from minzheng.supervisor import run_all

    return run_all(demo=True)


def clock(args: list[str]) -> int:
    """Shows or moves the demonstration clock: +8d, +3h, 0."""
    import django

    os.environ.update(MZ_DEMO="1", DJANGO_SETTINGS_MODULE="minzheng.settings")
    django.setup()
    from minzheng.base import clock as the_clock

    if args:
        unit = {"d": "days", "h": "hours"}.get(args[0][-1])
        delta = the_clock.shift() + dt.timedelta(**{unit: float(args[0][:-1])}) if unit else dt.timedelta()
        the_clock.set_shift(delta)
        manage("demo_tick", role="worker")
    say(f"{the_clock.now():%Y-%m-%d %H:%M}")
    return 0


def totp(args: list[str]) -> int:
    return manage("demo_totp", *args, role="web", check=False)


def run(verb: str, args: list[str]) -> int:
    if verb == "init":
        init()
        return 0
    if verb == "demo":
        return demo(args)
    if verb == "up":
        _database_up()
        init()
        from minzheng.supervisor import run_all

        return run_all(demo=os.environ.get("MZ_DEMO") == "1")
    if verb == "stop":
        from minzheng.supervisor import stop_all

        return stop_all()
    if verb == "clock":
        return clock(args)
    if verb == "totp":
        return totp(args)
    if verb in ("backup", "restore"):
        return manage(verb, *args, role="owner", check=False)
    _database_up()
    return manage(*args, role=os.environ.get("MZ_ROLE", "owner"), check=False)
