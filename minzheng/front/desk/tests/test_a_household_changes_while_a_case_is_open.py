"""A household that splits, and two counties that claim one person, while an application is open."""

from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base import clock
from minzheng.base.divisions.names import children_of
from minzheng.base.errors import Refused
from minzheng.base.events.models import OutboxEvent
from minzheng.base.identity.officer import Officer
from minzheng.data import registry
from minzheng.data.registry.models import HouseholdMember
from minzheng.front.desk.tests.case_kit import case_of, get, officer, submitted, text
from minzheng.office.cases.models import CaseEvent, CaseMember
from minzheng.scenes.assistance.apply import MemberAnswers, do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for, make_family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events

pytestmark = pytest.mark.usefixtures("own_store")
CHANGED = "提交申请后户籍家庭有变化"
YUSHAN = "320581004000"


def split(people: Cast, family: Family) -> None:
    with acting_as(people.county):
        registry.do_split(family.household.pk, [(family.people[1].pk, "户主"), (family.people[2].pk, "女")],
                          clock.today(), by=people.county, reason="离婚后分户")


def told(code: str) -> list[str]:
    with as_owner():
        rows = CaseEvent.objects.filter(case_id=case_of(code).pk, kind="household_changed").order_by("id")
        return [row.text for row in rows]


def test_the_officer_sees_that_the_household_split_and_the_declared_members_stay(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    assert CHANGED not in text(get(people.clerk, f"/desk/cases/{code}/"))
    split(people, zhang)
    deliver_events()
    assert told(code) == ["李秀英、张悦分出另立一户。"]
    for who in (people.clerk, people.approver):
        page = text(get(who, f"/desk/cases/{code}/"))
        assert CHANGED in page and "李秀英、张悦分出另立一户" in page
    with as_owner():
        assert CaseMember.objects.filter(case_id=case_of(code).pk, counted=True).count() == 3
    own = text(get(people.citizen, f"/my/cases/{code}/"))
    assert "分出另立一户" not in own


def test_delivered_twice_it_is_written_once(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    split(people, zhang)
    deliver_events()
    with as_owner():
        OutboxEvent.objects.filter(name="registry.household_changed").update(status="pending")
    deliver_events()
    assert len(told(code)) == 1


def test_a_case_that_is_not_concerned_or_closed_is_left_alone(people: Cast, zhang: Family) -> None:
    other = make_family(("周海燕", "19800101", 2, "户主"), number="2")
    code = submitted(people, other)
    split(people, zhang)
    deliver_events()
    assert told(code) == []


def claim(by: Officer, family: Family, village: str) -> None:
    with acting_as(by):
        registry.do_register_person(
            registry.NewPerson(id_number=family.numbers[0], name="张建国", jurisdiction=village),
            registry.Source("公安", "户口簿", dt.date(2026, 9, 1)), by=by)


def test_the_second_county_that_claims_a_person_is_told_where_to_turn(people: Cast, zhang: Family) -> None:
    village = children_of(YUSHAN)[0].code
    foreign = officer("county_clerk", "320581000000", "常熟陈洁")
    with pytest.raises(Refused, match=r"已登记在苏州市昆山市.*异地人员"):
        claim(foreign, zhang, village)
    theirs = make_family(("周福生", "19600101", 1, "户主"), village=village, number="常熟2")
    with acting_as(foreign):
        registry.allow_elsewhere(foreign, zhang.numbers[0], "本地主张户籍")
    with acting_as(foreign), pytest.raises(Refused, match=r"苏州市昆山市另一户的成员.*原户办理离户"):
        registry.do_open_household([(zhang.head.pk, "户主")], jurisdiction=village, on=clock.today(), by=foreign,
                                   reason="本地要求立户")
    with acting_as(foreign), pytest.raises(Refused, match="原户办理离户"):
        registry.do_join(theirs.household.pk, zhang.head.pk, "兄弟", clock.today(), by=foreign, reason="本地主张户籍")
    with as_owner():
        rows = HouseholdMember.objects.filter(person_id=zhang.head.pk)
        assert [row.household_id for row in rows] == [zhang.household.pk]


def test_the_second_county_that_takes_the_person_into_a_case_is_refused_with_the_first_one_named(
        people: Cast, zhang: Family) -> None:
    submitted(people, zhang)
    village = children_of(YUSHAN)[0].code
    theirs = make_family(("周福生", "19600101", 1, "户主"), village=village, number="常熟2")
    foreign = officer("county_clerk", "320581000000", "常熟陈洁")
    with acting_as(foreign):
        registry.allow_elsewhere(foreign, zhang.numbers[1], "称在本地共同生活")
    both = Family(theirs.household, [theirs.head, zhang.people[1]], [])
    with acting_as(foreign), pytest.raises(Refused, match="已在苏州市昆山市的一件未办结的"):
        members = [MemberAnswers(theirs.head.pk, "本人", signed=True),
                   MemberAnswers(zhang.people[1].pk, "其他", reason="在本地共同生活", signed=True)]
        do_apply(application_for(both, key="second", members=members), by=foreign)
