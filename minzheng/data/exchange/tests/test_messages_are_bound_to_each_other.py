from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.data.exchange import wire as ours
from minzheng.data.exchange.refusals import LIMIT, explain
from simulators import wire as theirs

KEYS = {algorithm: theirs.Key.new(algorithm) for algorithm in (theirs.ED25519, theirs.SM2)}
text = st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=20)


@given(text, text, text, st.binary(max_size=60))
def test_both_sides_write_the_same_bytes(path: str, caller: str, nonce: str, body: bytes) -> None:
    assert ours.request_bytes("POST", path, caller, "1", nonce, body) == theirs.request_bytes(
        "POST", path, caller, "1", nonce, body)
    assert ours.answer_bytes(path, nonce, 200, "1", body) == theirs.answer_bytes(path, nonce, 200, "1", body)


def answer(key: theirs.Key, digest: str = "d1", body: bytes = b"{}", department: str = "tax") -> dict[str, str]:
    signature = key.sign(theirs.answer_bytes(department, digest, 200, "5", body))
    return {"MZ-Request-Digest": digest, "MZ-Timestamp": "5", "MZ-Signature": signature}


@pytest.mark.parametrize("algorithm", KEYS)
def test_an_answer_holds_for_its_own_request_only(algorithm: str) -> None:
    key = KEYS[algorithm]
    good = answer(key)
    assert ours.answer_is_signed("tax", key.public_text, "d1", 200, good, b"{}")
    assert not ours.answer_is_signed("tax", key.public_text, "d2", 200, good, b"{}")  # replayed for another request
    assert not ours.answer_is_signed("tax", key.public_text, "d2", 200, good | {"MZ-Request-Digest": "d2"}, b"{}")
    assert not ours.answer_is_signed("bank", key.public_text, "d1", 200, good, b"{}")
    assert not ours.answer_is_signed("tax", key.public_text, "d1", 403, good, b"{}")
    assert not ours.answer_is_signed("tax", key.public_text, "d1", 200, good, b"{ }")
    other = KEYS[theirs.SM2 if algorithm == theirs.ED25519 else theirs.ED25519]
    assert not ours.answer_is_signed("tax", other.public_text, "d1", 200, good, b"{}")


@pytest.mark.parametrize("signature", ["", "AAAA", "不是", "=" * 8, base64.b64encode(b"x" * 64).decode()])
@pytest.mark.parametrize("algorithm", KEYS)
def test_no_signature_at_all_is_a_wrong_one(algorithm: str, signature: str) -> None:
    headers = answer(KEYS[algorithm]) | {"MZ-Signature": signature}
    assert not ours.answer_is_signed("tax", KEYS[algorithm].public_text, "d1", 200, headers, b"{}")


@given(st.binary(max_size=300))
def test_any_refusal_is_explained_in_a_short_sentence(body: bytes) -> None:
    assert 0 < len(explain(body)) <= LIMIT
