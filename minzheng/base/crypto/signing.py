"""Signing keys by name: Ed25519 (seals, service calls) and SM2 (where the national algorithm is asked for).

A room declares its names at start-up (`declare_signing_key`); `manage.py make_keys` makes them. A public key is written
`ed25519:<64 hex>` or `sm2:<128 hex>`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minzheng.base.crypto.ring import KeyMissing, KeyRing, ring

Kind = Literal["ed25519", "sm2"]
_declared: dict[str, Kind] = {}
_makers: list[Callable[[KeyRing], bool]] = []


class SigningKey(NamedTuple):
    name: str
    kind: Kind
    secret: bytes
    public: str


def declare_signing_key(name: str, kind: Kind = "ed25519") -> None:
    """Say at start-up that this name is used; twice with another kind is an error."""
    if _declared.setdefault(name, kind) != kind:
        raise ValueError(f"签名密钥 {name} 已按另一算法登记")


def also_make(maker: Callable[[KeyRing], bool]) -> None:
    """Register other key material to be made at set-up (a certificate); the maker says whether it made some."""
    if maker not in _makers:
        _makers.append(maker)


def make_declared(keys: KeyRing) -> list[str]:
    """Make the declared keys that are missing; returns their names."""
    others = [maker.__module__ for maker in _makers if maker(keys)]
    made = [name for name, kind in _declared.items() if keys.find(f"sign:{kind}:{name}") is None]
    for name in made:
        kind = _declared[name]
        secret, public = new_pair(kind)
        keys.ensure(f"sign:{kind}:{name}", secret, public)
    return made + others


def new_pair(kind: Kind) -> tuple[bytes, str]:
    """A new (secret, public) pair."""
    if kind == "ed25519":
        private = Ed25519PrivateKey.generate()
        return private.private_bytes_raw(), "ed25519:" + private.public_key().public_bytes_raw().hex()
    public, secret = gmssl_pyx.sm2_key_generate()
    return secret, "sm2:" + public.hex()


def signing_key(name: str) -> SigningKey:
    """The active key of that name; raises KeyMissing for an undeclared or unmade one."""
    kind = _declared.get(name)
    if kind is None:
        raise KeyMissing(f"签名密钥 {name} 没有登记")
    keys = ring()
    use = f"sign:{kind}:{name}"
    if keys.folder is None and keys.find(use) is None:
        keys.ensure(use, *new_pair(kind))
    key = keys.active(use)
    return SigningKey(name, kind, key.secret, key.public)


def public_key(name: str) -> str:
    return signing_key(name).public


def sign_with(kind: Kind, secret: bytes, public: str, data: bytes) -> bytes:
    if kind == "ed25519":
        return Ed25519PrivateKey.from_private_bytes(secret).sign(data)
    return bytes(gmssl_pyx.sm2_sign(secret, bytes.fromhex(public.removeprefix("sm2:")), data))


def sign(name: str, data: bytes) -> bytes:
    key = signing_key(name)
    return sign_with(key.kind, key.secret, key.public, data)


def verify(name_or_public: str, data: bytes, signature: bytes) -> bool:
    """Whether the signature is right, by the name of our own key (retired ones count too) or a public key."""
    if ":" in name_or_public:
        return verify_public(name_or_public, data, signature)
    kind = _declared.get(name_or_public)
    keys = [key.public for key in ring().all() if key.use == f"sign:{kind}:{name_or_public}"]
    return any(verify_public(public, data, signature) for public in keys)


def verify_public(public: str, data: bytes, signature: bytes) -> bool:
    kind, _, text = public.partition(":")
    try:
        raw = bytes.fromhex(text)
        if kind == "ed25519":
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, data)
            return True
        if kind == "sm2":
            return bool(gmssl_pyx.sm2_verify(raw, data, signature))
    except (InvalidSignature, ValueError, gmssl_pyx.GmsslInnerError):
        return False
    return False
