"""Escrow: m of n custodians together can bring the keys back; fewer learn nothing.

The package (master key and ring) is encrypted by a fresh key. For every group of m custodians that key is split by
XOR into m parts and each part is encrypted to one member's SM2 public key. No secret-sharing arithmetic of our own is
needed, and for the small numbers of real life (2 of 3, 3 of 5) the file stays small. Custodians make their pair on
their own computer (`manage.py escrow_keys --new-custodian FILE`) and hand in only the public half.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import gmssl_pyx

from minzheng.base.crypto.ring import MASTER, RING, KeyMissing, master_key, write_private
from minzheng.base.crypto.sm import Tampered, seal, sm3, unseal

FORMAT = "minzheng-escrow-1"
CUSTODIANS = "custodians.json"
MOST = 9


def new_custodian() -> tuple[str, str]:
    """(secret hex, public "sm2:…") of a new custodian."""
    public, secret = gmssl_pyx.sm2_key_generate()
    return secret.hex(), "sm2:" + public.hex()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def appoint(folder: Path, names: Mapping[str, str], needed: int) -> None:
    """Remember the custodians' public keys (name → public) and how many must be present."""
    wrap(b"probe", names, needed)
    content = json.dumps({"needed": needed, "custodians": dict(names)}, ensure_ascii=False)
    write_private(folder / CUSTODIANS, content.encode())


def custodians(folder: Path) -> tuple[dict[str, str], int]:
    """The appointed custodians and how many must be present; raises KeyMissing when nobody is."""
    try:
        found = json.loads((folder / CUSTODIANS).read_text())
    except OSError as error:
        raise KeyMissing("还没有指定密钥托管人:运行 manage.py escrow_keys") from error
    return found["custodians"], found["needed"]


def wrap(package: bytes, custodians: Mapping[str, str], needed: int) -> dict[str, Any]:
    """Encrypt `package` so that any `needed` of the custodians (name → public key) together can open it."""
    if not 2 <= needed <= len(custodians) <= MOST:
        raise ValueError(f"托管人应为 2 至 {MOST} 人,且至少两人共同恢复")
    if len(set(custodians.values())) != len(custodians):
        raise ValueError("两名托管人的公钥相同")
    key = secrets.token_bytes(16)
    groups = []
    for names in combinations(sorted(custodians), needed):
        parts = [secrets.token_bytes(16) for _ in names[1:]]
        parts.insert(0, reduce(_xor, parts, key))
        sealed = {
            name: gmssl_pyx.sm2_encrypt(bytes.fromhex(custodians[name].removeprefix("sm2:")), part).hex()
            for name, part in zip(names, parts, strict=True)
        }
        groups.append(sealed)
    return {
        "format": FORMAT,
        "needed": needed,
        "custodians": dict(custodians),
        "groups": groups,
        "package": seal(key, package, FORMAT.encode()).hex(),
        "sm3": sm3(package).hex(),
    }


def unwrap(escrow: Mapping[str, Any], secrets_by_name: Mapping[str, str]) -> bytes:
    """The package again, from enough custodians' secret keys (name → hex); raises KeyMissing."""
    if escrow.get("format") != FORMAT:
        raise KeyMissing("不认识的托管文件")
    group = next((one for one in escrow["groups"] if set(one) <= set(secrets_by_name)), None)
    if group is None:
        raise KeyMissing(f"恢复密钥需要 {escrow['needed']} 名托管人到场")
    try:
        parts = [
            gmssl_pyx.sm2_decrypt(bytes.fromhex(secrets_by_name[name]), bytes.fromhex(text))
            for name, text in group.items()
        ]
        package = unseal(reduce(_xor, parts), bytes.fromhex(escrow["package"]), FORMAT.encode())
    except (gmssl_pyx.GmsslInnerError, Tampered, ValueError) as error:
        raise KeyMissing("托管人的密钥与托管文件不符") from error
    if sm3(package).hex() != escrow["sm3"]:
        raise KeyMissing("托管文件已损坏")
    return package


def package_keys(folder: Path, passwords: Path | None = None) -> bytes:
    """Master key and ring of a secrets folder, and the file of database passwords, as one JSON document."""
    content = {"master": master_key(folder).hex(), "ring": (folder / RING).read_text()}
    if passwords is not None and passwords.exists():
        content["passwords"] = passwords.read_text()
    return json.dumps(content).encode()


def restore_keys(package: bytes, folder: Path, passwords: Path | None = None) -> None:
    """Write a package back as files; refuses to replace keys. A file of passwords that is there is kept aside."""
    if (folder / MASTER).exists() or (folder / RING).exists():
        raise KeyMissing(f"{folder} 里已有密钥,不覆盖")
    content = json.loads(package)
    if passwords is not None and "passwords" in content:
        if passwords.exists():
            passwords.rename(passwords.with_suffix(".before-recovery"))
        write_private(passwords, content["passwords"].encode())
    write_private(folder / RING, content["ring"].encode())
    write_private(folder / MASTER, content["master"].encode() + b"\n")
