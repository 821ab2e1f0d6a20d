"""特困人员: all three conditions, the care band, minors, who keeps it, what is needed of whom."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.data.brain import rules
from minzheng.data.brain.rules import (
    Assessment,
    CarePlace,
    ChildBenefit,
    DisabilityKind,
    Held,
    HouseholdFacts,
    MemberFacts,
    Relation,
    RuleCannotEvaluate,
)
from minzheng.scenes.assistance.policy.tests.families import KUNSHAN, ON, fact, family, member, wide_families

BASIC = 154_000  # 1.4 times the standard of Kunshan
CARE = {0: 24_900, 1: 62_250, 2: 124_500}


def assess(home: HouseholdFacts, on: dt.date = ON) -> Assessment:
    return rules.evaluate("tekun", home, on, KUNSHAN)


def alone(born: dt.date = dt.date(1950, 1, 1), **facts: object) -> MemberFacts:
    known = {"obligors": 0, "obligors_able": 0, "self_care_unmet": 0} | facts
    return member("王奶奶", born=born, **known)


@pytest.mark.parametrize(("unmet", "band"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2)])
def test_the_care_band_follows_the_abilities_that_are_lacking(unmet: int, band: int) -> None:
    result = assess(family(alone(self_care_unmet=unmet)))
    assert result.result == "tekun"
    assert result.amount_fen == BASIC + CARE[band]
    assert result.covered == ("王奶奶",)


def test_all_three_conditions_are_needed() -> None:
    assert assess(family(alone(dt.date(1970, 1, 1)))).result == "none"
    assert assess(family(alone(transfer_fen=110_000))).result == "none"
    assert assess(family(alone(transfer_fen=109_999))).result == "tekun"
    assert assess(family(alone(obligors=2, obligors_able=1))).result == "none"
    assert assess(family(alone(obligors=2, obligors_able=0))).result == "tekun"


def test_the_sentence_says_who_and_how_much_and_conditions_carry_their_clause() -> None:
    result = assess(family(alone(self_care_unmet=4, care_place=CarePlace.INSTITUTION)))
    assert result.sentence == ("建议将王奶奶认定为特困人员,月供养金 2,785 元"
                               "(王奶奶基本生活费 1,540 元 + 王奶奶照料护理费(全护理) 1,245 元)")
    care = next(c for c in result.conditions if c.code == "care:王奶奶")
    assert care.value == "六项中 4 项未达到,全护理,集中供养"
    assert (care.clause, care.sample, care.version) == ("《特困人员认定办法》第二十二条", True, "2026-11")


@pytest.mark.parametrize(("kind", "grade", "result"), [
    (DisabilityKind.MENTAL, 3, "tekun"), (DisabilityKind.INTELLECT, 3, "tekun"), (DisabilityKind.MENTAL, 4, "none"),
    (DisabilityKind.LIMB, 2, "tekun"), (DisabilityKind.LIMB, 3, "none"), (DisabilityKind.SIGHT, 1, "tekun"),
    (DisabilityKind.SIGHT, 2, "none"), (DisabilityKind.HEARING, 1, "none"),
])
def test_disability_counts_by_kind_and_grade(kind: DisabilityKind, grade: int, result: str) -> None:
    home = family(alone(dt.date(1980, 1, 1), disability_kind=kind, disability_grade=grade))
    assert assess(home).result == result


@pytest.mark.parametrize(("born", "held", "studying", "result"), [
    (dt.date(2010, 11, 21), Held.NONE, True, "tekun"),  # 15
    (dt.date(2010, 11, 20), Held.NONE, True, "none"),  # 16 today
    (dt.date(2008, 11, 21), Held.TEKUN, False, "tekun"),  # 17, holds it
    (dt.date(2008, 11, 20), Held.TEKUN, False, "none"),  # 18 today, left school
    (dt.date(2007, 11, 20), Held.TEKUN, True, "tekun"),  # 19, at school
    (dt.date(2007, 11, 20), Held.NONE, True, "none"),
])
def test_a_minor_keeps_it_to_eighteen_and_while_at_school(born: dt.date, held: Held, studying: bool, result: str
                                                          ) -> None:
    assert assess(family(alone(born, held=held, studying=studying))).result == result


@pytest.mark.parametrize("benefit", [ChildBenefit.ORPHAN, ChildBenefit.DE_FACTO])
def test_a_child_kept_by_the_childrens_schemes_is_not_recognised(benefit: ChildBenefit) -> None:
    result = assess(family(alone(dt.date(2015, 1, 1), child_benefit=benefit)))
    assert result.result == "none"
    assert "不再认定为特困人员" in next(c for c in result.conditions if c.code == "child:王奶奶").value


def test_obligors_are_asked_only_of_those_whom_they_decide() -> None:
    able = member(wage_fen=500_000)
    grandmother = member("王奶奶", Relation.PARENT, dt.date(1940, 1, 1))
    assert assess(family(able)).result == "none"
    assert assess(family(able, dataclasses.replace(grandmother, transfer_fen=fact(300_000)))).result == "none"
    with pytest.raises(RuleCannotEvaluate, match="缺少:王奶奶的法定义务人数、王奶奶的有履行能力的法定义务人数"):
        assess(family(able, grandmother))


def test_zero_obligors_are_never_assumed_from_a_general_declaration() -> None:
    assert family(member()).members[0].obligors_able is None


def test_more_able_obligors_than_obligors_are_refused() -> None:
    with pytest.raises(RuleCannotEvaluate, match="多于法定义务人总数"):
        assess(family(alone(obligors=1, obligors_able=2)))


def by_hand(m: MemberFacts) -> int:
    def v(name: str) -> int:
        return int(getattr(m, name).value)

    born = m.birth_date.value  # type: ignore[union-attr]
    years = ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))
    kind, grade = v("disability_kind"), v("disability_grade")
    unfit = years >= 60 or bool(v("no_labour_other")) or 0 < grade <= {4: 2, 1: 1, 5: 3, 6: 3}.get(kind, 0)
    holds = v("held") == Held.TEKUN
    idle = unfit or years < 16 or (holds and (years < 18 or bool(v("studying"))))
    wage = v("wage_fen")
    income = wage - min(v("work_cost_fen"), (wage * 30 + 99) // 100) + max(v("business_fen"), 0)
    income += v("property_fen") + v("transfer_fen") + v("other_fen")
    if not idle or income >= 110_000 or v("child_benefit") or v("absence") in {2, 3, 4} or v("obligors_able"):
        return 0
    unmet = v("self_care_unmet")
    return BASIC + CARE[2 if unmet >= 4 else 1 if unmet else 0]


@settings(max_examples=150, deadline=None)
@given(wide_families())
def test_the_result_is_what_plain_integers_give(home: HouseholdFacts) -> None:
    result = assess(home)
    each = {m.key: by_hand(m) for m in home.members}
    assert result.amount_fen == sum(each.values())
    assert set(result.covered) == {key for key, fen in each.items() if fen}


@settings(max_examples=100, deadline=None)
@given(wide_families(), st.integers(0, 4), st.integers(1, 200_000))
def test_more_income_never_means_more_support(home: HouseholdFacts, who: int, more: int) -> None:
    members = list(home.members)
    place = who % len(members)
    now = members[place].other_fen
    assert now is not None
    members[place] = dataclasses.replace(members[place], other_fen=fact(now.value + more))
    assert assess(dataclasses.replace(home, members=tuple(members))).amount_fen <= assess(home).amount_fen
