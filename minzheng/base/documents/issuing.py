"""Issuing, verifying and revoking documents."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from minzheng.base import clock, files
from minzheng.base.audit import record
from minzheng.base.crypto import sign, sm3
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.documents.rendering import render
from minzheng.base.errors import NotFound, Refused
from minzheng.base.events import emit

KEY = "documents"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE = re.compile(rf"[{_ALPHABET}]{{16}}")
_kinds: dict[str, str] = {}


def declare_kinds(titles: dict[str, str]) -> None:
    """Chinese names of the kinds a room issues: {"assistance.approval": "最低生活保障确认书"}."""
    _kinds.update(titles)


def kind_title(kind: str) -> str:
    return _kinds.get(kind, "民政文书")


def new_code() -> str:
    """16 characters without look-alikes: 80 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def shown_code(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, 16, 4))


def verify_url(code: str) -> str:
    return f"{getattr(settings, 'PUBLIC_URL', 'http://localhost:8000')}/verify/{code}"


def chinese_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def issue(
    kind: str, number: str, data: dict[str, Any], *, by: Any, jurisdiction: str, subject: str, issuer: str,
    template: str = "notice", case_id: int | None = None, person_id: int | None = None,
) -> IssuedDocument:
    """Render, sign and keep a document in the current transaction and scope; its QR leads to the verification page.

    `data` is what the template shows; number, issuer, date and QR are put in here. Refused when the number is taken.
    """
    if not number or not issuer or not data.get("title"):
        raise ValueError("文书缺少编号、标题或出具单位")
    code, now = new_code(), clock.now()
    address = verify_url(code)
    shown = {"number": number, "issuer": issuer, "date": chinese_date(now.date()), **data, "code": shown_code(code),
             "verify_url": address, "qr": segno.make(address, error="m").svg_inline(scale=4, border=2)}
    from minzheng.base.documents.signing import sign_pdf

    content = sign_pdf(render(template, shown), reason=data["title"])
    digest = sm3(content)
    kept = files.keep(content, name=f"{data['title']} {number}.pdf", mime="application/pdf", by=by, kind="document",
                      jurisdiction=jurisdiction, case_id=case_id, person_id=person_id)
    try:
        with transaction.atomic():
            issued = IssuedDocument.objects.create(
                code=code, kind=kind, number=number, title=data["title"], issuer=issuer, subject=subject,
                jurisdiction=jurisdiction, case_id=case_id, person_id=person_id, file=kept, digest=digest,
                sm2_signature=sign(KEY, digest), issued_at=now, issued_by=by.account_id or None)
    except IntegrityError as error:
        raise Refused(f"文书编号 {number} 已经用过,请换一个编号") from error
    record("document.issue", by=by, obj_type="document", obj_id=issued.pk, jurisdiction=jurisdiction,
           subject_person=person_id, after={"kind": kind, "number": number, "sm3": digest, "subject": subject})
    emit("document.issued", aggregate=f"document:{issued.pk}", jurisdiction=jurisdiction,
         payload={"document": issued.pk, "kind": kind, "subject": subject})
    return issued


def get_document_for(code: str) -> IssuedDocument:
    """The document of that code within the acting scope; NotFound otherwise."""
    found = IssuedDocument.objects.select_related("file").filter(code=code).first()
    if found is None:
        raise NotFound("没有这份文书,或不在您的权限范围内")
    return found


def get_numbered_document_for(kind: str, number: str) -> IssuedDocument:
    """The document of that kind and number within the acting scope; NotFound otherwise."""
    found = IssuedDocument.objects.select_related("file").filter(kind=kind, number=number).first()
    if found is None:
        raise NotFound("没有这份文书,或不在您的权限范围内")
    return found


def do_revoke(code: str, *, by: Any, reason: str) -> None:
    """Revoke a document; from then on its verification says so."""
    if not reason.strip():
        raise Refused("撤销文书必须写明理由")
    with transaction.atomic():
        found = get_document_for(code)
        done = IssuedDocument.objects.filter(pk=found.pk, revoked_at=None).update(
            revoked_at=clock.now(), revoked_reason=reason, revoked_by=by.account_id or None)
        if not done:
            raise Refused("这份文书已经撤销")
        record("document.revoke", by=by, obj_type="document", obj_id=found.pk, jurisdiction=found.jurisdiction,
               subject_person=found.person_id, reason=reason)
        emit("document.revoked", aggregate=f"document:{found.pk}", jurisdiction=found.jurisdiction,
             payload={"document": found.pk, "kind": found.kind, "subject": found.subject})


@dataclass(frozen=True)
class Verification:
    """What anybody may know: `same` is None when no file was given to compare."""

    kind: str
    number: str
    title: str
    issuer: str
    issued_on: dt.date
    revoked_on: dt.date | None
    same: bool | None

    @property
    def status(self) -> str:
        return "已撤销" if self.revoked_on else "有效"


def verify_document(code: str, uploaded: bytes | None = None) -> Verification:
    """The public's answer for a code, as printed or typed; NotFound for an unknown one."""
    wanted = code.upper().replace("-", "").replace(" ", "")
    if not _CODE.fullmatch(wanted):
        raise NotFound("验证码应为 16 位,请核对后再试")
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, number, title, issuer, issued_at, revoked_at, digest FROM documents_verify(%s)",
                       [wanted])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("查不到这份文书,请核对验证码;如确认无误,该文书可能是伪造的")
    kind, number, title, issuer, issued_at, revoked_at, digest = row
    same = None if uploaded is None else sm3(uploaded) == bytes(digest)
    on = issued_at.astimezone(clock.SHANGHAI).date()
    return Verification(kind_title(kind), number, title, issuer, on,
                        revoked_at and revoked_at.astimezone(clock.SHANGHAI).date(), same)
