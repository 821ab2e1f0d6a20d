"""工作推荐与拒绝: when a refusal counts, when the count begins anew, and what the rules make of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.office.cases.doors import get_case_for
from minzheng.office.notices.models import Notice
from minzheng.scenes.assistance.assess import assess, household_facts
from minzheng.scenes.assistance.referrals import working
from minzheng.scenes.assistance.referrals.models import JobOffer
from minzheng.scenes.assistance.tests.carrying import applied
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
HEARD, WHY = "2026年11月电话听取,本人说路远", "路程半小时,有班车,不构成正当理由"


def offer(people: Cast, family: Family, key: str, person: int = 1) -> JobOffer:
    with acting_as(people.clerk):
        return working.do_offer(family.household.pk, person=family.people[person].pk, employer="玉山社区食堂", position="洗菜工",
                                monthly_fen=260_000, suitable="离家近,劳动强度小,与健康相适应", offered_on=clock.today(), key=key,
                                by=people.clerk)


def refused(people: Cast, family: Family, key: str, judged: str = "none", person: int = 1) -> JobOffer:
    row = offer(people, family, key, person)
    with acting_as(people.clerk):
        working.do_answer(row.pk, answer="refused", text="路太远不想去", answered_on=clock.today(), by=people.clerk)
    if judged:
        with acting_as(people.reviewer):
            working.do_judge(row.pk, judged=judged, heard=HEARD, text=WHY, by=people.reviewer)
    return row


def count(people: Cast, family: Family, person: int = 1) -> int:
    with acting_as(people.clerk):
        return working.refusals_of([family.people[person].pk]).get(family.people[person].pk, (0, None))[0]


def test_three_in_a_row_cut_the_own_share_in_the_rules(people: Cast, zhang: Family) -> None:
    code = applied(people, zhang, "dibao")
    with acting_as(people.county):
        before = assess(get_case_for(people.county, code)).amount_fen
    for n in range(3):
        refused(people, zhang, f"w{n}")
    assert count(people, zhang) == 3
    with acting_as(people.county):
        case = get_case_for(people.county, code)
        facts = {m.name: m.work_refusals for m in household_facts(case).members}
        assert facts["李秀英"] is not None and facts["李秀英"].value == 3 and facts["李秀英"].source == "就业服务记录"
        assert facts["张建国"] is None
        assert assess(case).amount_fen < before
    with as_owner():
        assert Notice.objects.filter(person=zhang.people[1].pk, template="work.counted").count() >= 3


def test_a_refusal_does_not_count_before_another_has_heard_the_person(people: Cast, zhang: Family) -> None:
    row = refused(people, zhang, "w1", judged="")
    assert count(people, zhang) == 0
    before = state()
    with acting_as(people.county), pytest.raises(Refused, match="听取"):
        working.do_judge(row.pk, judged="none", heard="没听", text=WHY, by=people.county)
    assert state() == before
    with acting_as(people.clerk), pytest.raises(NotAllowed):
        working.do_judge(row.pk, judged="none", heard=HEARD, text=WHY, by=people.clerk)


def test_who_recorded_it_does_not_judge_it(people: Cast, zhang: Family) -> None:
    with acting_as(people.county):
        row = working.do_offer(zhang.household.pk, person=zhang.people[1].pk, employer="玉山社区食堂", position="洗菜工",
                               monthly_fen=260_000, suitable="离家近,劳动强度小,与健康相适应", offered_on=clock.today(), key="c",
                               by=people.county)
        working.do_answer(row.pk, answer="refused", text="路远不想去", answered_on=clock.today(), by=people.county)
    before = state()
    with acting_as(people.county), pytest.raises(Refused, match="不能认定"):
        working.do_judge(row.pk, judged="none", heard=HEARD, text=WHY, by=people.county)
    assert state() == before


def test_a_good_reason_or_an_acceptance_begins_anew(people: Cast, zhang: Family) -> None:
    refused(people, zhang, "w1")
    refused(people, zhang, "w2")
    refused(people, zhang, "w3", judged="good")
    assert count(people, zhang) == 0
    refused(people, zhang, "w4")
    row = offer(people, zhang, "w5")
    with acting_as(people.clerk):
        working.do_answer(row.pk, answer="accepted", text="", answered_on=clock.today(), by=people.clerk)
    assert count(people, zhang) == 0


def test_answers_and_judgements_are_given_once(people: Cast, zhang: Family) -> None:
    row = refused(people, zhang, "w1")
    assert offer(people, zhang, "w1").pk == row.pk
    before = state()
    with acting_as(people.clerk), pytest.raises(Stale):
        working.do_answer(row.pk, answer="accepted", text="", answered_on=clock.today(), by=people.clerk)
    with acting_as(people.reviewer), pytest.raises(Stale):
        working.do_judge(row.pk, judged="good", heard=HEARD, text=WHY, by=people.reviewer)
    assert state() == before


def test_no_work_for_children_nor_for_the_neighbour(people: Cast, zhang: Family) -> None:
    with pytest.raises(Refused, match="成年"):
        offer(people, zhang, "w1", person=2)
    row = refused(people, zhang, "w2")
    before = state()
    with acting_as(people.neighbour_clerk), pytest.raises(NotFound):
        working.do_answer(row.pk, answer="accepted", text="", answered_on=clock.today(), by=people.neighbour_clerk)
    assert state() == before


ANSWER = st.one_of(st.just(("accepted", "")), st.tuples(st.just("refused"), st.sampled_from(["", "good", "none"])))


@given(st.lists(ANSWER, max_size=20))
def test_the_count_is_what_follows_the_last_new_beginning(answers: list[tuple[str, str]]) -> None:
    starts = [n for n, (answer, judged) in enumerate(answers) if answer == "accepted" or judged == "good"]
    tail = answers[starts[-1] + 1:] if starts else answers
    assert working.in_a_row(answers) == sum(judged == "none" for _, judged in tail)


def test_a_day_to_come_is_refused(people: Cast, zhang: Family) -> None:
    with acting_as(people.clerk), pytest.raises(Refused, match="半年内"):
        working.do_offer(zhang.household.pk, person=zhang.head.pk, employer="玉山社区食堂", position="洗菜工", monthly_fen=1,
                         suitable="离家近,劳动强度小,与健康相适应", offered_on=clock.today() + dt.timedelta(days=1), key="x",
                         by=people.clerk)
