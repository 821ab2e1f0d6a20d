"""认定 begins with the confirming decision and ends with what it rests on; nobody is two kinds at once."""

from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.data import registry
from minzheng.office.benefits import changing
from minzheng.office.benefits.granting import Covered
from minzheng.office.benefits.models import Entitlement
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import do_revoke
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance.recognitions.actions import Recognised, do_recognise, held
from minzheng.scenes.assistance.recognitions.models import Recognition, RecognitionMember
from minzheng.scenes.assistance.recognitions.queries import in_force, of_case
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import (
    act,
    published_out,
    reviewed,
    submitted,
)
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.unchanged import state

DEATH = registry.Source("公安", "人口死亡注销", clock.today())


@pytest.fixture
def zhang(db: None) -> Family:
    return make_family(("张建国", "19700312", 1, "户主"), ("李秀英", "19720825", 2, "妻"), ("张悦", "20120516", 2, "女"))


def confirmed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> str:
    code = reviewed(people, family)
    published_out(code, monkeypatch)
    act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    return code


def recognise(people: Cast, code: str, kind: str, who: list[Recognised], decision: str, *, valid_to: dt.date | None = None) -> None:
    with acting_as(people.approver):
        do_recognise(Case.objects.get(code=code), kind, who, decision=decision, by=people.approver, valid_to=valid_to)


def of(family: Family, number: int) -> Recognised:
    person = family.people[number]
    return Recognised(person.pk, person.name, "本人" if number == 0 else "配偶")


def holds(people: Cast, family: Family, day: dt.date | None = None) -> dict[int, str]:
    with acting_as(people.approver):
        return {p: kind for p, (kind, _) in held([p.pk for p in family.people], day or clock.today()).items()}


def test_a_confirmed_household_is_recognised_with_everybody_counted(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    with acting_as(people.clerk):
        row = of_case(code)[0]
        assert (row.kind, row.persons, row.head_name, row.valid_to) == ("dibao", 3, "张建国", None)
    assert holds(people, zhang) == {p.pk: "dibao" for p in zhang.people}


def test_a_person_of_a_paid_kind_cannot_be_recognised_as_another(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    before = state()
    with pytest.raises(Refused, match="不能同时认定"):
        recognise(people, code, "tekun", [of(zhang, 1)], "另一份决定")
    assert state() == before


def test_a_status_without_money_gives_way_to_the_new_one(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    recognise(people, code, "edge", [of(zhang, 0), of(zhang, 1)], "决定一")
    recognise(people, code, "rigid", [of(zhang, 0), of(zhang, 1)], "决定二", valid_to=clock.today() + dt.timedelta(days=364))
    with acting_as(people.clerk):
        old, new = Recognition.objects.order_by("id")
        assert (old.ended_on, old.end_cause, new.ended_on) == (clock.today(), "replaced", None)
    assert set(holds(people, zhang).values()) == {"rigid"}
    assert holds(people, zhang, clock.today() + dt.timedelta(days=365)) == {}, "it runs out by itself"


def test_the_same_decision_again_recognises_nobody_twice(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    for _ in range(2):
        recognise(people, code, "edge", [of(zhang, 0)], "决定一")
    with acting_as(people.clerk):
        assert Recognition.objects.count() == 1


def test_it_ends_with_the_last_paid_month(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    with acting_as(people.approver):
        benefit = Entitlement.objects.get(case_code=code)
        changing.do_end(benefit.number, cause="review", last_month=benefit.start_month, reason="复核后不再符合",
                        decision="终止决定", heard_on=clock.today(), by=people.approver)
    deliver_events()
    first_without = changing.add_months(benefit.start_month, 1)
    assert set(holds(people, zhang, first_without - dt.timedelta(days=1)).values()) == {"dibao"}
    assert holds(people, zhang, first_without) == {}
    with acting_as(people.clerk):
        assert not in_force(first_without).filter(case_code=code).exists()


def test_it_ends_when_the_decision_is_revoked(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    with acting_as(people.leader):
        do_revoke(Decision.objects.get(kind="confirm").number, by=people.leader, reasons="核对时遗漏了一处住房,认定有误。",
                  legal_basis=["《社会救助法》第四十七条"])
    deliver_events()
    assert holds(people, zhang) == {}
    with acting_as(people.clerk):
        assert of_case(code)[0].end_cause == "revoked"


def test_people_who_leave_or_join_the_benefit_leave_or_join_the_recognition(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = confirmed(people, zhang, monkeypatch)
    baby = make_family(("张小宝", "20260901", 1, "子"), number="2").head
    with acting_as(people.approver):
        benefit = Entitlement.objects.get(case_code=code)
        month = changing.add_months(benefit.start_month, 1)
        changing.do_change_amount(benefit.number, from_month=month, monthly_fen=200_000, decision="变更决定", reason="人员变化",
                                  heard_on=clock.today(), leaving=[zhang.people[2].pk],
                                  joining=[Covered(baby.pk, "张小宝", "子女")], by=people.approver)
    deliver_events()
    assert set(holds(people, zhang, month)) == {zhang.people[0].pk, zhang.people[1].pk}
    with acting_as(people.approver):
        assert held([baby.pk], month)[baby.pk][0] == "dibao"
        assert held([baby.pk], month - dt.timedelta(days=1)) == {}


def test_a_dead_member_leaves_and_the_last_one_ends_it(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    recognise(people, code, "edge", [of(zhang, 0), of(zhang, 1)], "决定一")
    for left, number in ((1, 1), (0, 0)):
        with acting_as(people.data_officer):
            registry.do_record_death(zhang.people[number].pk, clock.today(), DEATH, by=people.data_officer)
        deliver_events()
        assert len(holds(people, zhang)) == left
    with acting_as(people.clerk):
        assert of_case(code)[0].end_cause == "death"


def test_the_neighbour_sees_no_row_and_the_door_tells_only_kind_and_county(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    recognise(people, code, "edge", [of(zhang, 0)], "决定一")
    with acting_as(people.neighbour):
        assert not Recognition.objects.exists()
        assert not RecognitionMember.objects.exists()
        assert held([zhang.head.pk], clock.today()) == {zhang.head.pk: ("edge", "320583000000")}
    with as_owner():
        assert Recognition.objects.count() == 1
