from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typst
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.base import audit, documents
from minzheng.base.crypto import sm3, verify
from minzheng.base.documents import rendering, signing
from minzheng.base.documents.issuing import declare_kinds, new_code
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.errors import NotFound, Refused
from minzheng.base.files.models import StoredFile
from minzheng.testing import Cast, acting_as, as_owner

NASTY = ['#panic("x")', '#read("/etc/passwd")', "*粗* _斜_ $x$ @ref <label>", "\\u{41} ] } // /* ", '#import "a"',
         "= 标题\n- 项"]
MARKUP = "#$*_`@<>[](){}\\/=-+~'\".:;,!?&%^| \n\t人民政1aZ"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def _issue(people: Cast, number: str = "昆俱〔2026〕1号", **more: Any) -> IssuedDocument:
    declare_kinds({"club.card": "俱乐部会员证"})
    values = {"by": people.county, "jurisdiction": people.village.jurisdiction, "subject": "club:7",
              "issuer": "昆山俱乐部", "template": "certificate", "person_id": people.citizen.person_id} | more
    data = {"title": "会员证", "fields": [["姓名", "张建国"]]}
    with acting_as(people.county):
        return documents.issue("club.card", number, data, **values)


@pytest.mark.parametrize(("template", "data"), [
    ("notice", {"title": "告知书", "paragraphs": NASTY, "items": NASTY, "addressee": NASTY[0]}),
    ("certificate", {"title": NASTY[0], "fields": [[text, text] for text in NASTY]}),
    ("report", {"title": "报告", "fields": [["a", "b"]], "sections": [{
        "heading": NASTY[1], "paragraphs": NASTY, "table": {"columns": [{"title": NASTY[0]}], "rows": [[NASTY[0]]]}}]}),
    ("sheet", {"title": "台账", "columns": [{"title": "姓名"}, {"title": "金额", "align": "right"}],
               "rows": [NASTY[:2]] * 60, "signers": ["制表", "审核"], "totals": ["合计 60"]}),
])
def test_each_template_renders_and_takes_typst_markup_for_plain_text(template: str, data: dict[str, Any]) -> None:
    content = documents.render(template, data)
    assert content.startswith(b"%PDF-") and b"pdfaid" in content


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=MARKUP, max_size=80))
def test_no_markup_at_all_breaks_a_document(text: str) -> None:
    documents.render("notice", {"title": text, "paragraphs": [text], "items": [text], "addressee": text})


def test_data_reach_the_page_as_values_and_nothing_is_evaluated() -> None:
    fonts, family = rendering._fonts()
    data = json.dumps({"paragraphs": [], "items": ["#(1 + 1)"]})
    found = typst.query(str(rendering.template_path("notice")), "enum", font_paths=fonts,
                        sys_inputs={"data": data, "font": family})
    assert "#(1 + 1)" in found


def test_a_character_in_no_font_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="字库里没有“\ue123”"):
        documents.render("notice", {"title": "张\ue123"})


@pytest.mark.parametrize("name", ["nothing", "common", "../secrets", ""])
def test_an_unknown_template_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        documents.render(name, {})


def test_objects_and_floats_are_refused_as_data() -> None:
    with pytest.raises(TypeError):
        documents.render("notice", {"title": 0.1})


def test_a_signed_pdf_checks_and_any_change_shows() -> None:
    signed = documents.sign_pdf(documents.render("notice", {"title": "告知书"}))
    assert documents.check_pdf(signed)
    flipped = bytearray(signed)
    flipped[len(signed) // 3] ^= 1
    for other in (bytes(flipped), signed + b"x", documents.render("notice", {"title": "告知书"}), b"", b"%PDF-1.7"):
        assert not documents.check_pdf(other)


def test_another_certificate_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.base.crypto import KeyRing

    stranger = KeyRing.in_memory()
    with monkeypatch.context() as patch:
        patch.setattr(signing, "ring", lambda: stranger)
        signed = documents.sign_pdf(documents.render("notice", {"title": "伪造"}))
        assert documents.check_pdf(signed)
    assert not documents.check_pdf(signed)


def test_an_issued_document_is_signed_kept_recorded_and_verifiable(people: Cast, folder: None) -> None:
    issued = _issue(people)
    content = issued.file.open()
    assert bytes(issued.digest) == sm3(content) and documents.check_pdf(content)
    assert verify("documents", sm3(content), bytes(issued.sm2_signature))
    shown = f"{issued.code[:4]}-{issued.code[4:8]} {issued.code[8:].lower()}"
    answer = documents.verify_document(shown, content)
    assert (answer.kind, answer.number, answer.issuer, answer.status, answer.same) == (
        "俱乐部会员证", "昆俱〔2026〕1号", "昆山俱乐部", "有效", True)
    assert documents.verify_document(issued.code, content + b" ").same is False
    assert documents.verify_document(issued.code).same is None
    with acting_as(people.county):
        assert audit.trail_of("document", issued.pk)[0].action == "document.issue"
    with acting_as(people.citizen):
        assert documents.get_document_for(issued.code).pk == issued.pk


@pytest.mark.parametrize("code", ["", "ABC", "' OR 1=1 --", "2" * 16, "0" * 16])
def test_an_unknown_code_is_not_found(people: Cast, code: str) -> None:
    with pytest.raises(NotFound):
        documents.verify_document(code)


def test_the_public_role_reads_no_table_of_documents(people: Cast, folder: None) -> None:
    _issue(people)
    for table in ("documents_issued", "files_storedfile"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {table}")  # noqa: S608


def test_a_revoked_document_verifies_as_revoked_and_stays_so(people: Cast, folder: None) -> None:
    issued = _issue(people)
    with acting_as(people.county):
        with pytest.raises(Refused):
            documents.do_revoke(issued.code, by=people.county, reason="")
        documents.do_revoke(issued.code, by=people.county, reason="信息有误")
        with pytest.raises(Refused, match="已经撤销"):
            documents.do_revoke(issued.code, by=people.county, reason="再撤一次")
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            IssuedDocument.objects.update(revoked_at=None)
    assert documents.verify_document(issued.code).status == "已撤销"


@pytest.mark.parametrize("who", ["neighbour", "neighbour_clerk", "other_citizen"])
def test_others_neither_find_nor_revoke_a_document(people: Cast, folder: None, who: str) -> None:
    issued = _issue(people)
    with acting_as(getattr(people, who)) as by:
        for verb in (lambda: documents.get_document_for(issued.code),
                     lambda: documents.do_revoke(issued.code, by=by, reason="x")):
            with pytest.raises(NotFound):
                verb()
    assert documents.verify_document(issued.code).status == "有效"


def test_a_number_is_used_once_and_the_second_leaves_nothing(people: Cast, folder: None) -> None:
    _issue(people)
    with pytest.raises(Refused, match="已经用过"):
        _issue(people)
    with as_owner():
        assert (IssuedDocument.objects.count(), StoredFile.objects.count()) == (1, 1)


def test_only_a_revocation_changes_an_issued_document(people: Cast, folder: None) -> None:
    _issue(people)
    with acting_as(people.county):
        for change in ({"number": "x"}, {"digest": b"x"}, {"person_id": 2}, {"issuer": "x"}):
            with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
                IssuedDocument.objects.update(**change)
    with as_owner():
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            IssuedDocument.objects.all().delete()


def test_codes_are_long_and_without_look_alikes() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500 and not set("".join(codes)) & set("01IO")
