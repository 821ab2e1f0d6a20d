"""The list of a backup's files with size and SM3, signed with the key "backup"."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

from minzheng.base.crypto import sign, verify

CHUNK = 1024 * 1024


class BadBackup(RuntimeError):
    """A backup is incomplete, changed or not ours."""


def file_sm3(path: Path) -> str:
    digest = Hash(SM3())
    with path.open("rb") as content:
        while block := content.read(CHUNK):
            digest.update(block)
    return digest.finalize().hex()


def listing(folder: Path) -> list[list[Any]]:
    """[path, size, SM3] of every file below the folder, sorted."""
    paths: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [[str(path.relative_to(folder)), path.stat().st_size, file_sm3(path)] for path in paths]


def write_manifest(folder: Path, content: dict[str, Any]) -> None:
    data = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    (folder / "manifest.json").write_bytes(data)
    (folder / "manifest.sig").write_text(sign("backup", data).hex())


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, its signature checked; raises BadBackup."""
    try:
        data = (folder / "manifest.json").read_bytes()
        signature = bytes.fromhex((folder / "manifest.sig").read_text())
    except (OSError, ValueError) as error:
        raise BadBackup(f"{folder.name} 没有完整的清单") from error
    if not verify("backup", data, signature):
        raise BadBackup(f"{folder.name} 的清单签名不符")
    found: dict[str, Any] = json.loads(data)
    return found


def check_files(folder: Path, expected: list[list[Any]]) -> None:
    """Every file is there with its size and digest, and no other; raises BadBackup."""
    found = {path: (size, digest) for path, size, digest in listing(folder)}
    for path, size, digest in expected:
        if found.pop(path, None) != (size, digest):
            raise BadBackup(f"备份文件 {path} 缺失或被改动")
    if found:
        raise BadBackup(f"备份里多出文件 {next(iter(found))}")
