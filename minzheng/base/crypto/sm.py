"""The three national algorithms as plain functions: SM3 (digest), HMAC-SM3, SM4-GCM.

SM4-GCM comes from `cryptography` (OpenSSL). Bulk sealing uses `gmssl_pyx`, which writes the same bytes
about twice as fast (a test compares the two).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import gmssl_pyx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

NONCE = 12
TAG = 16


class Tampered(ValueError):
    """A ciphertext does not open: wrong key, wrong place (AAD) or changed bytes."""


def sm3(data: bytes) -> bytes:
    """SM3 digest, 32 bytes (GB/T 32905)."""
    return bytes(gmssl_pyx.sm3_hash(data))


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC-SM3, 32 bytes (GB/T 15852.2)."""
    return bytes(gmssl_pyx.sm3_hmac(key, data))


def seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """SM4-GCM with a random nonce: nonce | ciphertext | tag."""
    nonce = os.urandom(NONCE)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    body = encryptor.update(plain) + encryptor.finalize()
    return nonce + body + encryptor.tag


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what `seal` made; raises Tampered."""
    if len(sealed) < NONCE + TAG:
        raise Tampered("密文长度不足")
    nonce, body, tag = sealed[:NONCE], sealed[NONCE:-TAG], sealed[-TAG:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise Tampered("密文校验不通过") from error


def seal_many(key: bytes, plains: Sequence[bytes], aad: bytes, head: bytes = b"") -> list[bytes]:
    """`seal` for many values, each with `head` put in front."""
    nonces = os.urandom(NONCE * len(plains))
    encrypt = gmssl_pyx.sm4_gcm_encrypt
    out = []
    for number, plain in enumerate(plains):
        if not plain:
            out.append(head + seal(key, plain, aad))
            continue
        nonce = nonces[number * NONCE : number * NONCE + NONCE]
        body, tag = encrypt(key, nonce, aad, plain)
        out.append(head + nonce + body + tag)
    return out


def hmac_many(key: bytes, values: Iterable[bytes]) -> list[bytes]:
    mac = gmssl_pyx.sm3_hmac
    return [mac(key, value) for value in values]
