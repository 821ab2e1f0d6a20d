from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from minzheng.base import audit
from minzheng.base.audit import exporting, sealing, verifier
from minzheng.base.audit.models import AuditSeal
from minzheng.base.audit.tests.conftest import CLERK, Ledger
from minzheng.base.audit.verifying import Alarm, verify_live
from minzheng.base.crypto import public_key


def _alarms(ledger: Ledger, **more: float) -> list[Alarm]:
    found: list[Alarm] = []
    with ledger.as_sealer():
        verify_live(found, **more)  # type: ignore[arg-type]
    return found


def _kinds(ledger: Ledger, **more: float) -> set[str]:
    return {alarm.kind for alarm in _alarms(ledger, **more)}


def test_sealed_records_verify(ledger: Ledger) -> None:
    ledger.write(5)
    ledger.seal(5)
    ledger.write(40)
    ledger.seal(40)
    assert _alarms(ledger) == []
    with ledger.as_sealer():
        assert sealing.seal_once() is None and sealing.delay() == 0


def test_a_record_of_a_running_transaction_waits_for_its_end_and_is_not_lost(ledger: Ledger) -> None:
    with ledger.attacker.transaction():
        ledger.attacker.execute("SELECT pg_current_xact_id()")
        ledger.write(1)
        with ledger.as_sealer():
            assert sealing.seal_once() is None, "an older transaction is still running"
    ledger.seal(1)
    assert _alarms(ledger) == []


def test_a_large_backlog_is_sealed_in_parts(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LARGEST", 4)
    ledger.write(10)
    with transaction.atomic():
        for number in range(6):
            audit.record("club.rename", by=CLERK, obj_type="club", obj_id=number, jurisdiction="320583100001")
    ledger.seal(16)
    with ledger.as_sealer():
        assert sum(AuditSeal.objects.values_list("count", flat=True)) == 16 and AuditSeal.objects.count() >= 4
    assert _alarms(ledger) == []


ATTACKS = {
    "changed": ["UPDATE audit_record SET canonical = convert_to(replace(convert_from(canonical, 'UTF8'), 'rename',"
                " 'delete'), 'UTF8') WHERE obj_id = '3'"],
    "changed column": ["UPDATE audit_record SET account = 99 WHERE obj_id = '3'"],
    "changed refusal": ["UPDATE audit_record SET subject_person = 4 WHERE obj_id = '3'"],
    "missing": ["DELETE FROM audit_record WHERE obj_id = '3'"],
    "missing last": ["DELETE FROM audit_record WHERE id = (SELECT max(id) FROM audit_record)"],
    "added": ["INSERT INTO audit_record SELECT id + 1000, xid, written_at, at, action, account, obj_type, obj_id, area,"
              " subject_person, refused, canonical, digest FROM audit_record WHERE obj_id = '3'"],
    "reordered": ["UPDATE audit_record SET xid = -1 WHERE obj_id = '3'",
                  "UPDATE audit_record SET xid = (SELECT xid FROM audit_record WHERE obj_id = '3') WHERE obj_id = '4'",
                  "UPDATE audit_record SET xid = (SELECT xid + 1 FROM audit_record WHERE obj_id = '2' LIMIT 1)"
                  " WHERE obj_id = '3'"],
    "swapped": ["UPDATE audit_record a SET canonical = b.canonical, digest = b.digest, obj_id = b.obj_id, at = b.at"
                " FROM audit_record b WHERE (a.obj_id, b.obj_id) IN (('3', '4'), ('4', '3'))"],
    "seal": ["UPDATE audit_seal SET count = count - 1",
             "DELETE FROM audit_record WHERE id = (SELECT max(id) FROM audit_record)"],
    "anchor": ["DELETE FROM audit_seal WHERE no = (SELECT max(no) FROM audit_seal)",
               "DELETE FROM audit_record WHERE xid >= (SELECT max(xid_to) FROM audit_seal)"],
}


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_the_verifier_alarms_on_an_attack_by_a_superuser(ledger: Ledger, attack: str) -> None:
    ledger.write(6)
    ledger.seal(6)
    ledger.write(2)
    ledger.seal(2)
    ledger.attack(*ATTACKS[attack])
    kinds = _kinds(ledger)
    expected = {"swapped": "reordered"}.get(attack, attack.split()[0])
    assert expected in kinds or (attack == "reordered" and kinds)


def test_removing_everything_is_noticed_by_the_anchor(ledger: Ledger) -> None:
    ledger.write(3)
    ledger.seal(3)
    ledger.attack("TRUNCATE audit_record, audit_seal")
    assert _kinds(ledger) == {"anchor"}


def test_a_record_that_stays_unsealed_alarms(ledger: Ledger) -> None:
    ledger.write(1)
    assert _kinds(ledger) == set()
    assert _kinds(ledger, unsealed_after=0) == {"unsealed"}
    with ledger.as_sealer(), pytest.raises(CommandError):
        call_command("verify_audit", "--unsealed-after", "0", stdout=io.StringIO())


def test_a_crash_between_database_and_anchor_is_made_good(ledger: Ledger) -> None:
    ledger.write(2)
    ledger.seal(2)
    whole = sealing.anchor_path().read_bytes()
    sealing.anchor_path().write_bytes(whole[:-20])
    with ledger.as_sealer():
        sealing.write_anchor()
        assert sealing.anchor_path().read_bytes() == whole
    assert _alarms(ledger) == []


def test_a_refusal_survives_the_rollback_of_the_attempt(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    # in tests the alias mirrors the default connection
    aside = connection.copy("aside")
    monkeypatch.setattr("minzheng.base.audit.writing.connections", {"aside": aside})
    place = {"by": CLERK, "obj_type": "club", "obj_id": 1, "jurisdiction": "320583100001"}
    with contextlib.closing(aside), pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("club.rename", **place)  # type: ignore[arg-type]
        audit.record_refusal("club.delete", reason="没有权限", **place)  # type: ignore[arg-type]
        raise ZeroDivisionError
    rows = ledger.attacker.execute("SELECT action, refused FROM audit_record").fetchall()
    assert rows == [("club.delete", True)]


@pytest.fixture
def segment(ledger: Ledger, tmp_path: Path) -> Path:
    for _ in range(3):
        ledger.write(20)
        ledger.seal(20)
    path = tmp_path / "segment.jsonl"
    with ledger.as_sealer():
        call_command("export_audit", str(path), stdout=io.StringIO())
    return path


def _verify(path: Path) -> list[str]:
    return verifier.verify_segment(str(path), {public_key("audit_seal")})[1]


def test_an_exported_segment_verifies_by_the_verifier_alone_without_django(segment: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "verifier.py"
    alone.parent.mkdir()
    shutil.copy(verifier.__file__, alone)
    block = "import sys, runpy; sys.modules['django'] = None; sys.modules['minzheng'] = None; sys.argv = sys.argv[1:];"
    done = subprocess.run(
        [sys.executable, "-c", f"{block} runpy.run_path(sys.argv[0], run_name='__main__')", str(alone), str(segment),
         "--key", public_key("audit_seal")], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("60 条记录"), done.stdout + done.stderr


def test_another_key_is_not_trusted(segment: Path) -> None:
    alarms = verifier.verify_segment(str(segment), {"ed25519:" + "11" * 32})[1]
    assert len(alarms) >= 3 and all("签名" in alarm for alarm in alarms)


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_the_verifier_alarms_on_every_tampering_with_a_segment(segment: Path) -> None:
    lines = _lines(segment)
    seals = [number for number, line in enumerate(lines) if line.startswith(b'{"seal"')]
    victim = seals[1] + 2

    def without(*gone: int) -> list[bytes]:
        return [line for number, line in enumerate(lines) if number not in gone]

    swapped = list(lines)
    swapped[victim], swapped[victim + 1] = swapped[victim + 1], swapped[victim]
    changed = list(lines)
    changed[victim] = changed[victim].replace(b"rename", b"delete")
    cut = [*lines[: seals[1]], *lines[seals[2] :]]
    headless = [*lines[: seals[-1]]]
    count = list(lines)
    head = json.loads(count[seals[1]])
    head["seal"] = head["seal"].replace('"no":2', '"no":9')
    count[seals[1]] = json.dumps(head).encode() + b"\n"
    for tampered in (changed, swapped, without(victim), cut, headless, count):
        segment.write_bytes(b"".join(tampered))
        with contextlib.suppress(verifier.Unreadable):
            assert _verify(segment)
    segment.write_bytes(b"".join(lines))
    assert _verify(segment) == []


def test_the_evidence_for_one_record_verifies_offline_and_a_changed_one_does_not(ledger: Ledger) -> None:
    ledger.write(300)
    ledger.seal(300)
    keys = {public_key("audit_seal")}
    ids = [row[0] for row in ledger.attacker.execute("SELECT id FROM audit_record ORDER BY xid, id").fetchall()]
    with ledger.as_sealer():
        for number in (ids[0], ids[17], ids[-1]):
            found = json.loads(json.dumps(exporting.evidence(number)))
            assert verifier.verify_evidence(found, keys) == ""
            assert verifier.verify_evidence(found | {"record": found["record"].replace("rename", "x")}, keys)
            assert verifier.verify_evidence(found | {"position": found["position"] + 1}, keys)
            assert verifier.verify_evidence(found, {"ed25519:00"})
