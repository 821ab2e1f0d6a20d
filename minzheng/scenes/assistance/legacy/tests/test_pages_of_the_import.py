from __future__ import annotations

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.scenes.assistance.legacy.models import LegacyHousehold
from minzheng.scenes.assistance.legacy.tests.kit import Old, check, load, mapping, person
from minzheng.scenes.assistance.legacy.views import EXAMPLE
from minzheng.testing import Cast, as_owner, sign_in
from minzheng.testing.background import run_jobs

HOME = "/desk/assistance/legacy/"


def upload(cast: Cast, old: Old, **changes: object) -> object:
    files = {code: SimpleUploadedFile(name, content) for code, (name, content) in old.files().items()}
    said = old.declared()
    data = {"source": "旧低保系统", "mapping": mapping(cast), "household_rows": said["household"]["rows"],
            "member_rows": said["member"]["rows"], "benefit_rows": said["benefit"]["rows"],
            "benefit_fen": f"{said['benefit']['fen'] / 100:.2f}", **files, **changes}
    return sign_in(Client(), cast.data_officer).post(HOME, data)


def one(name: str = "赵大山") -> Old:
    old = Old()
    old.household("A001", (name, person(name), "01"))
    return old


def test_who_may_open_the_pages(people: Cast) -> None:
    batch = check(people, one())
    for who in people.officers():
        for address, allowed in ((HOME, {"data_officer", "county_approver"}), (f"{HOME}{batch.number}/", {"data_officer", "county_approver"}),
                                 (f"{HOME}mapping/", {"data_officer"})):
            status = sign_in(Client(), who).get(address).status_code
            own = who.jurisdiction.startswith("320583") or address != f"{HOME}{batch.number}/"
            assert status == (403 if who.role not in allowed else 200 if own else 404), (who.role, address)


def test_from_upload_to_acceptance_by_the_pages(people: Cast) -> None:
    officer, approver = sign_in(Client(), people.data_officer), sign_in(Client(), people.approver)
    assert f'href="{HOME}"' in officer.get("/desk/people/").content.decode()
    answer = upload(people, one())
    assert answer.status_code == 302
    run_jobs()
    page = officer.get(answer.url).content.decode()
    assert "导入 1 户" in page and "接受并接续发放" not in page
    assert officer.post(answer.url + "start").status_code == 302
    run_jobs()
    page = approver.get(answer.url)
    assert "每月共 <b>965</b> 元" in page.content.decode()
    form = page.context["accept_form"]
    data = {"first_month": form.fields["first_month"].choices[1][0], "households": 1, "fen": 96500}
    assert officer.post(answer.url + "accept", data).status_code == 403
    assert approver.post(answer.url + "accept", {**data, "fen": 1}).status_code == 422
    assert approver.post(answer.url + "accept", data).status_code == 302
    run_jobs()
    assert "已接续 1 户" in approver.get(answer.url).content.decode()


def test_a_table_without_the_mapped_column_comes_back_on_the_form(people: Cast) -> None:
    answer = upload(people, one(), member=SimpleUploadedFile("m.csv", "户编号,姓名\nA001,赵大山\n".encode()))
    assert answer.status_code == 422 and "没有“证件号码”这一列" in answer.content.decode()


def test_a_mapping_is_kept_in_versions_and_checked(people: Cast) -> None:
    officer, text = sign_in(Client(), people.data_officer), EXAMPLE.read_text()
    assert officer.post(HOME + "mapping/", {"name": "旧系统", "body": text}).status_code == 302
    assert officer.post(HOME + "mapping/", {"name": "旧系统", "body": text.replace("99: 其他", "98: 其他")}).status_code == 302
    assert "第 2 版" in officer.get(HOME).content.decode()
    for broken in ("household: [", text.replace("01: 户主", "01: 首长"), text.replace("unit: 户编号", "unitt: 户编号", 1),
                   text + "\n!!python/object:os.system {}", text.replace("    name: 姓名\n", ""), "a: &x [*x]"):
        answer = officer.post(HOME + "mapping/", {"name": "旧系统", "body": broken})
        assert answer.status_code == 422, broken[-60:]


def test_the_report_masks_people_and_runs_no_formula(people: Cast) -> None:
    old = one()
    old.household("A-2", ("=HYPERLINK(1)", person("李四"), "01"), payee="=cmd")
    batch = check(people, old)
    officer = sign_in(Client(), people.data_officer)
    assert officer.post(f"{HOME}{batch.number}/report", {"reason": ""}).status_code == 422
    answer = officer.post(f"{HOME}{batch.number}/report", {"reason": "核对旧台账"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + 6
    assert not any(cell[:1] in "=+@" for row in rows for cell in row if cell)
    assert all(old.members[n][2] not in answer.content.decode() for n in (0, 1)) and "赵**" in answer.content.decode()


def test_the_neighbour_reaches_nothing(people: Cast) -> None:
    batch = load(people, check(people, one()))
    neighbour = sign_in(Client(), people.neighbour)
    assert batch.number not in neighbour.get(HOME).content.decode()
    for verb in ("accept", "turn-down"):
        assert neighbour.post(f"{HOME}{batch.number}/{verb}", {"reason": "不归我管"}).status_code in (404, 422)
    with as_owner():
        assert LegacyHousehold.objects.get().state == "waiting"
