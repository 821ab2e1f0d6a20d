from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.base import crypto
from minzheng.base.crypto import sm
from minzheng.base.crypto.text import decrypt_bytes


def test_sm3_gives_the_standard_vector() -> None:
    assert crypto.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_sm4_gcm_gives_the_vector_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    body = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    tag = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")
    plain = b"".join(bytes([c]) * 8 for c in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    assert sm.unseal(key, nonce + body + tag, aad) == plain


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_bulk_and_single_encryption_open_alike(values: list[str]) -> None:
    bulk = crypto.encrypt_many("t.c", values)
    assert [crypto.decrypt("t.c", one) for one in bulk] == values
    assert [crypto.decrypt("t.c", crypto.encrypt("t.c", one)) for one in values] == values
    assert len(set(bulk)) == len(bulk)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=30), st.data())
def test_any_flipped_bit_is_noticed(value: str, data: st.DataObject) -> None:
    stored = bytearray(crypto.encrypt("t.c", value))
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((crypto.Tampered, crypto.KeyMissing)):
        decrypt_bytes("t.c", bytes(stored))


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(crypto.Tampered):
        crypto.decrypt("t.phone", crypto.encrypt("t.id_number", "320583199001012417"))


def test_a_blind_index_is_equal_for_the_same_value_only_within_its_purpose() -> None:
    one = crypto.blind_index("id_number", "32058319900101241x")
    assert one == crypto.blind_index("id_number", " 32058319900101241X ") and len(one) == 32
    assert one != crypto.blind_index("phone", "32058319900101241X")
    values = ["1", "320583199001012417", "x", "12"]
    assert crypto.blind_index_many("p", values) == [crypto.blind_index("p", value) for value in values]
    with pytest.raises(ValueError):
        crypto.blind_index_many("p", [""])


@pytest.mark.parametrize(("mask", "value", "shown"), [
    (crypto.mask_id, "320583199001012417", "3205**********2417"),
    (crypto.mask_id, "1234", "****"),
    (crypto.mask_id, None, ""),
    (crypto.mask_phone, "13812346620", "138****6620"),
    (crypto.mask_phone, "57301234", "******34"),
    (crypto.mask_account, "6217001210012345678", "***************5678"),
    (crypto.mask_account, "123", "***"),
    (crypto.mask_name, "张小明", "张**"),
    (crypto.mask_name, "张", "*"),
])
def test_masks_show_the_agreed_part(mask: object, value: str, shown: str) -> None:
    assert mask(value) == shown  # type: ignore[operator]
