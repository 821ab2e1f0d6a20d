"""Taking a backup into a folder:

    base/<time>/{data/, manifest.json, manifest.sig}   wal/<segment>.gz, wal/<segment>.gz.sm3
    files/ab/cd/<digest>   audit/seals.jsonl   keys/escrow-<time>.json

The files are encrypted already and named by their digest, so they are copied once. Keys go in escrowed, never plain.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from minzheng.base import clock
from minzheng.base.audit.sealing import anchor_path
from minzheng.base.backup.archiving import archive_folder
from minzheng.base.backup.manifest import file_sm3, listing, write_manifest
from minzheng.base.crypto import escrow
from minzheng.base.crypto.ring import secrets_dir
from minzheng.base.errors import Refused
from minzheng.base.files.blobs import all_blobs, root
from minzheng.base.pg.target import Target

FORM = "minzheng-backup-1"
KEEP_DAYS = 7


def take_backup(folder: Path, target: Target, *, keys: bool = True) -> Path:
    """A whole backup; returns the folder of its base. Refused without an archive; KeyMissing without custodians."""
    if target.server is None:
        raise Refused("使用外部 PostgreSQL 时,请由数据库管理员备份数据库(需 WAL 归档)")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = clock.now().strftime("%Y%m%dT%H%M%S")
    partial, base = folder / "base" / f".{stamp}.part", folder / "base" / stamp
    partial.mkdir(parents=True)
    started = dt.datetime.now(clock.SHANGHAI)
    with target.connect_admin() as admin:
        require_archive(admin)
        _base_backup(target, partial / "data")
        copied = copy_wal(folder, target, admin)
    ended = dt.datetime.now(clock.SHANGHAI)
    blobs = copy_files(folder)
    content: dict[str, Any] = {
        "form": FORM, "label": stamp, "started": started.isoformat(), "ended": ended.isoformat(), "blobs": blobs,
        "wal": copied, "escrow": escrow_keys(folder, stamp) if keys else "", "files": listing(partial / "data"),
    }
    write_manifest(partial, content)
    partial.replace(base)
    return base


def require_archive(admin: psycopg.Connection[Any]) -> None:
    row = admin.execute("SHOW archive_mode").fetchone()
    if row is None or row[0] != "on":
        raise Refused("数据库没有开启 WAL 归档,无法恢复到时间点")


def _base_backup(target: Target, into: Path) -> None:
    assert target.server is not None
    environment = {**os.environ, "PGPASSWORD": target.admin_password}
    command = [target.server.binaries / "bin" / "pg_basebackup", "-h", target.host, "-U", target.admin, "-D", into,
               "-X", "fetch", "-c", "fast", "--manifest-checksums=SHA256", "--no-sync"]
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"pg_basebackup: {done.stderr.strip()[-500:]}")


def copy_wal(folder: Path, target: Target, admin: psycopg.Connection[Any], wait: float = 60) -> int:
    """Finish the current WAL segment and copy what the archive has and the backup lacks; returns how many."""
    assert target.server is not None
    # one byte back: when nothing was written since the last switch the answer is the start of an empty segment
    row = admin.execute("SELECT pg_walfile_name(pg_switch_wal() - 1)").fetchone()
    assert row is not None
    archive, wal = archive_folder(target.server), folder / "wal"
    wal.mkdir(exist_ok=True)
    deadline = time.monotonic() + wait
    while not (archive / f"{row[0]}.gz").exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"WAL 段 {row[0]} 一分钟内没有归档")
        time.sleep(0.1)
    count = 0
    for source in sorted(archive.iterdir()):
        destination = wal / source.name
        if source.suffix == ".part" or destination.exists():
            continue
        partial = destination.with_suffix(".part")
        shutil.copyfile(source, partial)
        destination.with_name(destination.name + ".sm3").write_text(file_sm3(partial))
        partial.replace(destination)
        count += 1
    _thin_out(archive, wal)
    return count


def _thin_out(archive: Path, wal: Path) -> None:
    """Remove from the archive what this backup holds and is older than a week: other backups may want the rest."""
    oldest = time.time() - KEEP_DAYS * 86400
    for source in archive.iterdir():
        if source.stat().st_mtime < oldest and (wal / source.name).exists():
            source.unlink()


def copy_files(folder: Path) -> int:
    """Copy the blobs that are new or were re-sealed since, and the audit anchor; returns how many blobs."""
    count = 0
    for source in all_blobs():
        destination = folder / "files" / source.relative_to(root())
        if destination.exists() and _head(destination) == _head(source):
            continue
        destination.parent.mkdir(parents=True, exist_ok=True)
        partial = destination.with_suffix(".part")
        shutil.copyfile(source, partial)
        partial.replace(destination)
        count += 1
    if anchor_path().exists():
        (folder / "audit").mkdir(exist_ok=True)
        shutil.copyfile(anchor_path(), folder / "audit" / "seals.jsonl")
    return count


def _head(path: Path) -> bytes:
    """Version, key id and nonce: differs when a blob has been sealed again."""
    with path.open("rb") as blob:
        return blob.read(15)


def escrow_keys(folder: Path, stamp: str) -> str:
    """Write the keys and passwords for the custodians; returns the file's name. Refused without custodians."""
    package = escrow.package_keys(secrets_dir(), Path(settings.VAR_DIR) / "secrets.json")
    wrapped = escrow.wrap(package, *escrow.custodians(secrets_dir()))
    name = f"escrow-{stamp}.json"
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / name).write_text(json.dumps(wrapped, ensure_ascii=False))
    return name


def prune(folder: Path, keep: int) -> int:
    """Remove all but the newest `keep` bases, and the WAL that none of the rest needs; returns how many bases went."""
    bases = sorted(path for path in (folder / "base").iterdir() if not path.name.startswith("."))
    gone = bases[:-keep] if keep else []
    for path in gone:
        shutil.rmtree(path)
    kept = bases[len(gone):]
    if gone and kept:
        first = first_segment(kept[0] / "data")
        for path in (folder / "wal").iterdir():
            if len(path.name) >= 24 and path.name[8:24] < first[8:24]:
                path.unlink()
    return len(gone)


def first_segment(data: Path) -> str:
    """The first WAL segment that a base needs."""
    for line in (data / "backup_label").read_text().splitlines():
        if line.startswith("START WAL LOCATION"):
            return line.rpartition("file ")[2].rstrip(")")
    raise ValueError("backup_label 没有起始 WAL")
