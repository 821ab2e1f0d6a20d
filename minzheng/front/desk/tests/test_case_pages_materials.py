from __future__ import annotations

import pytest

from minzheng.base.files.models import StoredFile
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    act_by_page,
    case_of,
    closed,
    get,
    hidden,
    neighbours_refused,
    open_keys,
    own,
    picture,
    post,
    queries,
    submitted,
    text,
)
from minzheng.office.materials.models import CaseMaterial
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, as_owner

pytestmark = pytest.mark.usefixtures("own_store")


def rows(code: str, material: str) -> list[CaseMaterial]:
    with as_owner():
        return list(CaseMaterial.objects.filter(case_id=case_of(code).pk, code=material).order_by("id"))


def address(code: str, material: str = "illness") -> str:
    return f"/desk/cases/{code}/materials/{material}/"


def test_a_clerk_uploads_replaces_and_reads_every_version(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    page = get(people.clerk, f"/desk/cases/{code}/")
    assert address(code) in text(page) and "上传或免交" in text(page)
    assert post(people.clerk, address(code), verb="upload", file=picture()).status_code == 302
    assert post(people.clerk, address(code), verb="upload", file=picture()).status_code == 422  # present already
    assert post(people.clerk, address(code), verb="replace", file=picture(colour="red")).status_code == 422  # no reason
    done = post(people.clerk, address(code), verb="replace", file=picture("新证明.jpg", "red"), reason="原件看不清")
    assert done.status_code == 302
    old, new = rows(code, "illness")
    assert (old.status, new.status) == ("replaced", "present") and old.file != new.file
    page = get(people.clerk, address(code))
    for row in (old, new):
        assert f"/desk/files/{row.file}" in text(page)
        assert get(people.clerk, f"/desk/files/{row.file}").headers["Content-Type"] == "image/jpeg"


def test_a_material_is_waived_with_a_reason_only(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    assert post(people.clerk, address(code, "expenses"), verb="waive", reason="").status_code == 422
    assert rows(code, "expenses")[0].status == "missing"
    assert post(people.clerk, address(code, "expenses"), verb="waive", reason="没有申报病残支出").status_code == 302
    assert rows(code, "expenses")[0].status == "waived"


def test_disguised_and_unknown_files_change_nothing(people: Cast, zhang: Family) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    code = submitted(people, zhang)
    with as_owner():
        before = StoredFile.objects.count()
    for name, content in (("证明.jpg", b"MZ" + b"\0" * 50), ("证明.exe", b"MZ"), ("证明.pdf", b"<html>"), ("空.jpg", b"")):
        answer = post(people.clerk, address(code), verb="upload", file=SimpleUploadedFile(name, content))
        assert answer.status_code == 422, name
    with as_owner():
        assert StoredFile.objects.count() == before
    assert [row.status for row in rows(code, "illness")] == ["missing"]
    assert post(people.clerk, address(code, "poem"), verb="upload", file=picture()).status_code == 404
    assert post(people.clerk, address(code), verb="burn", file=picture()).status_code == 404


def test_other_posts_read_why_they_cannot_and_are_refused_if_they_try(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    for who in (people.approver, people.leader, people.finance, people.city):
        page = get(who, address(code))
        assert page.status_code == 200 and "材料由经办岗位" in text(page) and 'type="file"' not in text(page)
        assert post(who, address(code), verb="upload", file=picture()).status_code == 403
        assert post(who, address(code), verb="waive", reason="没有申报支出").status_code == 403
    for who in (people.system_admin, people.citizen):
        assert post(who, address(code), verb="upload", file=picture()).status_code == 403
    neighbours_refused(people, address(code), verb="waive", reason="没有申报支出")
    assert [row.status for row in rows(code, "illness")] == ["missing"]


def test_nothing_moves_after_the_decision(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = closed(people, zhang, monkeypatch)
    assert "材料不再变动" in text(get(people.clerk, address(code)))
    assert post(people.clerk, address(code), verb="waive", reason="没有申报支出").status_code == 422
    assert rows(code, "illness")[0].status == "missing"


def test_what_is_missing_is_written_into_the_supplement_notice_at_once(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    with as_owner():
        CaseMaterial.objects.filter(case_id=case_of(code).pk, code__in=("marriage", "identity")).delete()
        for key, title in (("identity", "身份证、户口信息"), ("marriage", "婚姻状况")):
            case = case_of(code)
            CaseMaterial.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, code=key, title=title,
                                        status="missing", obtained="registry", at=case.submitted_at)
    page = get(people.clerk, f"/desk/cases/{code}/")
    assert "身份证、户口信息\n婚姻状况</textarea>" in text(page)
    done = act_by_page(people.clerk, code, "review", "supplement", missing="身份证、户口信息\n婚姻状况")
    assert done.status_code == 302
    case = case_of(code)
    assert case.state == "supplement" and case.flags["missing"] == ["身份证、户口信息", "婚姻状况"]


def test_the_citizen_hands_in_what_was_asked_and_the_case_comes_back(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    own(people, code)
    act_by_page(people.clerk, code, "review", "supplement", missing="重特大疾病诊断证明")
    mine = f"/my/cases/{code}/"
    page = get(people.citizen, mine)
    version = hidden(page, "version")
    assert "重特大疾病诊断证明" in text(page)
    wrong = post(people.citizen, f"{mine}supplement", text="补上了", file=picture(), version=version)
    assert wrong.status_code == 422 and "请选择上传的是哪一份材料" in text(wrong)
    assert case_of(code).state == "supplement" and rows(code, "illness")[0].status == "missing"
    done = post(people.citizen, f"{mine}supplement", text="补上了", material="illness", file=picture(), version=version)
    assert done.status_code == 302
    assert case_of(code).state == "submitted" and open_keys(code) == {"review"}
    row = rows(code, "illness")[0]
    assert row.status == "present"
    assert get(people.citizen, f"/my/files/{row.file}").headers["Content-Type"] == "image/jpeg"
    assert get(people.other_citizen, f"/my/files/{row.file}").status_code == 404


def test_the_citizen_uploads_on_the_own_case_and_nobody_elses(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    own(people, code)
    there = f"/my/cases/{code}/materials/illness/"
    assert post(people.other_citizen, there, file=picture()).status_code == 404
    assert post(people.clerk, there, file=picture()).status_code == 403
    assert post(people.citizen, there).status_code == 422
    assert rows(code, "illness")[0].status == "missing"
    assert post(people.citizen, there, file=picture()).status_code == 302
    assert post(people.citizen, there, file=picture("清楚的.jpg", "red")).status_code == 302
    assert [row.status for row in rows(code, "illness")] == ["replaced", "present"]
    assert post(people.citizen, f"/my/cases/{code}/materials/identity/", file=picture()).status_code == 403


def test_the_window_registers_a_supplement_for_the_applicant(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    act_by_page(people.clerk, code, "review", "supplement", missing="重特大疾病诊断证明")
    there = f"/desk/cases/{code}/supplement/"
    version = hidden(get(people.clerk, there), "version")
    for who in (people.approver, people.finance):
        assert post(who, there, version=version, text="材料已补齐").status_code == 403
    neighbours_refused(people, there, version=version, text="材料已补齐")
    assert post(people.clerk, there, version=99, text="材料已补齐").status_code == 409
    assert case_of(code).state == "supplement"
    assert post(people.clerk, there, version=version, text="材料已补齐").status_code == 302
    assert case_of(code).state == "submitted" and open_keys(code) == {"review"}


def test_the_pages_stay_cheap(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    own(people, code)
    post(people.clerk, address(code), verb="upload", file=picture())
    assert queries(people.clerk, address(code)) <= MOST_QUERIES
    assert queries(people.citizen, f"/my/cases/{code}/") <= MOST_QUERIES
