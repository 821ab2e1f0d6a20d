from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from minzheng.base import documents, files
from minzheng.base.audit.models import AuditRecord
from minzheng.base.files.models import StoredFile
from minzheng.front.desk.tests.admin_kit import page, post, records, text
from minzheng.office.cases.models import Case, CaseParty
from minzheng.office.decisions.models import Decision
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import NEIGHBOUR_COUNTY, VILLAGE
from minzheng.testing.teahouse import make_case, published

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"
                    "1f15c4890000000d4944415478da63fccf500f0003860180347e5a6c0000000049454e44ae426082")


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def keep(people: Cast, case: Case | None = None) -> StoredFile:
    with acting_as(people.township):
        return files.keep(PNG, name="现场照片.png", mime="image/png", by=people.township, jurisdiction=VILLAGE, kind="photo",
                          case_id=case.pk if case else None)


def test_a_photo_of_a_case_opens_by_number_or_code_and_is_recorded(people: Cast) -> None:
    with published():
        case = make_case()
        stored = keep(people, case)
        for key in (stored.pk, stored.code):
            response = page(people.township, f"/desk/files/{key}")
            assert response.status_code == 200
            assert response.content == PNG
            assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert records("file.read") == 2
    with as_owner():
        assert case.code in AuditRecord.objects.filter(action="file.read").first().canonical.decode()


def test_a_file_of_no_case_asks_for_the_purpose_first(people: Cast) -> None:
    stored = keep(people)
    asked = page(people.township, f"/desk/files/{stored.code}")
    assert "查看用途" in text(asked)
    assert post(people.township, f"/desk/files/{stored.code}", reason="看").status_code == 422
    assert records("file.read") == 0
    assert post(people.township, f"/desk/files/{stored.code}", reason="核实签名笔迹").content == PNG
    assert records("file.read") == 1


def test_the_neighbouring_county_and_guessed_numbers_get_nothing(people: Cast) -> None:
    with published():
        in_case, alone = keep(people, make_case()), keep(people)
        for stored in (in_case, alone):
            for key in (stored.pk, stored.code):
                assert page(people.neighbour, f"/desk/files/{key}").status_code == 404
                assert post(people.neighbour, f"/desk/files/{key}", reason="核实签名笔迹").status_code == 404
    for key in ("999999", "nothing", "9" * 30, "../secrets.json"):
        assert page(people.township, f"/desk/files/{key}").status_code == 404
    assert page(people.citizen, f"/desk/files/{alone.pk}").status_code == 403
    assert records("file.read") == 0


def test_a_post_that_was_granted_the_case_sees_its_photos(people: Cast) -> None:
    with published():
        case = make_case()
        stored = keep(people, case)
        with as_owner():
            CaseParty.objects.create(case_id=case.pk, jurisdiction=NEIGHBOUR_COUNTY, role="residence")
        assert page(people.neighbour, f"/desk/files/{stored.pk}").content == PNG


def decided(people: Cast, case: Case) -> Decision:
    number = "昆山市民决〔2026〕1号"
    with acting_as(people.county):
        issued = documents.issue("decision", number, {"title": "茶座决定书", "paragraphs": ["同意。"]}, by=people.county,
                                 jurisdiction=case.jurisdiction, subject=case.code, issuer="昆山市民政部门", case_id=case.pk)
    with as_owner():
        from minzheng.base import clock

        return Decision.objects.create(
            case_id=case.pk, jurisdiction=case.jurisdiction, number=number, kind="confirm", reasons="符合",
            legal_basis="茶馆章程第一条", assessment="{}", assessment_digest=b"", decided_by=people.county.account_id,
            decided_by_title="县级经办", decided_at=clock.now(), document=issued.pk)


def test_a_decision_opens_as_signed_pdf_within_the_scope_only(people: Cast) -> None:
    with published():
        decision = decided(people, make_case())
        address = f"/desk/documents/{decision.number}.pdf"
        response = page(people.township, address)
        assert response.content.startswith(b"%PDF")
        assert response.headers["Content-Type"] == "application/pdf"
        assert page(people.neighbour, address).status_code == 404
        assert page(people.township, address, kind="receipt").status_code == 404
        assert page(people.township, address, kind="everything").status_code == 404
        assert page(people.township, "/desk/documents/没有这号.pdf").status_code == 404
    assert records("file.read") == 1
