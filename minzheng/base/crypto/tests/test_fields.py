from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, models
from django.test.utils import isolate_apps

from minzheng.base import crypto
from minzheng.base.crypto import KeyRing
from minzheng.base.crypto import ring as ring_module
from minzheng.base.crypto.rotation import rotate_column


@pytest.fixture
def member(owner: None) -> Iterator[Any]:
    with isolate_apps("minzheng.base.crypto"):
        class Member(models.Model):
            phone = crypto.EncryptedTextField(null=True)
            phone_index = models.BinaryField(null=True)

            class Meta:
                app_label = "crypto"
                db_table = "crypto_test_member"

        with connection.schema_editor() as editor:
            editor.create_model(Member)
        yield Member


@pytest.fixture
def keys() -> Iterator[KeyRing]:
    before = ring_module.ring()
    own = KeyRing.in_memory()
    crypto.use_ring(own)
    yield own
    crypto.use_ring(before)


def _stored(column: str = "phone") -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM crypto_test_member ORDER BY id")  # noqa: S608
        return [bytes(row[0]) for row in cursor.fetchall() if row[0] is not None]


def test_the_table_holds_ciphertext_and_python_sees_the_text(member: Any) -> None:
    member.objects.create(phone="13812346620", phone_index=crypto.blind_index("phone", "13812346620"))
    (stored,) = _stored()
    assert b"138" not in stored and stored[0] == 1
    found = member.objects.get(phone_index=crypto.blind_index("phone", "１３８12346620"))
    assert found.phone == "13812346620"
    member.objects.create(phone=None)
    assert member.objects.filter(phone__isnull=True).count() == 1


def test_bulk_ciphertexts_are_read_by_the_field(member: Any) -> None:
    values = crypto.encrypt_many("crypto_test_member.phone", ["1", "13812346620", "张"])
    with connection.cursor() as cursor, cursor.copy("COPY crypto_test_member (phone) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["bytea"])
        for value in values:
            copy.write_row([value])
    assert list(member.objects.order_by("id").values_list("phone", flat=True)) == ["1", "13812346620", "张"]


@pytest.mark.parametrize("lookup", ["phone", "phone__in", "phone__icontains", "phone__gt"])
def test_searching_by_an_encrypted_field_is_refused(member: Any, lookup: str) -> None:
    with pytest.raises(FieldError, match="盲索引"):
        list(member.objects.filter(**{lookup: ["x"]}))


def test_an_index_or_uniqueness_on_an_encrypted_field_is_refused() -> None:
    for option in ("db_index", "unique"):
        with pytest.raises(ValueError, match="盲索引"):
            crypto.EncryptedTextField(**{option: True})


def test_a_rotation_re_seals_all_rows_in_batches_and_a_second_run_finds_nothing(member: Any, keys: KeyRing) -> None:
    for number in range(7):
        member.objects.create(phone=str(number))
    member.objects.create(phone=None)
    index = crypto.blind_index("phone", "1")
    new = keys.add("data").id
    field = member._meta.get_field("phone")
    assert rotate_column(member, field, batch=3).done == 7
    assert {int.from_bytes(value[1:3], "big") for value in _stored()} == {new}
    assert rotate_column(member, field, batch=3).done == 0
    assert [one.phone for one in member.objects.order_by("id")] == [*map(str, range(7)), None]
    assert crypto.blind_index("phone", "1") == index, "blind indexes have a key of their own"


def test_an_interrupted_rotation_goes_on(member: Any, keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        member.objects.create(phone=str(number))
    keys.add("data")
    field = member._meta.get_field("phone")
    with pytest.raises(ZeroDivisionError), monkeypatch.context() as patch:
        calls = iter([None, None])

        def breaking(*args: Any) -> Any:
            if next(calls, "end") == "end":
                raise ZeroDivisionError
            return crypto.encrypt_many(*args)

        patch.setattr("minzheng.base.crypto.rotation.encrypt_many", breaking)
        rotate_column(member, field, batch=2)
    assert rotate_column(member, field, batch=2).done == 2
    assert [one.phone for one in member.objects.order_by("id")] == list(map(str, range(6)))


def test_a_table_that_refuses_updates_is_reported_and_stays_readable(member: Any, keys: KeyRing) -> None:
    member.objects.create(phone="1")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER keep BEFORE UPDATE ON crypto_test_member EXECUTE FUNCTION audit_append_only()")
    keys.add("data")
    progress = rotate_column(member, member._meta.get_field("phone"))
    assert progress.done == 0 and "append-only" in progress.problem
    assert member.objects.get().phone == "1"


def test_a_changed_ciphertext_does_not_read(member: Any) -> None:
    member.objects.create(phone="1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crypto_test_member SET phone = set_byte(phone, 20, get_byte(phone, 20) # 1)")
    with pytest.raises(crypto.Tampered):
        member.objects.get()


def test_a_value_that_is_no_ciphertext_does_not_read(member: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO crypto_test_member (phone) VALUES ('plain')")
    with pytest.raises((crypto.Tampered, DatabaseError)):
        member.objects.get()
