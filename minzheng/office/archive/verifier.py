"""校验档案包:  python -m minzheng.office.archive.verifier 档案包.zip --key 公钥.pem

A program of its own: it needs Python and `cryptography` only and imports nothing of the platform, so that a package can
be checked decades later by somebody who has this file, the package and the public key. Exit code 0: untouched;
1: changed; 2: not a package, or no key.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "minzheng-archive/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MOST_MANIFEST = 50_000_000


class Problem(NamedTuple):
    """One thing that is wrong: the file it concerns (or the whole package) and what."""

    path: str
    text: str


class NotAPackage(ValueError):
    """The input is no archive package or no key at all."""


def sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def load_key(pem: bytes) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise NotAPackage("公钥文件读不出来,应为 PEM 格式的 Ed25519 公钥。") from error
    if not isinstance(key, Ed25519PublicKey):
        raise NotAPackage("公钥不是 Ed25519 公钥。")
    return key


def pem_of(public: str) -> bytes:
    """A public key written `ed25519:<64 hex>` as PEM."""
    kind, _, text = public.partition(":")
    if kind != "ed25519":
        raise NotAPackage("公钥不是 Ed25519 公钥。")
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_manifest(package: zipfile.ZipFile) -> tuple[bytes, dict[str, Any]]:
    try:
        if package.getinfo(MANIFEST).file_size > MOST_MANIFEST:
            raise NotAPackage("清单过大,不是本平台的档案包。")
        raw = package.read(MANIFEST)
        manifest = json.loads(raw)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, NotAPackage):
            raise
        raise NotAPackage("档案包里没有清单(manifest.json),或清单读不出来。") from error
    known = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    if not known or not isinstance(manifest.get("files"), list):
        raise NotAPackage("清单格式不对,不是本平台的档案包。")
    return raw, manifest


def check(content: bytes, pem: bytes) -> list[Problem]:
    """All that is wrong with a package; [] when it is exactly what was signed. NotAPackage when it cannot be read."""
    key = load_key(pem)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _check(package, key)
    except zipfile.BadZipFile as error:
        raise NotAPackage("文件不是 zip 档案包,或已经损坏。") from error


def _check(package: zipfile.ZipFile, key: Ed25519PublicKey) -> list[Problem]:
    raw, manifest = read_manifest(package)
    problems: list[Problem] = []
    try:
        key.verify(bytes.fromhex(package.read(SIGNATURE).decode("ascii").strip()), raw)
    except KeyError:
        problems.append(Problem(SIGNATURE, "签名文件缺失"))
    except (InvalidSignature, ValueError, zipfile.BadZipFile):
        problems.append(Problem(MANIFEST, "签名不符:清单被改过,或不是用这把公钥对应的私钥签的"))
    listed: dict[str, dict[str, Any]] = {}
    for entry in manifest["files"]:
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            problems.append(Problem(MANIFEST, "清单中有不完整的条目"))
        elif entry["path"] in listed:
            problems.append(Problem(entry["path"], "清单中列了两次"))
        else:
            listed[entry["path"]] = entry
    present = package.namelist()
    for path in sorted({path for path in present if present.count(path) > 1}):
        problems.append(Problem(path, "包内有两个同名文件"))
    for path in sorted(set(present) - set(listed) - {MANIFEST, SIGNATURE}):
        problems.append(Problem(path, "多出的文件:清单中没有"))
    for path, entry in sorted(listed.items()):
        if path not in present:
            problems.append(Problem(path, "缺少:清单中有,包内没有"))
        elif text := _compare(package, path, entry):
            problems.append(Problem(path, text))
    return problems


def _compare(package: zipfile.ZipFile, path: str, entry: dict[str, Any]) -> str:
    if package.getinfo(path).file_size != entry.get("size"):
        return "被改动:大小与清单不符"
    try:
        content = package.read(path)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        return "被改动:内容损坏,无法解压"
    return "" if sm3(content) == entry.get("sm3") else "被改动:SM3 摘要与清单不符"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verifier", description="校验办件档案包是否完整、未被改动。")
    parser.add_argument("package", type=Path, help="档案包(zip)")
    parser.add_argument("--key", type=Path, required=True, help="归档公钥(PEM)")
    options = parser.parse_args(arguments)
    write = sys.stdout.write
    try:
        content, pem = options.package.read_bytes(), options.key.read_bytes()
        problems = check(content, pem)
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            manifest = read_manifest(package)[1]
    except OSError as error:
        write(f"无法校验:打不开文件 {error.filename}\n")
        return 2
    except NotAPackage as error:
        write(f"无法校验:{error}\n")
        return 2
    if problems:
        write(f"校验不通过:发现 {len(problems)} 处问题\n")
        for problem in problems:
            write(f"  {problem.path}  {problem.text}\n")
        return 1
    write(f"校验通过:档号 {manifest.get('register_no')},{manifest.get('title')},共 {len(manifest['files'])} 个文件,"
          f"归档于 {manifest.get('built_at')},均与签名清单一致。\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
