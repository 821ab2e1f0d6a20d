"""Runs the services as child processes and restarts any that dies; stops all of them on Ctrl-C or SIGTERM.

The supervisor keeps no state. A lock of the operating system says whether one runs, and every service carries its
installation and its name in MZ_SERVICE: so after kill -9 of any or all, the next start finds what is left and takes over.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

from minzheng.base.pg.server import Server
from minzheng.base.pg.target import find_target
from minzheng.cli import ROOT, environment, say

VAR = Path(os.environ.get("MZ_VAR", ROOT / "var"))
PORT = int(os.environ.get("MZ_PORT", "8000"))
STREAMS_PORT = int(os.environ.get("MZ_STREAMS_PORT", str(PORT + 1)))
RESTART_PAUSE = (0.2, 10.0)
STEADY = 60.0  # seconds alive after which earlier failures are forgotten
READY = 60.0
STOPPING = 12.0  # seconds for the services to end by themselves; with the database all is over in 20


def mark(name: str) -> str:
    """The value of MZ_SERVICE: which installation the process belongs to, and what it is."""
    return f"{VAR.resolve()}:{name}"


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
        env = environment(self.role, MZ_SERVICE=mark(self.name), **self.extra)
        with log.open("ab") as out:
            self.process = subprocess.Popen(self.command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, start_new_session=True)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tend(self) -> None:
        """Restarts the child after it ended, ever more slowly while it keeps failing."""
        now = time.monotonic()
        if self.running():
            if self.failures and now - self.not_before > STEADY:
                self.failures = 0
            return
        if now < self.not_before:
            return
        if self.process is not None:
            self.failures += 1
            self.signal(signal.SIGKILL)  # what it started may hold its port still
        low, high = RESTART_PAUSE
        self.not_before = now + min(high, low * 2**self.failures)
        self.start()

    def signal(self, number: int) -> None:
        """To the child and all that it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def services(demo: bool) -> list[Service]:
    python = sys.executable
    pool = {"MZ_POOL": "1"}
    found = [
        Service("web", [python, "-m", "gunicorn", "minzheng.wsgi:application", "--bind", f"127.0.0.1:{PORT}",
                        "--workers", os.environ.get("MZ_WORKERS", "2"), "--worker-class", "gthread", "--threads", "4",
                        "--preload", "--graceful-timeout", "10", "--access-logfile", "/dev/null", "--no-control-socket"],
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


def leftovers() -> list[int]:
    """Processes of this installation's services and set-up steps, whoever started them."""
    wanted, found = f"MZ_SERVICE={mark('')}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            values = path.read_bytes().split(b"\0")
        except OSError:  # somebody else's process, or over
            continue
        if any(value.startswith(wanted) for value in values):
            found.append(int(path.parent.name))
    return found


def take_over_leftovers() -> None:
    """Ends what a supervisor that was killed has left, and waits until it is gone."""
    end = time.monotonic() + 10
    while (found := leftovers()) and time.monotonic() < end:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether this process is the only supervisor of the installation; the lock goes with the process."""
    path = VAR / "run" / "supervisor.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield True


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _live() -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/health/live", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _database_runs(server: Server | None) -> bool:
    """Starts the database again after it died; says False while that fails, as when its old processes are still ending."""
    if server is None or server.running():
        return True
    try:
        server.start()
    except RuntimeError as error:
        say(f"数据库没有启动,稍后重试:{error}")
        return False
    return True


def _welcome(demo: bool) -> None:
    from minzheng.welcome import lines

    for line in lines(PORT, demo=demo):
        say(line)


def run_all(*, demo: bool) -> int:
    """Runs until asked to stop; the caller holds the lock. Returns the exit code."""
    server = find_target(VAR).server
    stopping = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    take_over_leftovers()
    taken = next((port for port in (PORT, STREAMS_PORT) if _taken(port)), 0)
    if taken:
        say(f"端口 {taken} 已被别的程序占用。请先停止它,或用 MZ_PORT=其他端口 启动。")
    else:
        children = services(demo)
        _attend(children, server, stopping, demo)
        say("正在停止……")
        stop_services(children)
        take_over_leftovers()
    if server is not None:
        server.stop()
    return 1 if taken else 0


def _attend(children: list[Service], server: Server | None, stopping: threading.Event, demo: bool) -> None:
    """Keeps database and children running until asked to stop; tells once when the pages answer, or do not."""
    waiting, late = True, time.monotonic() + READY
    while not stopping.is_set():
        if _database_runs(server):
            for child in children:
                child.tend()
        if waiting and _live():
            _welcome(demo)
            waiting = False
        if waiting and time.monotonic() > late:
            say(f"网页服务没有在 {READY:.0f} 秒内就绪,请看 {VAR / 'logs' / 'web.log'}")
            waiting = False
        stopping.wait(0.1 if waiting else 0.5)


def stop_services(children: list[Service]) -> None:
    """Asks all children to end, and ends what does not."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOPPING
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{child.name} 没有及时停止,强制结束")
            child.signal(signal.SIGKILL)


def stop_all() -> int:
    """Asks a running supervisor to stop and waits for it; after one that was killed, ends what it has left."""
    with alone() as nobody:
        if nobody:
            found, server = leftovers(), find_target(VAR).server
            up = server is not None and server.running()
            take_over_leftovers()
            if server is not None and up:
                server.stop()
            say("已停止" if found or up else "没有正在运行的服务")
            return 0
    pid = int((VAR / "run" / "supervisor.lock").read_text() or 0)
    if pid:
        os.kill(pid, signal.SIGTERM)
    for _ in range(300):
        with alone() as over:
            if over:
                return 0
        time.sleep(0.1)
    return 1
