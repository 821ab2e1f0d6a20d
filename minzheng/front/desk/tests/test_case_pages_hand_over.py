from __future__ import annotations

import datetime as dt
import re

import pytest

from minzheng.base import clock, flow
from minzheng.base.audit.models import AuditRecord
from minzheng.base.identity.officer import Service
from minzheng.data.registry.models import Person
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    VISIT,
    act,
    act_by_page,
    case_of,
    closed,
    decisions_on,
    get,
    hidden,
    neighbours_refused,
    officer,
    open_keys,
    photo,
    picture,
    post,
    published_out,
    queries,
    reviewed,
    submitted,
    text,
)
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.models import CaseParty, Delegation
from minzheng.scenes.assistance.apply import Kin, do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.scenes.assistance.verification.models import Authorisation
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY, NEIGHBOUR_TOWNSHIP, TOWNSHIP

pytestmark = pytest.mark.usefixtures("own_store")
Patch = pytest.MonkeyPatch
CITY = "320500000000"
YUSHAN = "320581004000"  # 虞山街道 of the neighbouring county
TO_NEIGHBOUR = {"to_city": CITY, "to_county": NEIGHBOUR_COUNTY, "to_town": YUSHAN}
WHY = "申请人已搬到常熟居住"


def test_the_selects_lead_from_the_city_to_the_village_with_and_without_scripts(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    there = f"/desk/cases/{code}/hand-over/"
    page = get(people.clerk, there)
    assert f'value="{COUNTY}" selected' in text(page) and 'name="to_town"' in text(page)  # most stay within the county
    part = text(get(people.clerk, "/desk/places/", to_city=CITY))
    assert "常熟市" in part and "<html" not in part
    plain = post(people.clerk, there, to_city=CITY, to_county=NEIGHBOUR_COUNTY, reason=WHY, _cascade="1")
    assert plain.status_code == 200 and 'name="to_town"' in text(plain) and WHY in text(plain)
    assert case_of(code).jurisdiction.startswith("320583")


def test_the_receiving_township_goes_on_and_the_giving_one_reads_only(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    post(people.clerk, f"/desk/cases/{code}/materials/illness/", verb="upload", file=picture())
    there = f"/desk/cases/{code}/hand-over/"
    version = hidden(get(people.clerk, there), "version")
    short = post(people.clerk, there, to_city=CITY, to_county=NEIGHBOUR_COUNTY, reason=WHY, version=version)
    assert short.status_code == 422 and "请选择接收的乡镇" in text(short)
    assert post(people.clerk, there, **TO_NEIGHBOUR, version=version, reason="").status_code == 422
    assert post(people.clerk, there, **TO_NEIGHBOUR, version=99, reason=WHY).status_code == 409
    for who in (people.village, people.finance, people.leader):
        assert post(who, there, **TO_NEIGHBOUR, version=version, reason=WHY).status_code == 403
    neighbours_refused(people, there, **TO_NEIGHBOUR, version=version, reason=WHY)
    assert case_of(code).jurisdiction.startswith("320583")
    assert post(people.clerk, there, **TO_NEIGHBOUR, version=version, reason=WHY).status_code == 302
    deliver_events()
    assert case_of(code).jurisdiction == YUSHAN
    with as_owner():
        assert set(Authorisation.objects.values_list("jurisdiction", flat=True)) == {YUSHAN}
    there_clerk = officer("town_clerk", YUSHAN, "虞山许静")
    # who answers for it now sees the file and may go on
    page = get(there_clerk, f"/desk/cases/{code}/")
    assert page.status_code == 200 and "受理审查" in text(page) and "移交至" in text(page)
    material = f"/desk/cases/{code}/materials/illness/"
    file = next(line for line in text(get(there_clerk, material)).split('"') if line.startswith("/desk/files/"))
    assert get(there_clerk, file).headers["Content-Type"] == "image/jpeg"
    assert act_by_page(there_clerk, code, "review", "accept").status_code == 302
    assert "协办单位" in text(page) and re.search(r"昆山市玉山镇[^(]*\(户籍地\)", text(page))
    # who gave it away reads on, and writes nothing
    for who in (people.clerk, people.village, people.county):
        page = get(who, f"/desk/cases/{code}/")
        assert page.status_code == 200 and "本单位是协办单位" in text(page) and "<textarea" not in text(page)
        assert get(who, f"/desk/cases/{code}/process.bpmn").status_code == 200
        assert post(who, material, verb="replace", file=picture(), reason="文件看不清").status_code == 403
        assert post(who, f"/desk/cases/{code}/withdraw/", version=case_of(code).version, reason="不办了吧").status_code == 403
    assert get(people.neighbour_clerk, f"/desk/cases/{code}/").status_code == 404  # another township over there
    assert case_of(code).state == "accepted"


def test_the_receiving_county_decides_and_pays_though_the_register_stays_behind(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    code = submitted(people, zhang)
    there = f"/desk/cases/{code}/hand-over/"
    version = hidden(get(people.clerk, there), "version")
    assert post(people.clerk, there, **TO_NEIGHBOUR, version=version, reason=WHY).status_code == 302
    deliver_events()
    clerk, reviewer = officer("town_clerk", YUSHAN, "虞山许静"), officer("town_reviewer", YUSHAN, "虞山吴平")
    second = officer("town_clerk", YUSHAN, "虞山陆明")
    assert act_by_page(clerk, code, "review", "accept").status_code == 302
    service = Service("测试核对", NEIGHBOUR_COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": True}, by=service)
    visited_by_two(people, code, "visit", clerk, second)
    assert act_by_page(reviewer, code, "town_review", "agree", "情况属实。").status_code == 302
    published_out(code, monkeypatch, county=NEIGHBOUR_COUNTY)
    done = act_by_page(people.neighbour, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    assert done.status_code == 302, text(done)[:3000]
    with as_owner():
        row = Entitlement.objects.get()
        assert (row.case_code, row.jurisdiction, row.persons) == (code, YUSHAN, 3)
        assert Person.objects.get(pk=zhang.head.pk).jurisdiction.startswith("320583")
        told = AuditRecord.objects.filter(action="registry.grant", subject_person=zhang.head.pk)
        assert told.count() == 1
    # the new place reads these people for the case and nobody else, and writes none of them
    assert get(clerk, f"/desk/people/{zhang.head.pk}/").status_code == 200
    assert zhang.household.number not in text(get(clerk, f"/desk/people/{zhang.head.pk}/"))
    assert get(people.neighbour_clerk, f"/desk/people/{zhang.head.pk}/").status_code == 404


def test_a_party_never_acts_on_the_case(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    with as_owner():
        CaseParty.objects.create(case_id=case_of(code).pk, jurisdiction=NEIGHBOUR_TOWNSHIP, role="residence")
    page = get(people.neighbour_clerk, f"/desk/cases/{code}/")
    assert page.status_code == 200 and "本单位是协办单位" in text(page)
    version = case_of(code).version
    for there, sent in (("withdraw/", {"reason": "申请人不办了"}), ("supplement/", {"text": "补齐了"}),
                        ("hand-over/", {**TO_NEIGHBOUR, "reason": WHY}), ("materials/illness/", {"verb": "waive", "reason": "免交吧这份"})):
        assert post(people.neighbour_clerk, f"/desk/cases/{code}/{there}", version=version, **sent).status_code == 403, there
    assert post(people.neighbour_clerk, f"/desk/assistance/cases/{code}/stop/", version=version, cause="death",
                reason="家属来电说申请人已经去世").status_code == 403
    assert case_of(code).version == version and open_keys(code) == {"review"}


def test_the_window_registers_a_withdrawal(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    there = f"/desk/cases/{code}/withdraw/"
    version = hidden(get(people.clerk, there), "version")
    for who in (people.approver, people.finance):
        assert post(who, there, version=version, reason="申请人不办了").status_code == 403
    neighbours_refused(people, there, version=version, reason="申请人不办了")
    assert case_of(code).state == "submitted"
    assert post(people.clerk, there, version=version, reason="申请人不办了").status_code == 302
    assert case_of(code).state == "withdrawn" and open_keys(code) == set()


def visited_by_two(people: Cast, code: str, key: str, lead: object, second: object) -> None:
    with acting_as(lead):  # type: ignore[arg-type]
        task = next(t for t in flow.open_tasks(code) if t.key == key)
    page = get(lead, f"/desk/cases/{code}/")  # type: ignore[arg-type]
    assert f"/tasks/{task.pk}/cosign" in text(page)
    account = second.account_id  # type: ignore[attr-defined]
    assert post(lead, f"/desk/cases/{code}/tasks/{task.pk}/cosign", account=account).status_code == 302  # type: ignore[arg-type]
    assert post(second, f"/desk/cases/{code}/tasks/{task.pk}/sign").status_code == 302  # type: ignore[arg-type]
    data = {**VISIT, "visited_on": clock.today() - dt.timedelta(days=1)}
    act(lead, code, key, "done", data=data, files=photo())  # type: ignore[arg-type]


def carried(people: Cast, code: str) -> None:
    """From intake to the end of the opinion, whatever the flags of the case."""
    act(people.clerk, code, "review", "accept")
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": True}, by=service)
    visited_by_two(people, code, "visit", people.clerk, people.village)
    act(people.reviewer, code, "town_review", "agree")


def test_kin_of_an_officer_are_visited_by_the_county_before_it_decides(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    with acting_as(people.clerk):
        code = do_apply(application_for(zhang, kin=Kin("张建国", "李建国", "玉山镇民政办", "堂兄弟")), by=people.clerk).code
    assert "张建国与李建国" in text(get(people.clerk, f"/desk/cases/{code}/"))
    carried(people, code)
    published_out(code, monkeypatch)
    assert open_keys(code) == {"county_visit"}
    visited_by_two(people, code, "county_visit", people.county, people.clerk)
    assert open_keys(code) == {"county_review"}
    assert "县级入户" in text(get(people.approver, f"/desk/cases/{code}/"))
    done = act_by_page(people.approver, code, "county_review", "confirm", "县级已入户核实,情况属实。")
    assert done.status_code == 302
    assert decisions_on(code)[0].kind == "confirm" and open_keys(code) == {"serve"}


def test_the_leader_delegates_a_township_and_it_decides_by_another_reviewer(
        people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    there = "/desk/delegations/"
    sent = {"matter": "dibao", "township": TOWNSHIP, "since": clock.today().isoformat(), "document": "昆民发〔2026〕8号"}
    for who in (people.approver, people.clerk, people.city, people.data_officer):
        assert get(who, there).status_code == 403 and post(who, there, **sent).status_code == 403
    assert post(people.leader, there, **{**sent, "since": "2020-01-01"}).status_code == 422
    assert post(people.leader, there, **{**sent, "township": NEIGHBOUR_TOWNSHIP}).status_code == 422
    with as_owner():
        assert not Delegation.objects.exists()
    assert post(people.leader, there, **sent).status_code == 302
    assert post(people.leader, there, **sent).status_code == 422  # once only
    assert "玉山镇" in text(get(people.leader, there)) and "有效" in text(get(people.leader, there))
    assert "缺审核人员" in text(get(people.leader, there)), "one reviewer is not enough, and the page says so"
    assert queries(people.leader, there) <= MOST_QUERIES
    code = submitted(people, zhang)
    assert case_of(code).flags["delegated"] is True
    carried(people, code)
    published_out(code, monkeypatch)
    assert open_keys(code) == {"town_decide"}
    same = act_by_page(people.reviewer, code, "town_decide", "confirm", "情况属实,同意确认。")
    assert same.status_code == 403 and not decisions_on(code)
    stuck = "玉山镇现在没有这样的人"
    assert stuck in text(get(people.clerk, f"/desk/cases/{code}/")) and stuck in text(get(people.leader, f"/desk/cases/{code}/"))
    second = officer("town_reviewer", TOWNSHIP, "玉山钱明")  # the deputy leader of the township, given a second post
    assert stuck not in text(get(second, f"/desk/cases/{code}/"))
    assert "缺审核人员" not in text(get(people.leader, there))
    done = act_by_page(second, code, "town_decide", "confirm", "情况属实,同意确认。")
    assert done.status_code == 302, text(done)[:2000]
    assert decisions_on(code)[0].kind == "confirm" and open_keys(code) == {"serve"}
    with as_owner():
        assert Entitlement.objects.get().case_code == code


def test_a_delegation_ends_from_tomorrow_with_a_reason(people: Cast, zhang: Family) -> None:
    with as_owner():
        Delegation.objects.create(matter="dibao", office=TOWNSHIP, valid_from=clock.today(), document="昆民发〔2026〕8号",
                                  decided_by=1)
    there = f"/desk/delegations/dibao/{TOWNSHIP}/end/"
    for who in (people.approver, people.neighbour, people.clerk):
        assert post(who, there, reason="乡镇人手不足").status_code == 403
    foreign = officer("county_leader", NEIGHBOUR_COUNTY, "常熟赵正")
    assert get(foreign, there).status_code == 404 and post(foreign, there, reason="乡镇人手不足").status_code == 404
    assert post(people.leader, there, reason="").status_code == 422
    with as_owner():
        assert Delegation.objects.get().valid_to is None
    assert post(people.leader, there, reason="乡镇人手不足").status_code == 302
    with as_owner():
        assert Delegation.objects.get().valid_to == clock.today() + dt.timedelta(days=1)
    assert get(people.leader, there).status_code == 404


def test_an_archive_is_built_taken_away_and_proved(people: Cast, zhang: Family, monkeypatch: Patch) -> None:
    import io
    import zipfile

    code = closed(people, zhang, monkeypatch)
    there, package = f"/desk/cases/{code}/archive/", f"/desk/cases/{code}/archive.zip"
    assert there in text(get(people.county, f"/desk/cases/{code}/"))
    assert "由县级经办、县级审批或县级负责人" in text(get(people.clerk, f"/desk/cases/{code}/"))
    for who in (people.clerk, people.village, people.finance, people.citizen):
        for address in (there, package):
            assert get(who, address).status_code == 403 and post(who, address, reason="复查需要").status_code == 403
    neighbours_refused(people, there, package, reason="复查需要")
    assert post(people.county, package, reason="复查需要").status_code == 404  # nothing built yet
    assert post(people.county, there).status_code == 302
    assert post(people.county, package, reason="").status_code == 422
    taken = post(people.county, package, reason="复查需要")
    assert taken.headers["Content-Type"] == "application/zip" and "attachment" in taken.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(taken.content)) as content:
        assert {"manifest.json", "manifest.sig", "decisions.json"} <= set(content.namelist())
    page = text(get(people.leader, there))
    verify = next(part for part in page.split('"') if part.endswith("/verify"))
    neighbours_refused(people, verify)
    assert post(people.leader, verify).status_code == 302
    assert queries(people.county, there) <= MOST_QUERIES


def test_a_case_in_hand_has_no_archive(people: Cast, zhang: Family) -> None:
    code = reviewed(people, zhang)
    there = f"/desk/cases/{code}/archive/"
    assert "办件办结后才能归档" in text(get(people.county, there))
    assert post(people.county, there).status_code == 422


def test_the_pages_stay_cheap(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    for there in ("", "hand-over/", "withdraw/", "supplement/"):
        assert queries(people.clerk, f"/desk/cases/{code}/{there}") <= MOST_QUERIES, there
