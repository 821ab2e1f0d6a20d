from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from minzheng.base import crypto
from minzheng.base.crypto import escrow, ring, signing
from minzheng.base.crypto.ring import KeyMissing, KeyRing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    KeyRing.create(tmp_path)
    return tmp_path


@pytest.fixture
def using(folder: Path) -> Iterator[KeyRing]:
    before = ring.ring()
    opened = KeyRing.open(folder)
    crypto.use_ring(opened)
    yield opened
    crypto.use_ring(before)


def test_without_keys_the_process_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="make_keys"):
        KeyRing.open(tmp_path)


def test_key_files_are_readable_by_their_owner_only(folder: Path) -> None:
    assert [(folder / name).stat().st_mode & 0o777 for name in (ring.MASTER, ring.RING)] == [0o600, 0o600]
    os.chmod(folder / ring.MASTER, 0o644)
    with pytest.raises(KeyMissing, match="0600"):
        KeyRing.open(folder)


def test_a_second_creation_keeps_the_keys(folder: Path) -> None:
    before = (folder / ring.MASTER).read_text(), [key.secret for key in KeyRing.open(folder).all()]
    KeyRing.create(folder)
    assert before == ((folder / ring.MASTER).read_text(), [key.secret for key in KeyRing.open(folder).all()])


def test_a_lost_master_key_is_not_silently_replaced(folder: Path) -> None:
    (folder / ring.MASTER).unlink()
    with pytest.raises(KeyMissing, match="托管"):
        KeyRing.create(folder)
    assert not (folder / ring.MASTER).exists()


def test_a_wrong_master_key_opens_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MZ_MASTER_KEY", "00" * 32)
    with pytest.raises(KeyMissing, match="不符"):
        KeyRing.open(folder)


def test_the_ring_on_disk_shows_no_secret(folder: Path) -> None:
    text = (folder / ring.RING).read_text()
    assert all(key.secret.hex() not in text for key in KeyRing.open(folder).all())


def test_after_rotation_old_values_open_and_another_process_learns_the_new_key(using: KeyRing, folder: Path) -> None:
    old = crypto.encrypt("t.c", "旧")
    KeyRing.open(folder).add("data")
    other = KeyRing.open(folder)
    crypto.use_ring(other)
    new = crypto.encrypt("t.c", "新")
    crypto.use_ring(using)
    assert old[:3] != new[:3]
    assert (crypto.decrypt("t.c", old), crypto.decrypt("t.c", new)) == ("旧", "新")


def test_two_of_three_custodians_bring_the_keys_back_and_one_does_not(folder: Path, tmp_path: Path) -> None:
    pairs = {name: escrow.new_custodian() for name in ("甲", "乙", "丙")}
    publics = {name: public for name, (_, public) in pairs.items()}
    stored = json.loads(json.dumps(escrow.wrap(escrow.package_keys(folder), publics, 2)))
    secret = {name: pair[0] for name, pair in pairs.items()}
    for absent in pairs:
        present = {name: key for name, key in secret.items() if name != absent}
        target = tmp_path / absent
        escrow.restore_keys(escrow.unwrap(stored, present), target)
        assert [k.secret for k in KeyRing.open(target).all()] == [k.secret for k in KeyRing.open(folder).all()]
        with pytest.raises(KeyMissing, match="2 名"):
            escrow.unwrap(stored, {absent: secret[absent]})
    with pytest.raises(KeyMissing, match="不符"):
        escrow.unwrap(stored, {"甲": secret["乙"], "乙": secret["甲"]})
    with pytest.raises(KeyMissing, match="不覆盖"):
        escrow.restore_keys(escrow.unwrap(stored, secret), folder)


@pytest.mark.parametrize("kind", ["ed25519", "sm2"])
def test_a_signature_holds_for_its_bytes_only(kind: signing.Kind) -> None:
    signing.declare_signing_key(f"test_{kind}", kind)
    signature = crypto.sign(f"test_{kind}", b"data")
    public = crypto.public_key(f"test_{kind}")
    assert crypto.verify(f"test_{kind}", b"data", signature) and crypto.verify(public, b"data", signature)
    assert not crypto.verify(public, b"datA", signature)
    assert not crypto.verify(public, b"data", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not crypto.verify("sm2:00", b"data", signature)


def test_an_undeclared_signing_key_is_refused() -> None:
    with pytest.raises(KeyMissing):
        crypto.sign("nobody", b"data")
