from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from minzheng.base import audit
from minzheng.base.crypto import KeyRing, sm3, use_ring
from minzheng.base.crypto import ring as ring_module
from minzheng.base.errors import NotFound, Refused
from minzheng.base.files import blobs, scanning, types
from minzheng.base.files.blobs import Damaged, blob_path
from minzheng.base.files.models import StoredFile
from minzheng.base.files.storing import download, get_file_for, store
from minzheng.testing import Cast, acting_as, as_owner


def jpeg(size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "gray").save(out, "JPEG")
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def zipped(*names: str, size: int = 3) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, b"x" * size)
    return out.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DOCX = zipped("[Content_Types].xml", "word/document.xml")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def _store(people: Cast, content: bytes, name: str, **more: Any) -> StoredFile:
    values = {"by": people.clerk, "jurisdiction": people.village.jurisdiction, "kind": "material"} | more
    with acting_as(people.clerk):
        return store(content, name=name, **values)


def _nothing_kept(folder: Path) -> bool:
    with as_owner():
        return not StoredFile.objects.exists() and not list(blobs.all_blobs())


@pytest.mark.parametrize(("content", "name", "mime"), [
    (jpeg(), "户口簿.JPG", "image/jpeg"), (png(), "a.png", "image/png"), (PDF, "证明.pdf", "application/pdf"),
    (DOCX, "申请书.docx", types.DOCX.mime),
])
def test_a_good_file_is_kept_encrypted_under_its_digest(people: Cast, content: bytes, name: str, mime: str) -> None:
    stored = _store(people, content, name)
    assert (stored.mime, stored.size, bytes(stored.digest)) == (mime, len(content), sm3(content))
    on_disk = blob_path(sm3(content))
    assert content not in on_disk.read_bytes() and on_disk.stat().st_mode & 0o077 == 0
    assert stored.open() == content
    with acting_as(people.clerk):
        assert audit.trail_of("file", stored.pk)[0].after["sm3"] == sm3(content).hex()


def test_the_same_content_lies_on_disk_once(people: Cast) -> None:
    first, second = _store(people, PDF, "a.pdf"), _store(people, PDF, "b.pdf")
    assert first.code != second.code and len(list(blobs.all_blobs())) == 1


BOMB = zipped("[Content_Types].xml", "word/document.xml", size=types.UNPACKED // 2 + 1)


@pytest.mark.parametrize(("content", "name"), [
    (b"<html><script>alert(1)</script></html>", "照片.jpg"),
    (b"MZ" + bytes(300), "照片.jpg"),
    (b"MZ" + bytes(300), "a.csv"),
    (zipped("a.txt"), "照片.jpg"),
    (zipped("a.txt"), "申请书.docx"),
    (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "申请书.docx"),
    (BOMB, "申请书.docx"),
    (png(), "a.jpg"),
    (jpeg()[:200], "a.jpg"),
    (PDF, "a.exe"), (PDF, "a"), (PDF, ".pdf"), (b"", "a.pdf"), (PDF[:-6], "a.pdf"),
    (PDF.replace(b"<<>>", b"<</JavaScript 1>>"), "a.pdf"),
    (PDF.replace(b"<<>>", b"<</Encrypt 1>>"), "a.pdf"),
    (PDF + b"0" * types.PDF.limit, "a.pdf"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
    (scanning._EICAR, "a.csv"),
    (PDF + scanning._EICAR, "a.pdf"),
    (b"\0\0\0\x18ftypheic", "IMG_1.HEIC"),
])
def test_a_bad_file_is_refused_and_nothing_is_kept(people: Cast, folder: Path, content: bytes, name: str) -> None:
    with pytest.raises(Refused):
        _store(people, content, name, allow=(*types.MATERIALS, types.CSV))
    assert _nothing_kept(folder)


def test_an_image_bomb_is_refused_before_it_is_unpacked(people: Cast, folder: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "PIXELS", 1000)
    with pytest.raises(Refused, match="像素"):
        _store(people, jpeg((40, 30)), "a.jpg")
    assert _nothing_kept(folder)


def test_when_the_scanner_is_away_nothing_is_taken(people: Cast, folder: Path, settings: Any,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    def away(content: bytes) -> str:
        raise ConnectionRefusedError

    monkeypatch.setattr(scanning, "simple_scan", away)
    with pytest.raises(Refused, match="扫描服务"):
        _store(people, PDF, "a.pdf")
    assert _nothing_kept(folder)


@pytest.mark.parametrize(("given", "kept"), [
    ("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\a\\b.pdf", "b.pdf"), ("a\u202efdp.jpg", "afdp.jpg"),
    ("a\r\nb.pdf", "ab.pdf"), ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
])
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert types.clean_name(given) == kept


def test_a_download_names_its_reason_is_recorded_and_cannot_run(people: Cast) -> None:
    stored = _store(people, PDF, "证明.pdf", person_id=people.citizen.person_id)
    with acting_as(people.clerk):
        with pytest.raises(Refused):
            download(stored, by=people.clerk, reason=" ")
        answer = download(get_file_for(stored.code), by=people.clerk, reason="核对材料")
    assert answer.content == PDF and answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store" and "default-src 'none'" in answer["Content-Security-Policy"]
    with acting_as(people.citizen):
        assert [seen.purpose for seen in audit.accesses_of(1)] == ["查看材料:核对材料", "收取材料"]
        assert get_file_for(stored.code).open() == PDF


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk", "other_citizen"])
def test_others_find_no_file(people: Cast, who: str) -> None:
    stored = _store(people, PDF, "a.pdf", person_id=people.citizen.person_id)
    with acting_as(getattr(people, who)), pytest.raises(NotFound):
        get_file_for(stored.code)


def test_a_citizen_stores_only_for_that_citizen(people: Cast) -> None:
    with acting_as(people.citizen):
        common = {"by": people.citizen, "jurisdiction": people.village.jurisdiction, "kind": "material"}
        assert store(PDF, name="a.pdf", person_id=people.citizen.person_id, **common).pk  # type: ignore[arg-type]
    with acting_as(people.citizen), pytest.raises(Exception, match="row-level security"):
        store(PDF, name="a.pdf", person_id=people.other_citizen.person_id, **common)  # type: ignore[arg-type]


def test_a_damaged_or_lost_blob_is_noticed(people: Cast) -> None:
    stored = _store(people, PDF, "a.pdf")
    path = blob_path(bytes(stored.digest))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Damaged):
        stored.open()
    path.unlink()
    with pytest.raises(Damaged):
        stored.open()


def test_key_rotation_re_seals_the_blobs_once(people: Cast) -> None:
    stored = _store(people, PDF, "a.pdf")
    before = ring_module.ring()
    ring = KeyRing(before.all(), None)
    use_ring(ring)
    try:
        ring.add("data")
        assert (blobs.rotate_blobs(), blobs.rotate_blobs()) == (1, 0)
        assert stored.open() == PDF
    finally:
        use_ring(before)
