"""政策仿真 through the pages: drafted, computed, compared, shared, exported, sent, decided; who sees what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from django.conf import settings
from django.http import HttpResponse

from minzheng.base import clock
from minzheng.base.audit.models import AuditRecord
from minzheng.base.identity.officer import Officer
from minzheng.data.brain.desk import ports
from minzheng.data.brain.desk.ladder import _blank
from minzheng.data.brain.desk.models import Draft, Near, Part, Run
from minzheng.data.brain.models import ParameterVersion
from minzheng.data.brain.rules import value
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS
from minzheng.data.brain.rules.scheme import scheme
from minzheng.front.desk.tests.admin_kit import MOST_QUERIES, household, page, post, queries, refused, text
from minzheng.front.desk.tests.test_parameters_pages_need_two_people import second_pair
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import run_jobs
from minzheng.testing.cast import CITY, COUNTY, NEIGHBOUR_COUNTY

ALLOWED = {"province", "city", "county", "neighbour", "approver", "leader", "data_officer"}
SUZHOU = "z320500"


def frames(wages: list[int], zone: str, first: int, real: int | None = None) -> ports.Frames:
    """Single adults of these wages."""
    rules = scheme("dibao")
    ids = [first + at for at in range(len(wages))]
    if real is not None:
        ids[0] = real
    households = pl.DataFrame({"household_id": ids, "zone": [zone] * len(ids)}).with_columns(
        *(_blank(HOUSEHOLD_TERMS[name]).alias(name) for name in rules.needs_household))
    persons = pl.DataFrame({"household_id": ids}).with_columns(
        *(_blank(MEMBER_TERMS[name]).alias(name) for name in rules.needs_member)).with_columns(
        pl.Series("wage_fen", wages), pl.lit(1, pl.Int64).alias("relation"), pl.lit(19_800_101, pl.Int64).alias("birth_date"))
    return households, persons


@pytest.fixture(autouse=True)
def families(people: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> dict[str, list[int]]:
    """昆山: 40 single people below and above the line; 常熟: two just above it, which is a small cell. `real` is a
    household of the register."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    head, _ = household(people)
    with as_owner():
        from minzheng.data.registry.models import HouseholdMember

        real = HouseholdMember.objects.get(person_id=head.pk, relation="户主").household_id
    homes = {COUNTY: [111_000, *range(60_000, 137_000, 2_000)], NEIGHBOUR_COUNTY: [112_000, 113_000, 200_000]}

    def read(low: str, high: str, on: dt.date) -> ports.Frames:
        if low == COUNTY:
            return frames(homes[COUNTY], "z320583", 10_000, real)
        if low == NEIGHBOUR_COUNTY:
            return frames(homes[NEIGHBOUR_COUNTY], "z320581", 20_000)
        return frames([], SUZHOU, 0)

    monkeypatch.setitem(ports._plugged, "facts", read)
    return homes


def day() -> dt.date:
    later = clock.today() + dt.timedelta(days=70)
    return later.replace(day=1)


def draft(who: Officer, *, zone: str = SUZHOU, **changes: Any) -> HttpResponse:
    data = {"zone": zone, "title": "提高标准", "effective_from": day(), "dibao.standard": "1,150", "document": "苏民助〔2027〕1号",
            "article": "第一条"} | changes
    return post(who, "/desk/policy/new/", **data)


def made(title: str = "提高标准") -> Draft:
    with as_owner():
        return Draft.objects.filter(title=title).order_by("-id")[0]


def computed(who: Officer, *drafts: Draft) -> Run:
    answer = post(who, "/desk/policy/start", draft=[row.code for row in drafts], scheme="dibao")
    assert answer.status_code == 302, text(answer)
    assert run_jobs() == 1
    with as_owner():
        return Run.objects.order_by("-id")[0]


def fresh(row: Any) -> None:
    with as_owner():
        row.refresh_from_db()


def audited(action: str) -> list[AuditRecord]:
    with as_owner():
        return list(AuditRecord.objects.filter(action=action))


def test_posts_of_the_desk_enter_and_others_are_refused(people: Cast) -> None:
    refused(people, "/desk/policy/", ALLOWED)
    refused(people, "/desk/policy/new/", ALLOWED)
    refused(people, "/desk/policy/again/", ALLOWED)


def test_a_draft_is_computed_against_the_law_in_force(people: Cast) -> None:
    assert draft(people.city).status_code == 302
    shown = text(page(people.city, f"/desk/policy/drafts/{made().code}/"))
    assert "1,150 元" in shown and "低保标准" in shown
    row = computed(people.city, made())
    with as_owner():
        full = {part.jurisdiction: part.cases for part in Part.objects.filter(run_code=row.code)}
    law = value("dibao.standard", SUZHOU, day())
    inside = sum(law <= wage < 115_000 for wage in [111_000, *range(60_000, 137_000, 2_000)])
    assert full[COUNTY][0]["gained"] == inside
    assert full[NEIGHBOUR_COUNTY][0]["gained"] == 2
    result = text(page(people.city, f"/desk/policy/runs/{row.code}/"))
    for words in ("分县图", "昆山市", "不显示", "悬崖", "单身,45 岁", "资金来源"):
        assert words in result


def test_small_cells_are_the_countys_own(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    post(people.city, f"/desk/policy/runs/{row.code}/share/start", days="10")
    fresh(row)
    stored = row.result[0]["counties"]
    assert stored[NEIGHBOUR_COUNTY]["gained"] is None and stored[NEIGHBOUR_COUNTY]["fen_after"] is None
    link = f"/desk/policy/shared/{row.share_code}/"
    neighbour = text(page(people.neighbour, link))
    own = neighbour[neighbour.index('data-label="地区">常熟市'):][:900]
    assert 'data-label="新增户" class="num">2<' in own
    kunshan = text(page(people.approver, link))
    theirs = kunshan[kunshan.index('data-label="地区">常熟市'):][:500]
    assert 'data-label="新增户" class="num"><span class="note">不显示' in theirs


def test_a_link_alone_opens_nothing(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    assert page(people.approver, f"/desk/policy/runs/{row.code}/").status_code == 404
    assert post(people.approver, f"/desk/policy/runs/{row.code}/share/start", days="10").status_code == 404
    post(people.city, f"/desk/policy/runs/{row.code}/share/start", days="10")
    fresh(row)
    link = f"/desk/policy/shared/{row.share_code}/"
    assert page(people.clerk, link).status_code == 403
    assert page(people.citizen, link).status_code == 403
    assert page(people.approver, link).status_code == 200
    assert audited("policy.read")
    post(people.city, f"/desk/policy/runs/{row.code}/share/stop")
    assert page(people.approver, link).status_code == 404


def test_a_countys_result_is_not_opened_by_the_neighbour(people: Cast) -> None:
    draft(people.approver, zone="z320583", **{"dibao.standard": "", "dibao.topup.elder_percent": "30"})
    row = computed(people.approver, made())
    assert row.jurisdiction == COUNTY
    assert "未登记分担比例" in text(page(people.approver, f"/desk/policy/runs/{row.code}/"))
    post(people.approver, f"/desk/policy/runs/{row.code}/share/start", days="10")
    fresh(row)
    assert page(people.neighbour, f"/desk/policy/shared/{row.share_code}/").status_code == 404
    with acting_as(people.neighbour):
        assert not Run.objects.exists() and not Part.objects.exists() and not Near.objects.exists()


def test_the_nearest_households_are_masked_inside_the_scope_and_audited(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    shown = text(page(people.city, f"/desk/policy/runs/{row.code}/near/"))
    assert "张**" in shown and "张建国" not in shown
    assert [one.subject_person for one in audited("policy.near_read")]
    with acting_as(people.neighbour):
        assert set(Near.objects.values_list("jurisdiction", flat=True)) == {NEIGHBOUR_COUNTY}


def test_an_export_says_who_and_why_and_is_recorded(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    address = f"/desk/policy/runs/{row.code}/export"
    assert post(people.city, address, kind="csv", reason="").status_code == 422
    assert not audited("policy.exported")
    answer = post(people.city, address, kind="csv", reason="提交局务会研究")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "苏州顾明" in lines[0] and "提交局务会研究" in lines[0]
    assert any("常熟市" in line and "户数过少不显示" in line for line in lines)
    assert len(audited("policy.exported")) == 1


def test_two_drafts_are_compared_beside_one_another(people: Cast) -> None:
    draft(people.city)
    draft(people.city, title="提高更多", **{"dibao.standard": "1,200"})
    row = computed(people.city, made(), made("提高更多"))
    assert len(row.result) == 2
    with as_owner():
        one, other = Part.objects.get(run_code=row.code, jurisdiction=COUNTY).cases
    assert one["fen_after"] < other["fen_after"]
    assert one["fen_before"] == other["fen_before"]
    shown = text(page(people.city, f"/desk/policy/runs/{row.code}/", case=1))
    assert "方案比较" in shown and "提高更多" in shown
    assert page(people.city, f"/desk/policy/runs/{row.code}/", case=7).status_code == 404


def test_a_draft_is_copied_changed_and_ended_by_its_author_only(people: Cast) -> None:
    draft(people.city)
    first = made()
    other = second_pair(people)
    assert page(other, f"/desk/policy/drafts/{first.code}/").status_code == 404
    post(people.city, f"/desk/policy/drafts/{first.code}/copy")
    copy = made("提高标准(副本)")
    assert (copy.values, copy.copied_from) == (first.values, first.code)
    edit = {"title": "副本", "effective_from": day(), "dibao.standard": "1,180", "version": 1}
    assert post(people.city, f"/desk/policy/drafts/{copy.code}/edit/", **edit).status_code == 302
    assert post(people.city, f"/desk/policy/drafts/{copy.code}/edit/", **edit).status_code == 409
    assert post(people.city, f"/desk/policy/drafts/{copy.code}/end").status_code == 302
    fresh(copy)
    assert (copy.status, copy.values) == ("ended", {"dibao.standard": 118_000})


@pytest.mark.parametrize("changes", [
    {"dibao.standard": ""}, {"dibao.standard": "abc"}, {"title": ""}, {"dibao.age.adult": "-3"},
    {"effective_to": dt.date(2020, 1, 1)}])
def test_a_faulty_draft_is_refused_and_nothing_is_written(people: Cast, changes: dict[str, Any]) -> None:
    assert draft(people.city, **changes).status_code == 422
    with as_owner():
        assert not Draft.objects.exists()


def test_nobody_drafts_for_a_neighbour(people: Cast) -> None:
    assert draft(people.neighbour, zone="z320583").status_code == 403
    with as_owner():
        assert not Draft.objects.exists()


def test_a_draft_becomes_law_by_two_people_and_all_at_once(people: Cast) -> None:
    draft(people.city, **{"dibao.asset.vehicles_max": ""})
    row, other = made(), second_pair(people)
    before = value("dibao.standard", SUZHOU, day())
    assert post(people.city, f"/desk/policy/drafts/{row.code}/send").status_code == 302
    version = ParameterVersion.objects.get()
    assert post(other, f"/desk/parameters/changes/{version.pk}/approve", opinion="同意").status_code == 422
    assert post(people.city, f"/desk/policy/drafts/{row.code}/approve").status_code == 403
    assert value("dibao.standard", SUZHOU, day()) == before
    assert "1 个方案待您复核" in text(page(other, "/desk/policy/"))
    assert post(other, f"/desk/policy/drafts/{row.code}/send_back", opinion="").status_code == 422
    assert post(other, f"/desk/policy/drafts/{row.code}/approve", opinion="同意").status_code == 302
    assert value("dibao.standard", SUZHOU, day()) == 115_000
    fresh(row)
    assert row.status == "in_force"


def test_a_data_officer_computes_and_may_not_make_law(people: Cast) -> None:
    draft(people.data_officer, zone="z320583")
    row = made()
    assert "还不能送审" in text(page(people.data_officer, f"/desk/policy/drafts/{row.code}/"))
    assert post(people.data_officer, f"/desk/policy/drafts/{row.code}/send").status_code == 403
    with as_owner():
        assert not ParameterVersion.objects.exists()


def test_an_approval_while_a_run_is_on_marks_the_result_and_does_not_mix(
        people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    draft(people.city)
    draft(people.city, title="另一方案", **{"dibao.standard": "1,300"})
    row, other = made("另一方案"), second_pair(people)
    post(people.city, f"/desk/policy/drafts/{row.code}/send")
    calls: list[str] = []
    read = ports._plugged["facts"]

    def reads_while_another_approves(low: str, high: str, on: dt.date) -> ports.Frames:
        if low == COUNTY and not calls:
            calls.append(low)
            with as_owner():  # another session puts the other draft in force meanwhile
                ParameterVersion.objects.filter(bundle=row.code).update(
                    status="in_force", approved_by=other.account_id, decided_at=clock.now() + dt.timedelta(seconds=5))
        return read(low, high, on)

    monkeypatch.setitem(ports._plugged, "facts", reads_while_another_approves)
    found = computed(people.city, made())
    assert calls == [COUNTY]
    assert value("dibao.standard", SUZHOU, day()) == 130_000
    with as_owner():
        part = Part.objects.get(run_code=found.code, jurisdiction=COUNTY).cases[0]
    assert part["lost"] == 0 and part["gained"] > 0  # against 1,300 the draft of 1,150 would take people out
    assert "按较早的规定计算" in text(page(people.city, f"/desk/policy/runs/{found.code}/"))


def test_a_past_month_of_a_place_shows_what_a_retroactive_law_changes(people: Cast) -> None:
    month = clock.today().replace(day=1)
    known = clock.today() - dt.timedelta(days=1)
    draft(people.city, effective_from=month, reason="补录年初起的新标准")
    row, other = made(), second_pair(people)
    post(people.city, f"/desk/policy/drafts/{row.code}/send")
    assert post(other, f"/desk/policy/drafts/{row.code}/approve", opinion="同意").status_code == 302
    answer = post(people.city, "/desk/policy/again/", what="place", scheme="dibao", month=f"{month:%Y-%m}", known_on=known)
    assert answer.status_code == 302
    run_jobs()
    with as_owner():
        found = Run.objects.get(kind="recompute")
        part = Part.objects.get(run_code=found.code, jurisdiction=COUNTY).cases[0]
    assert part["gained"] > 0 and part["fen_after"] > part["fen_before"]
    shown = text(page(people.city, f"/desk/policy/runs/{found.code}/"))
    assert "逐户作出决定" in shown and f"按 {known} 所知的规定" in shown


@pytest.mark.parametrize("changes", [{"month": "2126-01"}, {"known_on": "2126-01-01"}, {"scheme": "lottery"}, {"month": "x"}])
def test_a_month_that_cannot_be_computed_again_is_refused(people: Cast, changes: dict[str, Any]) -> None:
    data = {"what": "place", "scheme": "dibao", "month": "2026-10", "known_on": "2026-10-31"} | changes
    assert post(people.city, "/desk/policy/again/", **data).status_code == 422
    with as_owner():
        assert not Run.objects.exists()


def test_an_interrupted_run_goes_on_with_the_same_law_and_no_county_twice(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    with as_owner():
        Part.objects.filter(run_code=row.code, jurisdiction=NEIGHBOUR_COUNTY).delete()
        Near.objects.filter(run_code=row.code, jurisdiction=NEIGHBOUR_COUNTY).delete()
        Run.objects.filter(pk=row.pk).update(result=None, finished_at=None)
    from minzheng.base import jobs
    from minzheng.data.brain.desk.tasks import JOB

    with acting_as(people.city):
        jobs.defer(JOB, jurisdiction=CITY, by=people.city, code=row.code)
    assert run_jobs() == 1
    with as_owner():
        again = Run.objects.get(pk=row.pk)
        assert again.result == row.result and again.households == row.households


def test_the_pages_stay_within_their_queries(people: Cast) -> None:
    draft(people.city)
    row = computed(people.city, made())
    for address in ("/desk/policy/", "/desk/policy/new/", f"/desk/policy/drafts/{made().code}/",
                    f"/desk/policy/runs/{row.code}/", "/desk/policy/again/"):
        assert queries(people.city, address) <= MOST_QUERIES, address
