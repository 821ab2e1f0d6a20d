"""The whole system as `make demo` starts it, on a small population in a folder of its own, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "e2e"
PORT = 18080
PEOPLE = "2000"
PASSWORD = "Minzheng-2026"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]


@dataclass
class Stack:
    """The running system: where it is, and the command line of its operator."""

    url: str
    env: dict[str, str]

    def run(self, *args: str) -> str:
        done = subprocess.run([sys.executable, "-m", "minzheng.cli", *args], env=self.env, cwd=ROOT, check=True,
                              capture_output=True, text=True)
        return done.stdout

    def manage(self, role: str, *args: str) -> str:
        """A management command as a service role."""
        done = subprocess.run([sys.executable, str(ROOT / "manage.py"), *args], cwd=ROOT, check=True, capture_output=True,
                              text=True, env={**self.env, "MZ_ROLE": role})
        return done.stdout

    def simulators(self, *args: str) -> str:
        done = subprocess.run([sys.executable, "-m", "simulators", args[0], "--state", str(VAR / "simulators"), *args[1:]],
                              env=self.env, cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout

    def today(self) -> str:
        """The demonstration's day, as a form takes it."""
        return self.run("clock")[:10]

    def move_clock(self, by: str) -> None:
        """Moves the demonstration clock and lets everything that has become due happen."""
        self.run("clock", by)


def _share_assets() -> None:
    VAR.mkdir(parents=True, exist_ok=True)
    for name in ("assets", "icons", "fonts"):
        target = VAR / name
        if not target.exists() and (ROOT / "var" / name).exists():
            target.symlink_to(ROOT / "var" / name)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    env = {**os.environ, "MZ_VAR": str(VAR), "MZ_DEMO": "1", "MZ_PORT": str(PORT), "MZ_DEPARTMENT_PORTS": "18301",
           "MZ_DEMO_PEOPLE": PEOPLE, "MZ_E2E_SERVER": "1", "MZ_STREAMS_PORT": str(PORT + 1)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    if os.environ.get("MZ_E2E_REUSE") == "1":  # a developer keeps one system running between runs
        yield Stack(f"http://127.0.0.1:{PORT}", env)
        return
    shutil.rmtree(VAR, ignore_errors=True)
    _share_assets()
    log = (VAR / "demo.log").open("w")
    process = subprocess.Popen([sys.executable, "-m", "minzheng.cli", "demo"], env=env, cwd=ROOT, stdout=log, stderr=log)
    end = time.monotonic() + 600
    while True:
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail("the system did not start:\n" + (VAR / "demo.log").read_text()[-3000:])
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/health/live", timeout=2).status_code == 200:
                break
        except httpx.HTTPError:
            process.poll()
            time.sleep(0.2)
    yield Stack(f"http://127.0.0.1:{PORT}", env)
    process.send_signal(signal.SIGTERM)
    process.wait(40)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no chromium: run make test once, which installs it or says how")
    return {**browser_type_launch_args, "executable_path": found, "args": QUIET}


class Desk:
    """One officer or citizen at a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, username: str) -> Desk:
        self.go("/accounts/login/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        if "2fa" in self.page.url:
            expect(self.page.get_by_text("当前动态验证码")).to_be_visible()
            shown = re.search(r"当前动态验证码 (\d{6})", self.page.content())
            assert shown, "a demonstration shows the code"
            self.page.locator("input[name=code]").fill(shown.group(1))
            self.page.get_by_role("button", name="登录").click()
        expect(self.page.locator("header.top")).to_be_visible()
        return self

    def until(self, text: str, *, path: str, seconds: float = 60) -> None:
        """Reloads the page until the words are there: work in the background has an end, not a fixed time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.go(path)
            if text in self.page.content():
                return
            self.page.wait_for_timeout(700)
        pytest.fail(f"{text!r} did not appear on {path}")


@pytest.fixture(scope="session")
def signed_in() -> dict[str, object]:
    """Cookies by account: one sign-in a session, since a new one would end the old, and a code counts once."""
    return {}


@pytest.fixture
def desk(browser: Browser, stack: Stack, signed_in: dict[str, object]) -> Iterator[object]:
    """Makes a browser of its own for each person: `desk("clerk")`, or `desk("zhang", phone=True)`."""
    contexts = []

    def open_for(username: str, *, phone: bool = False) -> Desk:
        size = {"width": 390, "height": 844} if phone else {"width": 1366, "height": 768}
        context = browser.new_context(viewport=size, locale="zh-CN", is_mobile=phone, has_touch=phone,
                                      storage_state=signed_in.get(username))
        contexts.append(context)
        made = Desk(context.new_page(), stack.url)
        if username and username not in signed_in:
            made.sign_in(username)
            signed_in[username] = context.storage_state()
        return made

    yield open_for
    for context in contexts:
        context.close()
