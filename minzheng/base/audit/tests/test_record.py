from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from minzheng.base import audit
from minzheng.base.audit.models import AuditRecord
from minzheng.base.crypto import sm3
from minzheng.base.errors import NotAllowed
from minzheng.testing import Cast, acting_as, as_owner


def _write(people: Cast, **more: object) -> None:
    values = {"by": people.clerk, "obj_type": "club", "obj_id": "7", "jurisdiction": people.village.jurisdiction} | more
    audit.record("club.rename", **values)  # type: ignore[arg-type]


def _rows() -> list[AuditRecord]:
    with as_owner():
        return list(AuditRecord.objects.order_by("id"))


def test_a_record_holds_who_what_and_both_values(people: Cast) -> None:
    with acting_as(people.clerk):
        _write(people, before={"name": "旧"}, after={"name": "新", "on": dt.date(2026, 1, 2)}, reason="更正")
    (row,) = _rows()
    found = json.loads(bytes(row.canonical))
    assert bytes(row.digest) == sm3(bytes(row.canonical))
    assert found["by"] == {"account": people.clerk.account_id, "name": "玉山李建国", "post_id": people.clerk.post_id,
                           "role": "town_clerk", "jurisdiction": people.clerk.jurisdiction}
    assert (found["before"], found["after"]["on"], found["reason"]) == ({"name": "旧"}, "2026-01-02", "更正")
    assert row.xid > 0 and not row.refused


def test_a_record_needs_a_transaction(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minzheng.base.audit.writing.connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        _write(people)


def test_a_record_goes_when_its_transaction_goes(people: Cast) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(people.clerk):
        _write(people)
        raise ZeroDivisionError
    assert _rows() == []


def test_id_and_phone_numbers_are_masked_but_a_change_shows(people: Cast) -> None:
    with acting_as(people.clerk):
        _write(people, before={"id": "320583199001012417"}, after={"id": "320583199001012425", "tel": ["13812346620"]})
    text = bytes(_rows()[0].canonical).decode()
    found = json.loads(text)
    assert "19900101" not in text and "1381234" not in text
    assert found["before"]["id"].startswith("3205**********2417#") and found["before"]["id"] != found["after"]["id"]


@pytest.mark.parametrize("who", ["clerk", "county", "province", "citizen", "service"])
def test_the_services_roles_can_write_but_neither_read_nor_change_records(people: Cast, who: str) -> None:
    actor = getattr(people, who)
    with acting_as(actor):
        _write(people, by=actor)
        for statement in ("SELECT 1 FROM audit_record", "SELECT 1 FROM audit_seal",
                          "UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record",
                          "TRUNCATE audit_record", "INSERT INTO audit_seal VALUES (1, 1, 1, 1, '', '')"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(statement)
    assert len(_rows()) == 1


@pytest.mark.parametrize("statement", [
    "UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record", "TRUNCATE audit_record",
    "UPDATE audit_seal SET count = 0", "DELETE FROM audit_seal", "TRUNCATE audit_seal",
])
def test_even_the_owner_cannot_change_what_is_written(people: Cast, statement: str) -> None:
    with acting_as(people.clerk):
        _write(people)
    before = _rows()
    with as_owner():
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
    assert [bytes(row.canonical) for row in _rows()] == [bytes(row.canonical) for row in before]


def test_the_database_sets_transaction_and_time_whatever_the_writer_says(people: Cast) -> None:
    with acting_as(people.clerk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_record (xid, written_at, at, action, obj_type, obj_id, area, refused, canonical, digest)"
            " VALUES (1, '2001-01-01', now(), 'a', 'b', 'c', '320000000000', false, '', '')")
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xid,) = cursor.fetchone()
    (row,) = _rows()
    assert row.xid == xid and row.written_at.year > 2001


def test_a_citizen_sees_who_looked_and_nobody_elses(people: Cast) -> None:
    audit.declare_actions({"club.look": "查看会员档案"})
    person = people.citizen.person_id
    with acting_as(people.clerk):
        common = {"by": people.clerk, "obj_type": "person", "jurisdiction": people.village.jurisdiction}
        audit.record("club.look", obj_id=person, subject_person=person, reason="办理入会", **common)  # type: ignore[arg-type]
        audit.record("club.look", obj_id=9, subject_person=9, **common)  # type: ignore[arg-type]
    with acting_as(people.citizen):
        (seen,) = audit.accesses_of(person)
        assert (seen.purpose, seen.role, seen.jurisdiction) == ("查看会员档案:办理入会", "town_clerk", "320583100000")
        with pytest.raises(NotAllowed):
            audit.accesses_of(9)
        with pytest.raises(DatabaseError, match="another person"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM audit_accesses_of(9, null, 10)")
    with acting_as(people.clerk):
        with pytest.raises(DatabaseError, match="permission"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM audit_accesses_of(1, null, 10)")


@pytest.mark.parametrize(("who", "count"), [
    ("province", 1), ("city", 1), ("county", 1), ("township", 1), ("village", 1),
    ("neighbour", 0), ("neighbour_clerk", 0),
])
def test_the_trail_of_an_object_stays_within_the_range(people: Cast, who: str, count: int) -> None:
    with acting_as(people.clerk):
        _write(people)
    with acting_as(getattr(people, who)):
        assert len(audit.trail_of("club", 7)) == count


def test_only_the_audit_administrator_searches_and_only_the_own_range(people: Cast) -> None:
    with acting_as(people.clerk):
        _write(people)
        _write(people, jurisdiction=people.neighbour.jurisdiction)
    since, until = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    with acting_as(people.audit_admin):
        (found,) = audit.search(by_role=people.audit_admin.role, since=since, until=until)
        assert (found.actor, found.action) == ("玉山李建国", "club.rename")
        with pytest.raises(NotAllowed):
            audit.search(by_role="system_admin", since=since, until=until)


@pytest.mark.parametrize("statement", [
    "SELECT 1 FROM audit_record", "SELECT 1 FROM audit_seal", "SELECT * FROM audit_trail('club', '7', null, 9)",
    "SELECT * FROM audit_search(now(), now(), null, null, 9)", "SELECT * FROM audit_accesses_of(1, null, 9)",
    "SELECT 1 FROM files_storedfile", "SELECT 1 FROM events_outbox", "SELECT 1 FROM procrastinate_jobs",
    "SELECT 1 FROM jobs_run", "SELECT events_emit('a.b', 'c:1', '320000000000', '{}', now())",
])
def test_the_web_without_a_scope_reaches_nothing(people: Cast, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
