"""Canonical bytes of a message and the two signature algorithms (Ed25519, SM2).

A request is signed over method, path, caller, time, nonce and the SM3 of the body; an answer over the digest of the
request it answers, its status, its time and the SM3 of its body. So an answer cannot be moved to another request.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ED25519, SM2 = "Ed25519", "SM2"
CALLER, TIME, NONCE, ALGORITHM, SIGNATURE = "mz-caller", "mz-timestamp", "mz-nonce", "mz-algorithm", "mz-signature"
DEPARTMENT, ANSWERS = "mz-department", "mz-request-digest"


def sm3(data: bytes) -> str:
    return hashlib.new("sm3", data).hexdigest()


def request_bytes(method: str, path: str, caller: str, time: str, nonce: str, body: bytes) -> bytes:
    return "\n".join(("MZX-REQUEST/1", method, path, caller, time, nonce, sm3(body))).encode()


def answer_bytes(department: str, request_digest: str, status: int, time: str, body: bytes) -> bytes:
    return "\n".join(("MZX-ANSWER/1", department, request_digest, str(status), time, sm3(body))).encode()


@dataclass(frozen=True)
class Key:
    """A private signing key. `secret` is 32 bytes; `public` is 32 bytes for Ed25519 and 64 for SM2."""

    algorithm: str
    secret: bytes
    public: bytes

    @classmethod
    def new(cls, algorithm: str) -> Key:
        if algorithm == SM2:
            public, secret = gmssl_pyx.sm2_key_generate()
            return cls(SM2, secret, public)
        private = Ed25519PrivateKey.generate()
        secret = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return cls(ED25519, secret, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, message: bytes) -> str:
        if self.algorithm == SM2:
            return base64.b64encode(gmssl_pyx.sm2_sign(self.secret, self.public, message)).decode()
        return base64.b64encode(Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)).decode()

    @property
    def public_text(self) -> str:
        """`ed25519:<64 hex>` or `sm2:<128 hex>`."""
        return f"{self.algorithm.lower()}:{self.public.hex()}"

    def dump(self) -> str:
        return f"{self.algorithm}:{self.secret.hex()}:{self.public.hex()}"

    @classmethod
    def load(cls, text: str) -> Key:
        algorithm, secret, public = text.strip().split(":")
        return cls(algorithm, bytes.fromhex(secret), bytes.fromhex(public))


def verified(public_text: str, message: bytes, signature_text: str) -> bool:
    """False for any signature, key or encoding that is not right; never raises."""
    kind, _, text = public_text.partition(":")
    try:
        public, signature = bytes.fromhex(text), base64.b64decode(signature_text, validate=True)
        if kind == "sm2":
            return bool(gmssl_pyx.sm2_verify(public, message, signature))
        if kind == "ed25519":
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            return True
    except (ValueError, InvalidSignature, gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError):
        pass
    return False
