from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, transaction

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.files import blobs
from minzheng.office.archive import parts, verifier
from minzheng.office.archive.actions import Retention, build_package, get_package_for, verify_package
from minzheng.office.archive.models import ArchivePackage
from minzheng.office.archive.parts import register_part
from minzheng.office.cases import actions as cases
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.decisions.actions import Draft, do_decide
from minzheng.office.materials import actions as materials
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events, run_jobs
from minzheng.testing.teahouse import make_case, published

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000"
                    "0000050001a5f645400000000049454e44ae426082")


@pytest.fixture(autouse=True)
def folder(settings: object, tmp_path: Path) -> None:
    from django.conf import settings as real

    root = real.VAR_DIR
    settings.VAR_DIR = tmp_path
    for place in ("fonts", "assets"):
        if (root / place).exists():
            (tmp_path / place).symlink_to(root / place)


@pytest.fixture
def closed(people: Cast) -> Iterator[Case]:
    with published(), patch.dict(parts._parts, clear=True):
        case = make_case()
        with acting_as(people.citizen):
            materials.do_upload(case.code, "cup", PNG, name="茶杯.png", by=people.citizen)
        with acting_as(people.approver):
            case = Case.objects.get(pk=case.pk)
            do_decide(case, Draft("confirm", "两位茶客,符合章程。", ["茶馆章程第二条"], amount_fen=12_300,
                                  from_month=clock.today().replace(day=1)), by=people.approver)
            cases.close(case, "closed", "办结", by=people.approver)
        yield case


@pytest.fixture
def package(people: Cast, closed: Case) -> ArchivePackage:
    register_part("teapot", lambda case: {"pot.json": b'{"pot":1}'})
    with acting_as(people.clerk):
        return build_package(closed.code, by=people.clerk)


def opened(package: ArchivePackage) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(package.file.open()))


def rebuilt(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
    return out.getvalue()


def test_a_package_holds_the_whole_case_and_verifies(people: Cast, closed: Case, package: ArchivePackage) -> None:
    with opened(package) as zipped:
        names = set(zipped.namelist())
        manifest = json.loads(zipped.read("manifest.json"))
        case = json.loads(zipped.read("case.json"))
        (decision,) = json.loads(zipped.read("decisions.json"))
        trail = json.loads(zipped.read("audit.json"))
        assert zipped.read("parts/teapot/pot.json") == b'{"pot":1}'
        stored = [zipped.read(name) for name in names if name.startswith("files/")]
    assert {"timeline.json", "flow.json", "materials.json", "publicity.json", "notices.json"} <= names
    assert (case["code"], case["answers"]) == (closed.code, {"guests": 2})
    assert (decision["amount_fen"], decision["reasons"]) == (12_300, "两位茶客,符合章程。")
    assert {"decision.decide", "case.closed", "material.upload"} <= {entry["action"] for entry in trail}
    assert PNG in stored and any(content.startswith(b"%PDF") for content in stored)
    assert manifest["register_no"] == package.register_no and "示例值" in manifest["retention"]
    with acting_as(people.clerk):
        assert verify_package(get_package_for(people.clerk, package.register_no), by=people.clerk) == []


def test_it_is_encrypted_at_rest(package: ArchivePackage) -> None:
    stored = b"".join(path.read_bytes() for path in Path(blobs.settings.VAR_DIR).rglob("*")
                      if path.is_file() and "assets" not in path.parts and "fonts" not in path.parts)
    assert stored and b"manifest.json" not in stored


def drop(entries: dict[str, bytes]) -> None:
    del entries["timeline.json"]


def alter(entries: dict[str, bytes]) -> None:
    entries["decisions.json"] = entries["decisions.json"].replace(b"12300", b"92300")


def add(entries: dict[str, bytes]) -> None:
    entries["files/extra.txt"] = b"x"


def forge(entries: dict[str, bytes]) -> None:
    alter(entries)
    manifest = json.loads(entries["manifest.json"])
    for entry in manifest["files"]:
        if entry["path"] == "decisions.json":
            entry["sm3"] = verifier.sm3(entries["decisions.json"])
    entries["manifest.json"] = json.dumps(manifest).encode()


def unsign(entries: dict[str, bytes]) -> None:
    del entries["manifest.sig"]


@pytest.mark.parametrize(("change", "path", "word"), [
    (drop, "timeline.json", "缺少"), (alter, "decisions.json", "被改动"), (add, "files/extra.txt", "多出"),
    (forge, "manifest.json", "签名不符"), (unsign, "manifest.sig", "缺失"),
])
def test_the_standalone_program_names_exactly_what_was_touched(
        package: ArchivePackage, tmp_path: Path, change: Callable[[dict[str, bytes]], None], path: str,
        word: str) -> None:
    key, good, bad = tmp_path / "key.pem", tmp_path / "good.zip", tmp_path / "bad.zip"
    key.write_bytes(verifier.pem_of(package.public_key))
    good.write_bytes(package.file.open())
    bad.write_bytes(rebuilt(package.file.open(), change))

    def run(file: Path) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-I", verifier.__file__, str(file), "--key", str(key)],
                              capture_output=True, env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}, check=False)
        return done.returncode, done.stdout.decode()

    assert run(good) == (0, run(good)[1]) and "校验通过" in run(good)[1]
    code, text = run(bad)
    assert code == 1 and "发现 1 处问题" in text and path in text and word in text


def test_another_key_does_not_verify(package: ArchivePackage) -> None:
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert [p.path for p in verifier.check(package.file.open(), stranger)] == ["manifest.json"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 100])
def test_what_is_no_package_is_said_to_be_none(package: ArchivePackage, content: bytes) -> None:
    with pytest.raises(verifier.NotAPackage):
        verifier.check(content, verifier.pem_of(package.public_key))
    with pytest.raises(verifier.NotAPackage):
        verifier.check(package.file.open(), b"not a key")


def test_two_files_of_one_name_are_found(package: ArchivePackage) -> None:
    content = io.BytesIO(package.file.open())
    with zipfile.ZipFile(content, "a") as zipped, pytest.warns(UserWarning):
        zipped.writestr("case.json", b"{}")
    found = {p.path for p in verifier.check(content.getvalue(), verifier.pem_of(package.public_key))}
    assert found == {"case.json"}


def test_the_verifier_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text())
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
             for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)}
    tops = {str(name).partition(".")[0] for name in names}
    assert tops - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_case_is_packed_once_until_something_happens_to_it(
        people: Cast, closed: Case, package: ArchivePackage) -> None:
    with acting_as(people.clerk):
        assert build_package(closed.code, by=people.clerk) == package
        note(closed, "found", "补充说明", by=people.clerk)
        again = build_package(closed.code, by=people.clerk, retention=Retention(None, "茶馆章程"))
        assert (again.revision, again.retain_until) == (2, None)
        with opened(again) as zipped:
            assert not [name for name in zipped.namelist() if name.endswith(".zip")]
    assert package.retain_until is not None and package.register_no.endswith("-000001")


@pytest.mark.parametrize("state", ["submitted", "accepted", "supplement", "decided"])
def test_an_open_case_is_not_archived(people: Cast, closed: Case, state: str) -> None:
    with as_owner():
        Case.objects.filter(pk=closed.pk).update(state=state)
    with acting_as(people.clerk), pytest.raises(Refused, match="办结后"):
        build_package(closed.code, by=people.clerk)
    with as_owner():
        assert not ArchivePackage.objects.exists()


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk", "finance", "province", "village", "citizen"])
def test_others_neither_build_nor_see_it(people: Cast, closed: Case, who: str) -> None:
    other = getattr(people, who)
    with acting_as(other), pytest.raises((NotAllowed, NotFound)):
        build_package(closed.code, by=other)
    with as_owner():
        assert not ArchivePackage.objects.exists()


def test_the_neighbour_sees_no_package(people: Cast, package: ArchivePackage) -> None:
    with acting_as(people.neighbour):
        assert not ArchivePackage.objects.exists()
        with pytest.raises(NotFound):
            get_package_for(people.neighbour, package.register_no)
    with acting_as(people.citizen), pytest.raises(DatabaseError), transaction.atomic():
        ArchivePackage.objects.count()


def test_the_service_post_archives_too(people: Cast, closed: Case) -> None:
    with acting_as(people.service):
        package = build_package(closed.code, by=people.service)
        assert package.built_by == people.service.name
    with opened(package) as zipped:
        assert json.loads(zipped.read("audit.json"))


def test_a_finished_case_is_archived_by_itself(people: Cast, closed: Case) -> None:
    deliver_events()
    run_jobs()
    with as_owner():
        package = ArchivePackage.objects.get()
        assert package.case_code == closed.code and package.file.kind == "archive"


def test_a_package_is_never_changed(package: ArchivePackage) -> None:
    with as_owner():
        with pytest.raises(DatabaseError, match="not changed"), transaction.atomic():
            ArchivePackage.objects.update(title="改")
        with pytest.raises(DatabaseError, match="not changed"), transaction.atomic():
            ArchivePackage.objects.all().delete()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/b/c", "大.json", "", "A.json"])
def test_a_part_with_a_strange_path_is_refused(people: Cast, closed: Case, path: str) -> None:
    register_part("teapot", lambda case: {path: b""})
    with acting_as(people.clerk), pytest.raises(ValueError, match="not a file name"):
        build_package(closed.code, by=people.clerk)
