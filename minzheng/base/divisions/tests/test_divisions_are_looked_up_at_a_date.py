"""Merged, renamed and re-merged divisions, and a functional zone that spans two counties."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from minzheng.base.divisions.models import Division, Jurisdiction, JurisdictionArea
from minzheng.base.divisions.names import division_at, full_name, jurisdiction_for, predecessors_of, successor_of
from minzheng.base.errors import Refused
from minzheng.testing import as_owner

D = dt.date
# 甲镇 and 乙镇 were merged into 丙镇 in 2022, which became 丁街道 in 2024; 戊村 was given up and became nothing.
JIA, YI, BING, DING, WU = "320583980000", "320583981000", "320583982000", "320583983000", "320583980001"
ZONE, WEITING, XIETANG = "320571000000", "320506009000", "320505006000"


def division(code: str, name: str, since: D, until: D | None = None, successor: str = "") -> None:
    Division.objects.create(code=code, name=name, level=5 if code[9:] != "000" else 4, parent=code[:9] + "000" if code[9:] != "000"
                            else code[:6] + "000000", valid_from=since, valid_to=until, successor=successor,
                            statistical_code=code, source="测试", source_year=2026)


@pytest.fixture
def changed(db: None) -> None:
    with as_owner():
        division(JIA, "甲镇", D(2020, 1, 1), D(2022, 5, 1), BING)
        division(YI, "乙镇", D(2020, 1, 1), D(2022, 5, 1), BING)
        division(BING, "丙镇", D(2022, 5, 1), D(2024, 3, 1), DING)
        division(DING, "丁街道", D(2024, 3, 1))
        division(WU, "戊村", D(2020, 1, 1), D(2021, 1, 1))


@pytest.fixture
def zone(db: None) -> None:
    """苏州工业园区: townships under the codes of 虎丘区 and of 吴中区."""
    with as_owner():
        Jurisdiction.objects.create(code=ZONE, name="苏州工业园区", level=3, kind="zone", source="测试")
        division(WEITING, "唯亭街道", D(2020, 1, 1))
        division(WEITING[:9] + "001", "东亭社区", D(2020, 1, 1))
        division(XIETANG, "斜塘街道", D(2020, 1, 1))
        for code in (WEITING, XIETANG):
            JurisdictionArea.objects.create(jurisdiction_code_id=ZONE, division=code, valid_from=D(2021, 1, 1))


@pytest.mark.parametrize("code,day,name", [
    (JIA, D(2020, 1, 1), "甲镇"), (JIA, D(2022, 4, 30), "甲镇"), (BING, D(2022, 5, 1), "丙镇"),
    (BING, D(2024, 2, 29), "丙镇"), (DING, D(2024, 3, 1), "丁街道"), (DING, D(2030, 1, 1), "丁街道")])
def test_a_code_is_in_force_from_its_first_day_to_the_day_before_its_last(changed: None, code: str, day: D, name: str) -> None:
    assert division_at(code, day).name == name


@pytest.mark.parametrize("code,day", [(JIA, D(2019, 12, 31)), (JIA, D(2022, 5, 1)), (BING, D(2022, 4, 30)), (DING, D(2024, 2, 29))])
def test_outside_its_days_a_code_is_refused(changed: None, code: str, day: D) -> None:
    with pytest.raises(Refused, match="不是有效的行政区划"):
        division_at(code, day)


def test_the_refusal_names_what_it_has_become_by_that_day(changed: None) -> None:
    with pytest.raises(Refused, match=f"丙镇\\({BING}\\)"):
        division_at(JIA, D(2023, 1, 1))
    with pytest.raises(Refused, match=f"丁街道\\({DING}\\)"):
        division_at(JIA)
    with pytest.raises(Refused, match="请选择现行区划") as refusal:
        division_at(WU)
    assert "并入" not in refusal.value.reason


def test_an_unknown_code_is_refused(changed: None) -> None:
    with pytest.raises(Refused, match="没有代码为"):
        division_at("320583999999")


def test_successors_and_predecessors_are_followed_both_ways(changed: None) -> None:
    heir = successor_of(YI)
    assert heir is not None and heir.code == DING
    assert successor_of(DING) is None and successor_of(WU) is None
    assert [row.code for row in predecessors_of(BING)] == [JIA, YI]
    assert [row.code for row in predecessors_of(DING)] == [BING]


def test_successors_in_a_circle_end(db: None) -> None:
    with as_owner():
        division(JIA, "甲镇", D(2020, 1, 1), D(2022, 1, 1), YI)
        division(YI, "乙镇", D(2020, 1, 1), D(2022, 1, 1), JIA)
    assert successor_of(JIA) is None


def test_a_code_cannot_be_in_force_twice(changed: None) -> None:
    with pytest.raises(IntegrityError), as_owner(), transaction.atomic():
        division(DING, "又一个", D(2025, 1, 1))


def test_the_zone_answers_for_its_places_whatever_county_their_codes_name(zone: None) -> None:
    assert jurisdiction_for(WEITING) == "320571009000"
    assert jurisdiction_for(XIETANG) == "320571006000"
    assert jurisdiction_for(WEITING[:9] + "001") == "320571009001"
    assert jurisdiction_for("320506003000") == "320506003000", "the rest of the county stays the county's"


def test_before_the_zone_took_over_the_county_answered(zone: None) -> None:
    assert jurisdiction_for(WEITING, D(2020, 12, 31)) == WEITING


def test_places_of_the_zone_are_named_by_city_zone_and_place(zone: None) -> None:
    assert full_name("320571009001") == "苏州市苏州工业园区唯亭街道东亭社区"
    assert full_name("320571006000") == "苏州市苏州工业园区斜塘街道"


def test_only_one_zone_answers_for_a_place(zone: None) -> None:
    with as_owner():
        Jurisdiction.objects.create(code="320572000000", name="又一个园区", level=3, kind="zone", source="测试")
    with pytest.raises(IntegrityError), as_owner(), transaction.atomic():
        JurisdictionArea.objects.create(jurisdiction_code_id="320572000000", division=WEITING, valid_from=D(2022, 1, 1))


@pytest.mark.parametrize("who", ["province", "city", "county", "data_officer", "system_admin", "citizen"])
def test_nobody_changes_a_division_from_a_page(people, changed: None, who: str) -> None:
    from django.db import ProgrammingError

    from minzheng.testing import acting_as

    with pytest.raises(ProgrammingError), acting_as(getattr(people, who)), transaction.atomic():
        Division.objects.filter(code=DING).update(name="改名")
    assert division_at(DING).name == "丁街道"
