"""The content-addressed store: var/files/ab/cd/<SM3 in hex>, encrypted (SM4-GCM), written once and atomically."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from minzheng.base.crypto import KeyMissing, Tampered, decrypt_bytes, encrypt_bytes, sm3
from minzheng.base.crypto.ring import write_private
from minzheng.base.crypto.text import active_head

CONTEXT = "files.blob"


class Damaged(RuntimeError):
    """A blob is gone or does not have its digest any more."""


def root() -> Path:
    return Path(settings.VAR_DIR) / "files"


def blob_path(digest: bytes) -> Path:
    name = digest.hex()
    return root() / name[:2] / name[2:4] / name


def write_blob(content: bytes) -> bytes:
    """Store the content, unless it is there; returns its digest."""
    digest = sm3(content)
    path = blob_path(digest)
    if not path.exists():
        write_private(path, encrypt_bytes(CONTEXT, content))
    return digest


def read_blob(digest: bytes) -> bytes:
    """The content of that digest; raises Damaged."""
    try:
        content = decrypt_bytes(CONTEXT, blob_path(digest).read_bytes())
    except (OSError, Tampered, KeyMissing) as error:
        raise Damaged(f"文件 {digest.hex()[:12]} 缺失或损坏") from error
    if sm3(content) != digest:
        raise Damaged(f"文件 {digest.hex()[:12]} 内容与摘要不符")
    return content


def all_blobs() -> Iterator[Path]:
    return (path for path in root().glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*") if len(path.name) == 64)


def rotate_blobs() -> int:
    """Re-seal the blobs that are under an older data key; returns how many."""
    head, count = active_head(), 0
    for path in all_blobs():
        with path.open("rb") as blob:
            if blob.read(len(head)) == head:
                continue
        write_private(path, encrypt_bytes(CONTEXT, decrypt_bytes(CONTEXT, path.read_bytes())))
        count += 1
    return count
