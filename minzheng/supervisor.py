"""Runs the services as child processes and restarts any that dies; stops all of them on Ctrl-C or SIGTERM.

The supervisor keeps no state but a pid file: after kill -9 of any or all, the next start takes over.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from minzheng.base.pg.target import find_target
from minzheng.cli import ROOT, environment, say

VAR = Path(os.environ.get("MZ_VAR", ROOT / "var"))
PORT = int(os.environ.get("MZ_PORT", "8000"))
STREAMS_PORT = int(os.environ.get("MZ_STREAMS_PORT", str(PORT + 1)))
RESTART_PAUSE = (0.2, 10.0)


@dataclass
class Service:
    """One child: its command, the database role it signs in with, and its life so far."""

    name: str
    command: list[str]
    role: str
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        log = VAR / "logs" / f"{self.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(self.command, env=environment(self.role, **self.extra), cwd=ROOT,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        (VAR / "run").mkdir(exist_ok=True)
        (VAR / "run" / f"{self.name}.pid").write_text(str(self.process.pid))

    def tend(self) -> None:
        """Restarts the child after it ended, ever more slowly while it keeps failing."""
        if self.process is not None and self.process.poll() is None:
            if self.failures and time.monotonic() - self.not_before > 60:
                self.failures = 0
            return
        if self.process is not None and not self.not_before > time.monotonic():
            self.failures += 1
        if time.monotonic() >= self.not_before:
            low, high = RESTART_PAUSE
            self.not_before = time.monotonic() + min(high, low * 2**self.failures)
            self.start()

    def stop(self, sig: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, sig)
            except ProcessLookupError:
                return


def services(demo: bool) -> list[Service]:
    python = sys.executable
    pool = {"MZ_POOL": "1"}
    found = [
        Service("web", [python, "-m", "gunicorn", "minzheng.wsgi:application", "--bind", f"127.0.0.1:{PORT}",
                        "--workers", os.environ.get("MZ_WORKERS", "2"), "--worker-class", "gthread", "--threads", "4",
                        "--graceful-timeout", "10", "--access-logfile", "/dev/null", "--no-control-socket"],
                "web", pool),
        Service("streams", [python, "-m", "minzheng.front.streams"], "web", {"MZ_STREAMS_PORT": str(STREAMS_PORT)}),
        Service("worker", [python, "manage.py", "work"], "worker"),
        Service("sealer", [python, "manage.py", "seal", "--forever"], "sealer"),
    ]
    if demo:
        found.append(Service("departments", [python, "-m", "simulators", "serve", "--data", str(VAR / "population"),
                                             "--state", str(VAR / "simulators"), "--ports-from",
                                             os.environ.get("MZ_DEPARTMENT_PORTS", "18101"), "--platform",
                                             f"http://127.0.0.1:{PORT}"], "web"))
    return found


def take_over_leftovers() -> None:
    """Ends children of a supervisor that was killed, by the pid files it left, when they are still ours."""
    for path in (VAR / "run").glob("*.pid"):
        try:
            pid = int(path.read_text())
            ours = str(ROOT) in Path(f"/proc/{pid}/environ").read_text(errors="replace") and pid != os.getpid()
        except (OSError, ValueError):
            ours = False
        if ours:
            try:
                os.killpg(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        path.unlink(missing_ok=True)


def _ready(port: int, limit: float) -> bool:
    import httpx

    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=2).status_code == 200:
                return True
        except httpx.HTTPError:
            time.sleep(0.1)
    return False


def run_all(*, demo: bool) -> int:
    """Runs until asked to stop. Returns the exit code."""
    target = find_target(VAR)
    take_over_leftovers()
    stopping = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    (VAR / "run").mkdir(parents=True, exist_ok=True)
    (VAR / "run" / "supervisor.pid").write_text(str(os.getpid()))
    if target.server is not None:
        target.server.start()
    children = services(demo)
    for child in children:
        child.tend()
    if _ready(PORT, 60):
        from minzheng.welcome import lines

        for line in lines(PORT, demo=demo):
            say(line)
    else:
        say(f"网页服务没有在 60 秒内就绪,请看 {VAR / 'logs' / 'web.log'}")
    while not stopping.wait(0.5):
        if target.server is not None and not target.server.running():
            target.server.start()
        for child in children:
            child.tend()
    say("正在停止……")
    for child in reversed(children):
        child.stop()
    deadline = time.monotonic() + 15
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.stop(signal.SIGKILL)
    if target.server is not None:
        target.server.stop()
    for path in (VAR / "run").glob("*.pid"):
        path.unlink(missing_ok=True)
    return 0


def stop_all() -> int:
    """Asks a running supervisor to stop, and waits for it."""
    path = VAR / "run" / "supervisor.pid"
    try:
        pid = int(path.read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        say("没有正在运行的服务")
        return 0
    for _ in range(300):
        if not Path(f"/proc/{pid}").exists():
            return 0
        time.sleep(0.1)
    return 1
