"""Restoring a backup to a point in time into an installation's var folder."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from minzheng.base.backup.archiving import restore_command
from minzheng.base.backup.manifest import BadBackup, check_files, file_sm3, read_manifest
from minzheng.base.backup.taking import first_segment
from minzheng.base.clock import SHANGHAI
from minzheng.base.errors import Refused
from minzheng.base.pg.roles import load_secrets
from minzheng.base.pg.server import Server


@dataclass(frozen=True)
class Restored:
    label: str
    reached: dt.datetime | None
    blobs: int


def choose_base(folder: Path, to: dt.datetime | None) -> tuple[Path, dict[str, Any]]:
    """The newest base that had ended by then, its manifest checked; raises BadBackup."""
    bases = sorted((path for path in (folder / "base").glob("*") if not path.name.startswith(".")), reverse=True)
    for base in bases:
        found = read_manifest(base)
        if to is None or dt.datetime.fromisoformat(found["ended"]) <= to:
            return base, found
    raise BadBackup("没有早于这个时间点的备份")


def restore(folder: Path, var: Path, to: dt.datetime | None = None) -> Restored:
    """Bring `var`'s database, files and audit anchor to the time `to`, or as far as the archive reaches.

    What was there is moved aside, not deleted. Refused while the database runs. The server is stopped at the end.
    """
    if to is not None and to.tzinfo is None:
        to = to.replace(tzinfo=SHANGHAI)
    base, found = choose_base(folder, to)
    check_files(base / "data", found["files"])
    server = Server(var / "pg", load_secrets(var)["mz_admin"])
    if server.running():
        raise Refused("数据库正在运行,请先停止全部服务(minzheng stop)")
    aside = f"before-{dt.datetime.now(SHANGHAI):%Y%m%dT%H%M%S}"
    if server.data.exists():
        server.data.rename(server.data.with_name(f"data.{aside}"))
    shutil.copytree(base / "data", server.data, symlinks=True, ignore=shutil.ignore_patterns("server.log"))
    wal = _lay_out_wal(folder, server, first_segment(base / "data"))
    _own_tree(server, server.data, wal)
    reached = _recover(server, wal, to)
    blobs = _files(folder, var, aside)
    shutil.rmtree(wal)
    return Restored(found["label"], reached, blobs)


def _lay_out_wal(folder: Path, server: Server, first: str) -> Path:
    """The segments from `first` on, their digests checked, where the server can read them."""
    wal = server.home / "wal-restore"
    if wal.exists():
        shutil.rmtree(wal)
    wal.mkdir(mode=0o700)
    for source in sorted((folder / "wal").iterdir()):
        if source.suffix in (".sm3", ".part") or (len(source.name) >= 24 and source.name[8:24] < first[8:24]):
            continue
        if file_sm3(source) != source.with_name(source.name + ".sm3").read_text():
            raise BadBackup(f"WAL 段 {source.name} 被改动")
        shutil.copyfile(source, wal / source.name)
    return wal


def _own_tree(server: Server, *folders: Path) -> None:
    for folder in folders:
        server._own(folder, 0o700)
        if server.user is not None:
            for path in folder.rglob("*"):
                shutil.chown(path, server.user.pw_uid, server.user.pw_gid)


def _recover(server: Server, wal: Path, to: dt.datetime | None) -> dt.datetime | None:
    """Let the server recover and become writable; returns the time of the last transaction, then stops it."""
    usual = dict(server.options)
    server.options |= {"restore_command": restore_command(wal), "recovery_target_action": "promote",
                       "archive_mode": "off"}
    if to is not None:
        server.options["recovery_target_time"] = to.isoformat()
    signal = server.data / "recovery.signal"
    signal.touch(mode=0o600)
    if server.user is not None:
        shutil.chown(signal, server.user.pw_uid, server.user.pw_gid)
    try:
        server.start()
        with server.connect() as admin:
            deadline = time.monotonic() + 600
            while admin.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                if time.monotonic() > deadline:
                    raise RuntimeError("恢复超过十分钟没有完成")
                time.sleep(0.1)
            row = admin.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()
    except (RuntimeError, psycopg.OperationalError) as error:
        log = (server.data / "server.log").read_text(errors="replace")
        if "before configured recovery target" in log:
            raise Refused("归档的 WAL 还没有到这个时间点,请选较早的时间,或不带 --to 恢复到最新") from error
        raise
    finally:
        server.stop()
        server.options = usual
    server.configure()
    return row[0] if row else None


def _files(folder: Path, var: Path, aside: str) -> int:
    """Copy missing blobs; the anchor of now is kept aside and cut to what the database knows by `cut_anchor`."""
    count = 0
    for source in (folder / "files").rglob("*") if (folder / "files").exists() else ():
        destination = var / "files" / source.relative_to(folder / "files")
        if source.is_file() and source.suffix != ".part" and not destination.exists():
            destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(source, destination)
            destination.chmod(0o600)
            count += 1
    anchor, kept = var / "audit" / "seals.jsonl", folder / "audit" / "seals.jsonl"
    if anchor.exists():
        shutil.copyfile(anchor, anchor.with_name(f"seals.{aside}.jsonl"))
    elif kept.exists():
        anchor.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(kept, anchor)
    return count
