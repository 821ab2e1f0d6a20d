"""What the verbs of the command line do: set-up steps, each idempotent, and the supervisor of the services."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
from minzheng.base.pg.target import Target, find_target
from minzheng.cli import ROOT, environment, manage, say
from minzheng.supervisor import alone, mark, run_all, stop_all, take_over_leftovers

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
    stamp, wanted = VAR / f"stamp-{database}", _code_stamp()
    if not fresh and stamp.exists() and stamp.read_text() == wanted:
        return
    say("正在准备数据库……")
    subprocess.run([sys.executable, "-m", "minzheng.prepare"], env=environment("owner", **_setup()), cwd=ROOT, check=True)
    stamp.write_text(wanted)


def load_demo() -> None:
    """A synthetic county of 20,000 people, the simulated departments, sample accounts and cases; once."""
    done = VAR / "demo-loaded"
    if done.exists():
        return
    say(f"正在生成合成人口(昆山,{int(PEOPLE):,} 人)……")
    manage("load_population", "--people", PEOPLE, "--seed", "1", "--county", "320583", role="worker", **_setup())
    prepare_departments()
    manage("sync_partners", **_setup())
    manage("demo_accounts", **_setup())
    manage("load_monitoring", role="worker", **_setup())
    manage("demo_cases", role="web", **_setup())
    done.write_text("1")


def _setup() -> dict[str, str]:
    """Marks a set-up step as ours, so that a start after kill -9 ends what is left of it."""
    return {"MZ_SERVICE": mark("setup")}


def prepare_departments() -> None:
    """Fills the simulated departments and tells them our public key, before anything is served."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "minzheng.settings"
    django.setup()
    from minzheng.base.crypto import public_key
    from minzheng.data.exchange.wire import CALLER, KEY

    subprocess.run([sys.executable, "-m", "simulators", "prepare", "--data", str(VAR / "population"), "--state",
                    str(VAR / "simulators"), "--ports-from", DEPARTMENT_PORTS, "--caller", f"{CALLER}={public_key(KEY)}"],
                   check=True, cwd=ROOT, env=environment("web", **_setup()), stdout=subprocess.DEVNULL)


def _interrupted(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def serve(set_up: Callable[[], None], *, demo: bool) -> int:
    """Sets up, then runs everything, as the only one to do so. Interrupted on the way, it leaves no server behind."""
    with alone() as only:
        if not only:
            say("服务已在运行。要重新启动,请先运行 minzheng stop。")
            return 1
        signal.signal(signal.SIGTERM, _interrupted)
        try:
            take_over_leftovers()
            set_up()
        except BaseException as reason:
            take_over_leftovers()
            server = find_target(VAR).server
            if server is not None:
                server.stop()
            if isinstance(reason, KeyboardInterrupt):
                say("已停止。再次启动时从中断处继续。")
                return 130
            if isinstance(reason, subprocess.CalledProcessError):
                say("准备没有完成,原因见上面的信息。改正后再次启动即可。")
                return 1
            raise
        return run_all(demo=demo)


def demo(args: list[str]) -> int:
    """Sets up a synthetic county and runs everything."""
    os.environ["MZ_DEMO"] = "1"

    def set_up() -> None:
        started = time.monotonic()
        init()
        load_demo()
        say(f"演示环境已就绪({time.monotonic() - started:.0f} 秒)")

    return serve(set_up, demo=True)


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
    os.environ["MZ_DEMO"] = "1"
    return manage("demo_totp", *args, role="web", check=False)


def run(verb: str, args: list[str]) -> int:
    if verb == "init":
        init()
        return 0
    if verb == "demo":
        return demo(args)
    if verb == "up":
        return serve(init, demo=os.environ.get("MZ_DEMO") == "1")
    if verb == "stop":
        return stop_all()
    if verb == "clock":
        return clock(args)
    if verb == "totp":
        return totp(args)
    if verb in ("backup", "restore"):
        return manage(verb, *args, role="owner", check=False)
    _database_up()
    return manage(*args, role=os.environ.get("MZ_ROLE", "owner"), check=False)
