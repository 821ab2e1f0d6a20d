"""Taking files in and giving them out."""

from __future__ import annotations

from typing import IO, Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from minzheng.base import clock
from minzheng.base.audit import record
from minzheng.base.errors import NotFound, Refused
from minzheng.base.files.blobs import write_blob
from minzheng.base.files.models import StoredFile
from minzheng.base.files.scanning import scan
from minzheng.base.files.types import IMAGES, MATERIALS, PDF, FileType, check_type, clean_name

_IMAGES = {one.mime for one in IMAGES}


def store(
    content: bytes | IO[bytes], *, name: str, by: Any, jurisdiction: str, kind: str, case_id: int | None = None,
    person_id: int | None = None, allow: tuple[FileType, ...] = MATERIALS,
) -> StoredFile:
    """Check and keep a file within the acting scope and the current transaction.

    Refused when it is of no allowed type, disguised, too large, broken or not clean. `kind` says what it is for
    ("material", "photo"); a citizen must be its `person_id`.
    """
    if not isinstance(content, bytes):
        content = content.read(max(one.limit for one in allow) + 1)
    name = clean_name(name)
    scan(content)
    mime = check_type(name, content, allow).mime
    stored = StoredFile.objects.create(
        digest=write_blob(content), size=len(content), mime=mime, name=name, kind=kind, jurisdiction=jurisdiction,
        case_id=case_id, person_id=person_id, stored_at=clock.now(), stored_by=by.account_id or None)
    record("file.store", by=by, obj_type="file", obj_id=stored.pk, jurisdiction=jurisdiction, subject_person=person_id,
           after={"name": name, "size": len(content), "sm3": bytes(stored.digest), "kind": kind})
    return stored


def keep(content: bytes, *, name: str, mime: str, by: Any, jurisdiction: str, kind: str, case_id: int | None = None,
         person_id: int | None = None) -> StoredFile:
    """Keep a file that the platform itself has made (a decision, a report); not checked."""
    return StoredFile.objects.create(
        digest=write_blob(content), size=len(content), mime=mime, name=clean_name(name), kind=kind,
        jurisdiction=jurisdiction, case_id=case_id, person_id=person_id, stored_at=clock.now(),
        stored_by=by.account_id or None)


def get_file_for(code: str) -> StoredFile:
    """The file of that code within the acting scope; NotFound otherwise."""
    stored = StoredFile.objects.filter(code=code).first()
    if stored is None:
        raise NotFound("没有这个文件,或不在您的权限范围内")
    return stored


def get_numbered_file_for(number: int) -> StoredFile:
    """The file of that id, as other rooms' rows keep it, within the acting scope; NotFound otherwise."""
    stored = StoredFile.objects.filter(pk=number).first()
    if stored is None:
        raise NotFound("没有这个文件,或不在您的权限范围内")
    return stored


def download(stored: StoredFile, *, by: Any, reason: str, inline: bool = False) -> HttpResponse:
    """Record who reads the file and why, and answer its bytes with headers that let no browser run it."""
    if not reason.strip():
        raise Refused("查看材料必须说明用途")
    content = stored.open()
    record("file.read", by=by, obj_type="file", obj_id=stored.pk, jurisdiction=stored.jurisdiction, reason=reason,
           subject_person=stored.person_id)
    shown = inline and (stored.mime in _IMAGES or stored.mime == PDF.mime)
    # a sandbox would keep browsers' own PDF viewers from opening
    policy = "default-src 'none'; " + ("style-src 'unsafe-inline'" if stored.mime == PDF.mime else "sandbox")
    return HttpResponse(content, content_type=stored.mime, headers={
        "Content-Disposition": content_disposition_header(not shown, stored.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy,
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    })
