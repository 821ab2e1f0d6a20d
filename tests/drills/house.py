"""A running installation that drills may kill: its processes, its database, its officers' browsers.

Everything is done from outside: the command line, signals, HTTP. Only the assertions look into the database.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

from minzheng.base.pg.roles import load_secrets
from minzheng.base.pg.server import Server
from minzheng.demo.accounts import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "drills"
PORT, STREAMS, DEPARTMENTS = 18680, 18681, 18701
COUNTY = "320583000000"
T = TypeVar("T")


def until(found: Callable[[], T], what: str, seconds: float = 60) -> T:
    """Waits until the condition holds and returns it; fails with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class _Forms(HTMLParser):
    """The forms of a page with what a browser would send from them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((a.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        name = a.get("name", "")
        if tag == "input" and name:
            if a.get("type") not in ("checkbox", "radio") or "checked" in a:
                fields[name] = a.get("value", "on" if a.get("type") == "checkbox" else "")
        elif tag == "textarea" and name:
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in fields or "selected" in a or not fields[self._select]):
            fields[self._select] = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


class Browser:
    """One account, signed in. Answers are returned as they come; a dead server gives None."""

    def __init__(self, username: str) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{PORT}", follow_redirects=True, timeout=40)
        page = self.client.get("/accounts/login/")
        page = self._post(page, "", login=username, password=PASSWORD)
        if "2fa" in str(page.url):
            code = re.search(r"当前动态验证码 (\d{6})", page.text)
            assert code, page.text
            page = self._post(page, "/accounts/2fa/authenticate/", code=code.group(1))
        assert "退出" in page.text and "accounts" not in page.url.path, page.text

    def _post(self, page: httpx.Response, action: str, **values: str) -> httpx.Response:
        return self.client.post(action or page.url, data={**form_of(page.text, action), **values})

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text[-2000:])
        return answer.text

    def send(self, action: str, fields: dict[str, str]) -> httpx.Response | None:
        """One attempt."""
        try:
            return self.client.post(action, data=fields)
        except httpx.HTTPError:
            return None

    def do(self, path: str, action: str, **values: str) -> httpx.Response:
        """Opens a page, fills the form whose address holds `action`, sends it, and expects success."""
        text = self.page(path)
        answer = self.client.post(action_of(text, action), data={**form_of(text, action), **values})
        assert answer.status_code == 200, (answer.status_code, answer.text[-3000:])
        return answer


def _form(text: str, action: str) -> tuple[str, dict[str, str]]:
    reader = _Forms()
    reader.feed(text)
    found = [form for form in reader.forms if action in form[0]]
    assert found, f"no form {action} on the page:\n{text[-3000:]}"
    return found[0]


def form_of(text: str, action: str) -> dict[str, str]:
    """What a browser would send from the form whose address holds `action`."""
    return dict(_form(text, action)[1])


def action_of(text: str, action: str) -> str:
    return _form(text, action)[0]


class House:
    """The installation in VAR."""

    def __init__(self) -> None:
        self.env = {**os.environ, "MZ_VAR": str(VAR), "MZ_DEMO": "1", "MZ_PORT": str(PORT), "MZ_DEMO_PEOPLE": "500",
                    "MZ_STREAMS_PORT": str(STREAMS), "MZ_DEPARTMENT_PORTS": str(DEPARTMENTS), "MZ_E2E_SERVER": "1"}
        for name in ("DJANGO_SETTINGS_MODULE", "MZ_DB", "DATABASE_URL", "PYTEST_CURRENT_TEST", "MZ_MASTER_KEY"):
            self.env.pop(name, None)
        self.supervisor: subprocess.Popen[bytes] | None = None
        self._browsers: dict[str, Browser] = {}

    # -- life ------------------------------------------------------------------------------------
    def clear(self) -> None:
        for pid in self.pids():
            kill(pid)
        shutil.rmtree(self.server().home, ignore_errors=True)
        shutil.rmtree(VAR, ignore_errors=True)
        VAR.mkdir(parents=True)
        for name in ("assets", "icons", "fonts"):
            if (ROOT / "var" / name).exists():
                (VAR / name).symlink_to(ROOT / "var" / name)

    def launch(self, verb: str = "up") -> subprocess.Popen[bytes]:
        with (VAR / "supervisor.log").open("ab") as log:
            self.supervisor = subprocess.Popen([sys.executable, "-m", "minzheng.cli", verb], env=self.env, cwd=ROOT,
                                               stdout=log, stderr=log, start_new_session=True)
        return self.supervisor

    def start(self, verb: str = "up", seconds: float = 90) -> None:
        """Starts when it does not run, and waits until pages answer."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            self.launch(verb)

        def ready() -> bool:
            assert self.supervisor is not None and self.supervisor.poll() is None, self.log()
            return all(self.answers() for _ in range(12))  # every web process, after a database that was killed

        until(ready, "the pages answer", seconds)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{PORT}/health/live", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}"
                         for path in (VAR / "supervisor.log", *sorted((VAR / "logs").glob("*.log"))) if path.exists())

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Asks the supervisor to stop; returns the seconds it took."""
        assert self.supervisor is not None
        begun = time.monotonic()
        self.supervisor.send_signal(number)
        self.supervisor.wait(60)
        return time.monotonic() - begun

    def command(self, *args: str) -> str:
        return self._run(sys.executable, "-m", "minzheng.cli", *args)

    def departments(self, *args: str) -> str:
        verb, *rest = args
        return self._run(sys.executable, "-m", "simulators", verb, "--state", str(VAR / "simulators"), *rest)

    def manage(self, *args: str, role: str) -> str:
        return self._run(sys.executable, "manage.py", *args, MZ_ROLE=role)

    def script(self, code: str, role: str) -> Any:
        """Runs code in the project; what it prints last is JSON."""
        return json.loads(self.manage("shell", "--no-imports", "-c", code, role=role).strip().rpartition("\n")[2])

    def _run(self, *command: str, **env: str) -> str:
        done = subprocess.run(command, env={**self.env, **env}, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    # -- processes -------------------------------------------------------------------------------
    def pids(self, service: str = "") -> list[int]:
        """All processes that belong to this installation, or those of one service."""
        wanted = f"MZ_SERVICE={VAR}:{service}" if service else f"MZ_VAR={VAR}"
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if wanted.encode() in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                    found.append(int(path.parent.name))
        return found

    def kill_service(self, name: str) -> None:
        """kill -9 of all processes of a service, which must be running; its next process must be another."""
        pids = until(lambda: self.pids(name), f"{name} runs")
        for pid in pids:
            kill(pid)
        until(lambda: set(self.pids(name)) - set(pids), f"{name} is started again")

    def postmaster(self) -> int:
        return int((self.server().data / "postmaster.pid").read_text().split()[0])

    def kill_database(self) -> None:
        pid = self.postmaster()
        kill(pid)
        until(lambda: not alive(pid), "the postmaster is dead")

    def kill_everything(self) -> None:
        """The supervisor first, so that it restarts nothing."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait()
        for pid in (self.postmaster(), *self.pids()):
            kill(pid)
        until(lambda: not self.pids(), "all processes are dead")

    # -- database --------------------------------------------------------------------------------
    def server(self) -> Server:
        return Server(VAR / "pg", load_secrets(VAR)["mz_admin"])

    def connect(self) -> psycopg.Connection[Any]:
        return self.server().connect("minzheng")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as admin:
            return admin.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    @contextlib.contextmanager
    def held(self, table: str, waiting: int) -> Iterator[Callable[[], None]]:
        """Whoever would write to the table waits. The value waits until that many do: all of them are halfway."""
        with self.connect() as admin:
            admin.autocommit = False
            admin.execute(f"LOCK TABLE {table} IN SHARE MODE")

            def halfway() -> None:
                until(lambda: self.one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                       " AND usename IN ('mz_web', 'mz_worker')") >= waiting,
                      f"{waiting} transactions are halfway")

            try:
                yield halfway
            finally:
                with contextlib.suppress(psycopg.Error):  # the drill may have killed the server
                    admin.rollback()

    # -- people ----------------------------------------------------------------------------------
    def browser(self, username: str) -> Browser:
        """One session an account for the whole run: it must outlive every kill."""
        if username not in self._browsers:
            self._browsers[username] = Browser(username)
        return self._browsers[username]

    # -- what must always be true ----------------------------------------------------------------
    def settle(self) -> None:
        """Until no job or event waits and all records are sealed."""
        until(lambda: self.one("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
                               " AND (scheduled_at IS NULL OR scheduled_at <= now())") == 0, "no job waits", 100)
        until(lambda: self.one("SELECT count(*) FROM events_outbox WHERE status = 'pending' AND next_at <= now()") == 0,
              "no event waits", 60)
        until(lambda: self.one("SELECT audit_delay()") == 0, "all records are sealed", 30)

    def verify(self) -> None:
        """The audit chain holds, nothing failed for good, no case is half, the books balance."""
        self.settle()
        assert "告警 0 处" in self.manage("verify_audit", role="sealer")
        assert self.rows("SELECT name, note FROM jobs_run WHERE status = 'failed'") == []
        assert self.rows("SELECT name, error FROM events_outbox WHERE status = 'dead'") == []
        assert self.halves() == []
        assert self.script(PROOF, "worker") == []

    def halves(self) -> list[tuple[Any, ...]]:
        """低保 cases that lack a part, and parts that lack a case."""
        return self.rows(HALVES)

    def bank(self) -> list[tuple[str, str, int]]:
        """(envelope, account, fen) of every payment that the bank has made."""
        with contextlib.closing(sqlite3.connect(f"file:{VAR}/simulators/bank.sqlite?mode=ro", uri=True)) as store:
            return store.execute("SELECT envelope, account, amount_fen FROM payments WHERE code = '0000'").fetchall()


def alive(pid: int) -> bool:
    """A killed process that its parent has not yet asked about is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


PROOF = f"""
import json
from minzheng.base import clock
from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.office.ledger.proof import prove_day
with acting(Service("演练", "{COUNTY}").scope()):
    print(json.dumps([[r.title, r.left, r.right] for r in prove_day(clock.today(), "{COUNTY}").rows if not r.ok]))
"""

HALVES = """
SELECT code, 'members' FROM cases_case c WHERE c.matter = 'dibao' AND NOT EXISTS (SELECT 1 FROM cases_casemember m WHERE m.case_id = c.id)
UNION ALL SELECT code, 'process' FROM cases_case c WHERE c.matter = 'dibao' AND (SELECT count(*) FROM flow_process p WHERE p.subject = c.code) <> 1
UNION ALL SELECT code, 'task' FROM cases_case c WHERE c.matter = 'dibao' AND NOT EXISTS (SELECT 1 FROM flow_task t WHERE t.subject = c.code)
UNION ALL SELECT code, 'authorisation' FROM cases_case c
  WHERE c.matter = 'dibao' AND (SELECT count(*) FROM verification_authorisation a WHERE a.case_code = c.code) <> 1
UNION ALL SELECT code, 'signatures' FROM cases_case c
  WHERE c.matter = 'dibao' AND (SELECT count(*) FROM verification_authorisedperson s JOIN verification_authorisation a ON a.id = s.authorisation_id
         WHERE a.case_code = c.code) <> (SELECT count(*) FROM cases_casemember m WHERE m.case_id = c.id AND m.counted)
UNION ALL SELECT code, 'materials' FROM cases_case c
  WHERE c.matter = 'dibao' AND NOT EXISTS (SELECT 1 FROM materials_casematerial m WHERE m.case_id = c.id)
UNION ALL SELECT code, 'record' FROM cases_case c
  WHERE c.matter = 'dibao' AND (SELECT count(*) FROM audit_record r WHERE r.action = 'case.submit' AND r.obj_id = c.code) <> 1
UNION ALL SELECT code, 'event' FROM cases_case c
  WHERE c.matter = 'dibao' AND (SELECT count(*) FROM events_outbox e WHERE e.name = 'case.submitted' AND e.aggregate = c.code) <> 1
UNION ALL SELECT subject, 'process without case' FROM flow_process p
  WHERE p.subject ~ '^[0-9]{19}$' AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.code = p.subject)
UNION ALL SELECT case_code, 'authorisation without case' FROM verification_authorisation a
  WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.code = a.case_code)
UNION ALL SELECT case_id::text, 'member without case' FROM cases_casemember m
  WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = m.case_id)
UNION ALL SELECT case_id::text, 'material without case' FROM materials_casematerial m
  WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = m.case_id)
UNION ALL SELECT obj_id, 'record without case' FROM audit_record r
  WHERE r.action = 'case.submit' AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.code = r.obj_id)
"""
