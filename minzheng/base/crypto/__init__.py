"""Keys, encrypted fields, blind indexes, digests, signatures and masks. Nothing works without a key ring."""

from minzheng.base.crypto.masks import mask_account, mask_id, mask_name, mask_phone
from minzheng.base.crypto.ring import KeyMissing, KeyRing, require_keys, use_ring
from minzheng.base.crypto.signing import declare_signing_key, public_key, sign, signing_key, verify
from minzheng.base.crypto.sm import Tampered, hmac_sm3, sm3
from minzheng.base.crypto.text import (
    blind_index,
    blind_index_many,
    decrypt,
    decrypt_bytes,
    encrypt,
    encrypt_bytes,
    encrypt_many,
)

__all__ = [
    "EncryptedTextField",
    "KeyMissing",
    "KeyRing",
    "Tampered",
    "blind_index",
    "blind_index_many",
    "declare_signing_key",
    "decrypt",
    "decrypt_bytes",
    "encrypt",
    "encrypt_bytes",
    "encrypt_many",
    "hmac_sm3",
    "mask_account",
    "mask_id",
    "mask_name",
    "mask_phone",
    "public_key",
    "require_keys",
    "sign",
    "signing_key",
    "sm3",
    "use_ring",
    "verify",
]


def __getattr__(name: str) -> object:
    """The field needs Django; the rest works without it."""
    if name == "EncryptedTextField":
        from minzheng.base.crypto.fields import EncryptedTextField

        return EncryptedTextField
    raise AttributeError(name)
