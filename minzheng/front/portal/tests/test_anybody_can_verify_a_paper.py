from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.base import documents
from minzheng.base.documents.models import IssuedDocument
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import VILLAGE


@pytest.fixture
def paper(people: Cast) -> tuple[str, bytes]:
    """A signed notice: its code and its file."""
    documents.declare_kinds({"tea_notice": "茶座通知书"})
    with acting_as(people.approver):
        issued = documents.issue("tea_notice", "茶〔2026〕1号", {"title": "茶座通知书", "paragraphs": ["座位已留。"]},
                                 by=people.approver, jurisdiction=VILLAGE, subject="茶座", issuer="昆山市民政局")
        return issued.code, issued.file.open()


def test_a_visitor_sees_what_it_is_and_that_it_stands_and_nothing_of_anybody(paper: tuple[str, bytes], client: Client) -> None:
    page = client.get(f"/verify/{paper[0]}")
    text = page.content.decode()
    assert page.status_code == 200 and "目前有效" in text and "茶〔2026〕1号" in text
    assert client.get("/verify/", {"code": paper[0].lower()}).status_code == 200


def test_the_own_file_agrees_and_a_changed_one_does_not(paper: tuple[str, bytes], client: Client) -> None:
    code, content = paper
    same = client.post(f"/verify/{code}", {"file": SimpleUploadedFile("a.pdf", content)})
    assert "文件与存档一致" in same.content.decode()
    other = client.post(f"/verify/{code}", {"file": SimpleUploadedFile("a.pdf", content[:-3] + b"xyz")})
    assert "可能被改动过" in other.content.decode()


def test_an_unknown_code_and_a_malformed_one_are_not_found(people: Cast, client: Client) -> None:
    for code in ("ABCDEFGHJKLMNPQR", "1", "'; drop table"):
        page = client.get("/verify/", {"code": code})
        assert page.status_code == 404 and "没有查到这份文书" in page.content.decode()


def test_a_revoked_paper_says_so(paper: tuple[str, bytes], people: Cast, client: Client) -> None:
    with acting_as(people.approver):
        documents.do_revoke(paper[0], by=people.approver, reason="内容有误")
    assert "撤销" in client.get(f"/verify/{paper[0]}").content.decode()
    with as_owner():
        assert IssuedDocument.objects.get(number="茶〔2026〕1号").revoked_at is not None
