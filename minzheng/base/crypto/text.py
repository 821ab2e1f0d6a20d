"""Encrypting values of one column, blind indexes to find them by.

A stored value is  version (1 byte) | key id (2) | nonce (12) | ciphertext | tag (16).
The key is derived for the column from the data key, and `table.column` is the AAD too: a value moved to another column
does not open. Random nonces allow 2^32 values a column and key; rotate long before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from minzheng.base.crypto.ring import KeyRing, ring
from minzheng.base.crypto.sm import Tampered, hmac_many, hmac_sm3, seal, seal_many, unseal

VERSION = 1
HEAD = 3


def _head(keys: KeyRing) -> tuple[int, bytes]:
    number = keys.active("data").id
    return number, bytes([VERSION]) + number.to_bytes(2, "big")


def active_head() -> bytes:
    """The first bytes of everything sealed by the active data key."""
    return _head(ring())[1]


def encrypt_bytes(context: str, plain: bytes) -> bytes:
    keys = ring()
    number, head = _head(keys)
    return head + seal(keys.subkey(number, "field:" + context)[:16], plain, context.encode())


def decrypt_bytes(context: str, stored: bytes) -> bytes:
    """Open a stored value; raises Tampered, or KeyMissing when its key is not in the ring."""
    if len(stored) < HEAD or stored[0] != VERSION:
        raise Tampered("不认识的密文版本")
    number = int.from_bytes(stored[1:HEAD], "big")
    return unseal(ring().subkey(number, "field:" + context)[:16], stored[HEAD:], context.encode())


def encrypt(context: str, value: str) -> bytes:
    return encrypt_bytes(context, value.encode())


def decrypt(context: str, stored: bytes | memoryview) -> str:
    return decrypt_bytes(context, bytes(stored)).decode()


def encrypt_many(context: str, values: Sequence[str]) -> list[bytes]:
    """Encrypt many values of the column `context` ("table.column"), for COPY and bulk_create."""
    keys = ring()
    number, head = _head(keys)
    key = keys.subkey(number, "field:" + context)[:16]
    return seal_many(key, [value.encode() for value in values], context.encode(), head)


def normalise(value: str) -> str:
    """What counts as the same value: full-width forms folded, outer blanks gone, upper case."""
    folded = unicodedata.normalize("NFKC", value).strip().upper()
    if not folded:
        raise ValueError("空值不能建索引")
    return folded


def _index_key(purpose: str) -> bytes:
    keys = ring()
    return keys.subkey(keys.active("index").id, "index:" + purpose)


def blind_index(purpose: str, value: str) -> bytes:
    """32 bytes that are equal for equal values of one purpose ("id_number") and tell nothing else."""
    return hmac_sm3(_index_key(purpose), normalise(value).encode())


def blind_index_many(purpose: str, values: Iterable[str]) -> list[bytes]:
    return hmac_many(_index_key(purpose), [_fold(value).encode() for value in values])


def _fold(value: str) -> str:
    """`normalise` with a short way for plain digits."""
    return value if value.isascii() and value.isdigit() else normalise(value)
