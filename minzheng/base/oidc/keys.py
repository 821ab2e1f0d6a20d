"""The RSA keys that sign ID tokens. They live in the key ring; the newest signs, earlier ones verify for an hour more."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from allauth.idp.oidc.models import PrivateKey
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from minzheng.base.crypto.ring import KeyRing, ring

USE = "oidc:rs256"
STAYS = dt.timedelta(hours=1)


def new_secret() -> bytes:
    """A new 3072-bit key as DER (PKCS 8)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def make_first(keys: KeyRing) -> bool:
    """Called at set-up; whether a key was made."""
    if keys.find(USE) is not None:
        return False
    keys.ensure(USE, new_secret(), "")
    return True


def rotate() -> int:
    """A new signing key in force at once; returns its number."""
    return ring().add(USE, new_secret()).id


@lru_cache(maxsize=32)
def _pem(secret: bytes) -> str:
    key = serialization.load_der_private_key(secret, password=None)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def all_keys() -> list[PrivateKey]:
    """Every key that is not past its time, as the protocol library wants them."""
    keys = ring()
    if keys.folder is None:
        make_first(keys)
    else:
        keys.refresh()
    ours = sorted((key for key in keys.all() if key.use == USE), key=lambda key: key.id)
    made = [dt.datetime.fromisoformat(key.made_at) for key in ours]
    ends = [*(moment + STAYS for moment in made[1:]), None]
    # the number breaks ties between keys made within one second
    return [PrivateKey(pem=_pem(key.secret), issued_at=moment + dt.timedelta(microseconds=key.id), expires_at=end)
            for key, moment, end in zip(ours, made, ends, strict=True)]
