"""The key ring: a master key (file of mode 0600, or the environment) and the keys it wraps.

`master.key` holds 32 random bytes in hex. `keyring.json` holds every other key wrapped by the master key (SM4-GCM,
the key's id and use as AAD), so neither file is worth anything alone. Neither is ever in the database or, in clear,
in a backup. Keys by use: `data` (fields and files; rotated), `index` (blind indexes), `sign:<kind>:<name>`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from minzheng.base.crypto.sm import Tampered, hmac_sm3, seal, unseal

MASTER = "master.key"
RING = "keyring.json"


class KeyMissing(RuntimeError):
    """No usable key: the process must not go on."""


@dataclass(frozen=True)
class Key:
    id: int
    use: str
    made_at: str
    secret: bytes
    public: str = ""
    retired: bool = False


def secrets_dir() -> Path:
    """Folder of the key files: MZ_SECRETS_DIR, else settings.VAR_DIR / "secrets"."""
    if given := os.environ.get("MZ_SECRETS_DIR"):
        return Path(given)
    from django.conf import settings

    return Path(settings.VAR_DIR) / "secrets"


def master_key(folder: Path) -> bytes:
    """The master key from MZ_MASTER_KEY (64 hex digits) or the file; raises KeyMissing."""
    text = os.environ.get("MZ_MASTER_KEY", "")
    if not text:
        path = folder / MASTER
        try:
            mode = path.stat().st_mode
            text = path.read_text().strip()
        except OSError as error:
            raise KeyMissing(f"没有主密钥({path}):先运行 manage.py make_keys,或从托管恢复") from error
        if mode & 0o077:
            raise KeyMissing(f"主密钥文件 {path} 的权限过宽,应为 0600")
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise KeyMissing("主密钥不是十六进制") from error
    if len(key) != 32:
        raise KeyMissing("主密钥长度应为 32 字节")
    return key


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 atomically and durably."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class KeyRing:
    """All keys, unwrapped in memory. Made by `KeyRing.open(folder)` or, for tests, `KeyRing.in_memory()`."""

    def __init__(self, keys: list[Key], folder: Path | None) -> None:
        self._keys = {key.id: key for key in keys}
        self.folder = folder
        self._stamp = 0
        self._lock = threading.Lock()
        self.subkey = lru_cache(maxsize=4096)(self._subkey)

    @classmethod
    def in_memory(cls) -> KeyRing:
        ring = cls([], None)
        ring.add("data")
        ring.add("index")
        return ring

    @classmethod
    def open(cls, folder: Path) -> KeyRing:
        """Read and unwrap the ring; raises KeyMissing."""
        ring = cls([], folder)
        ring._read()
        for use in ("data", "index"):
            ring.active(use)
        return ring

    @classmethod
    def create(cls, folder: Path) -> KeyRing:
        """Make the master key and the first keys, or complete what is there; never replaces a key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.environ.get("MZ_MASTER_KEY") and not (folder / MASTER).exists():
            if (folder / RING).exists():
                raise KeyMissing("密钥环在而主密钥不在:请从托管恢复主密钥,不能新建")
            write_private(folder / MASTER, secrets.token_hex(32).encode() + b"\n")
        ring = cls([], folder)
        if (folder / RING).exists():
            ring._read()
        for use in ("data", "index"):
            if not ring.find(use):
                ring.add(use)
        return ring

    def _read(self) -> None:
        assert self.folder is not None
        master = hmac_sm3(master_key(self.folder), b"wrap")[:16]
        path = self.folder / RING
        try:
            stamp = path.stat().st_mtime_ns
            stored = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise KeyMissing(f"密钥环 {path} 不可读") from error
        keys = {}
        for row in stored["keys"]:
            wrapped = bytes.fromhex(row.pop("wrapped"))
            try:
                secret = unseal(master, wrapped, f"{row['id']}|{row['use']}".encode())
            except Tampered as error:
                raise KeyMissing("主密钥与密钥环不符") from error
            keys[row["id"]] = Key(secret=secret, **row)
        self._keys = keys
        self._stamp = stamp
        self.subkey.cache_clear()

    def _write(self) -> None:
        if self.folder is None:
            return
        master = hmac_sm3(master_key(self.folder), b"wrap")[:16]
        rows = []
        for key in self._keys.values():
            row = asdict(key)
            row["wrapped"] = seal(master, row.pop("secret"), f"{key.id}|{key.use}".encode()).hex()
            rows.append(row)
        write_private(self.folder / RING, json.dumps({"format": 1, "keys": rows}, indent=1).encode())
        self._stamp = (self.folder / RING).stat().st_mtime_ns

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer among threads and processes; re-reads what another process added."""
        with self._lock:
            if self.folder is None:
                yield
                return
            with open(self.folder / ".lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if (self.folder / RING).exists():
                    self._read()
                yield
                self._write()

    def refresh(self) -> bool:
        """Re-read the ring if another process changed it."""
        if self.folder is None or (self.folder / RING).stat().st_mtime_ns == self._stamp:
            return False
        with self._lock:
            self._read()
        return True

    def add(self, use: str, secret: bytes | None = None, public: str = "") -> Key:
        """Add a key and make it the active one of its use; earlier ones stay, retired, to open old data."""
        with self._writing():
            return self._add(use, secret, public)

    def ensure(self, use: str, secret: bytes, public: str) -> Key:
        """The active key of that use; the given one becomes it if there is none."""
        with self._writing():
            return self.find(use) or self._add(use, secret, public)

    def _add(self, use: str, secret: bytes | None, public: str) -> Key:
        for old in list(self._keys.values()):
            if old.use == use and not old.retired:
                self._keys[old.id] = Key(old.id, use, old.made_at, old.secret, old.public, True)
        number = max(self._keys, default=0) + 1
        if number > 0xFFFF:
            raise KeyMissing("密钥编号已用尽")
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        key = Key(number, use, made_at, secret or secrets.token_bytes(32), public)
        self._keys[number] = key
        return key

    def find(self, use: str) -> Key | None:
        return next((key for key in self._keys.values() if key.use == use and not key.retired), None)

    def active(self, use: str) -> Key:
        key = self.find(use)
        if key is None and self.refresh():
            key = self.find(use)
        if key is None:
            raise KeyMissing(f"密钥环里没有用途为“{use}”的密钥:运行 manage.py make_keys")
        return key

    def by_id(self, number: int) -> Key:
        if number not in self._keys:
            self.refresh()
        try:
            return self._keys[number]
        except KeyError:
            raise KeyMissing(f"密钥环里没有 {number} 号密钥") from None

    def all(self) -> list[Key]:
        return list(self._keys.values())

    def _subkey(self, number: int, context: str) -> bytes:
        """32 bytes derived from key `number` for one context (HMAC-SM3), so no two columns share a key."""
        return hmac_sm3(self.by_id(number).secret, context.encode())


_ring: KeyRing | None = None
_opening = threading.Lock()


def ring() -> KeyRing:
    """The process's key ring, opened on first use; raises KeyMissing."""
    global _ring
    if _ring is None:
        with _opening:
            if _ring is None:
                _ring = KeyRing.open(secrets_dir())
    return _ring


def use_ring(new: KeyRing | None) -> None:
    """Replace the process's ring (tests, and after a restore); None forgets it."""
    global _ring
    _ring = new


def require_keys() -> None:
    """Called by every process at start; raises KeyMissing so that it refuses to start."""
    ring()
