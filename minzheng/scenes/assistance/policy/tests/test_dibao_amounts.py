"""低保 amounts: exact whole fen, never negative, never more for a higher income."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minzheng.data.brain import rules
from minzheng.data.brain.rules import (
    DisabilityKind,
    Held,
    HouseholdFacts,
    MemberFacts,
    Relation,
    RuleCannotEvaluate,
    seal,
)
from minzheng.data.brain.rules.scheme import scheme
from minzheng.scenes.assistance.policy.tests.families import (
    KUNSHAN,
    ON,
    STANDARD,
    as_frames,
    fact,
    families,
    family,
    member,
)


def assess(
    home: HouseholdFacts, on: dt.date = ON, zone: str = KUNSHAN, month: dt.date | None = None,
) -> rules.Assessment:
    return rules.evaluate("dibao", home, on, zone, month=month)


def by_hand(home: HouseholdFacts) -> tuple[str, int]:
    """The rule again in plain Python integers, written apart from the formulas, for Kunshan in December 2026."""
    def years(born: dt.date) -> int:
        return ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))

    def v(m: MemberFacts, name: str) -> int:
        return int(getattr(m, name).value)

    counted = []
    for m in home.members:
        relation, age = Relation(v(m, "relation")), years(m.birth_date.value)  # type: ignore[union-attr]
        close = relation in {Relation.SELF, Relation.SPOUSE}
        child = relation is Relation.CHILD and (age < 18 or v(m, "dependent_adult"))
        kin = relation is not Relation.OTHER and v(m, "lives_together")
        if (close or child or kin) and not v(m, "absence"):
            counted.append(m)
    net, alone, topup = 0, [], []
    for m in counted:
        wage = v(m, "wage_fen")
        income = wage - min(v(m, "work_cost_fen"), (wage * 30 + 99) // 100) + max(v(m, "business_fen"), 0)
        income += v(m, "property_fen") + v(m, "transfer_fen") + v(m, "other_fen")
        ill = bool(v(m, "serious_illness"))
        rigid = v(m, "rigid_fen") if ill or v(m, "disability_grade") else 0
        most = 3 if v(m, "disability_kind") in {5, 6} else 2
        severe = 0 < v(m, "disability_grade") <= most
        age = years(m.birth_date.value)  # type: ignore[union-attr]
        net += income - rigid
        alone.append(max(STANDARD - max(income - rigid, 0), 0) if severe or ill else 0)
        topup.append(STANDARD * max(10 if age >= 70 or age < 18 else 0, 20 if ill else 0, 30 if severe else 0) // 100)
    total, persons = max(net, 0), len(counted)
    if total < STANDARD * persons:
        return "dibao", (STANDARD - total // persons) * persons + sum(topup)
    if total * 2 < STANDARD * 3 * persons:
        if any(alone):
            return "single", sum(a + t for a, t in zip(alone, topup, strict=True) if a)
        return "edge", 0
    return "none", 0


@settings(max_examples=150, deadline=None)
@given(families())
def test_the_result_is_what_plain_integers_give(home: HouseholdFacts) -> None:
    result = assess(home)
    assert (result.result, result.amount_fen) == by_hand(home)


@settings(max_examples=100, deadline=None)
@given(families())
def test_an_amount_is_never_negative_and_its_parts_add_up_to_it(home: HouseholdFacts) -> None:
    result = assess(home)
    assert result.amount_fen >= 0
    assert sum(part.each_fen * part.count for part in result.parts) == result.amount_fen
    assert all(part.each_fen > 0 for part in result.parts)
    assert result.eligible == (result.amount_fen > 0)
    assert set(result.covered) <= {m.key for m in home.members}
    assert bool(result.covered) == (result.result != "none")


MORE = st.sampled_from(["wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen"])


@settings(max_examples=150, deadline=None)
@given(families(), MORE, st.integers(1, 200_000), st.integers(0, 4))
def test_more_income_never_means_more_benefit(home: HouseholdFacts, name: str, more: int, who: int) -> None:
    assume(who < len(home.members))
    richer = list(home.members)
    now = getattr(richer[who], name)
    richer[who] = dataclasses.replace(richer[who], **{name: fact(now.value + more)})
    before, after = assess(home), assess(dataclasses.replace(home, members=tuple(richer)))
    # The law pays a severely disabled member of a borderline family as a household of one, which can be more than the
    # small shortfall of a family just below the line: within one kind of result the amount still never rises.
    if after.result != "single" or before.result == "single":
        assert after.amount_fen <= before.amount_fen


def random_family(dice: random.Random) -> HouseholdFacts:
    def one(number: int) -> MemberFacts:
        grade = dice.choice([0, 0, 0, 1, 2, 3, 4])
        return member(
            f"成员{number}", Relation.SELF if number == 0 else Relation(dice.randint(2, 9)),
            dt.date(dice.randint(1930, 2025), dice.randint(1, 12), dice.randint(1, 28)),
            lives_together=dice.random() < 0.7, dependent_adult=dice.random() < 0.3,
            absence=0 if number == 0 or dice.random() < 0.9 else dice.randint(1, 4), disability_grade=grade,
            disability_kind=dice.randint(1, 7) if grade else 0, serious_illness=dice.random() < 0.2,
            wage_fen=dice.choice([0, dice.randint(0, 400_000)]), work_cost_fen=dice.randint(0, 50_000),
            business_fen=dice.randint(-50_000, 50_000), transfer_fen=dice.randint(0, 50_000),
            rigid_fen=dice.randint(0, 90_000), travels_abroad=dice.random() < 0.1,
        )

    return family(*[one(number) for number in range(dice.randint(1, 5))], financial_fen=dice.randint(0, 20_000_000),
                  vehicles=dice.randint(0, 1), houses=dice.randint(0, 2))


def test_2000_households_alone_and_as_a_population_are_the_same() -> None:
    dice = random.Random(20261120)
    homes = [(random_family(dice), dice.choice([KUNSHAN, "z320102", "z321283", "z320300"])) for _ in range(2000)]
    together = rules.evaluate_population("dibao", *as_frames(homes), ON, chunk=700)
    kinds = {"dibao": 3, "single": 2, "edge": 1, "none": 0}
    alone = [assess(home, zone=zone) for home, zone in homes]
    assert together["dibao_amount"].to_list() == [result.amount_fen for result in alone]
    assert together["dibao_kind"].to_list() == [kinds[result.result] for result in alone]
    assert together["problem"].null_count() == 2000
    assert {result.result for result in alone} == kinds.keys()


LATIN = re.compile("[A-Za-z_]")


@settings(max_examples=100, deadline=None)
@given(families())
def test_everything_said_is_chinese_and_survives_json(home: HouseholdFacts) -> None:
    result = assess(home)
    said = [result.sentence, result.summary, result.result_title]
    for condition in result.conditions:
        said += [condition.title, condition.value, condition.source, condition.clause, condition.mark]
        said += condition.detail
        assert condition.clause
        assert condition.source
    assert [text for text in said if LATIN.search(text)] == []
    assert rules.assessment_from_json(json.loads(json.dumps(rules.assessment_to_json(result)))) == result
    assert rules.facts_from_json(json.loads(json.dumps(rules.facts_to_json(home)))) == home


def test_the_sentence_carries_the_amount_and_its_working() -> None:
    home = family(member(wage_fen=246_000), member("李四", Relation.SPOUSE),
                  member("张小", Relation.CHILD, dt.date(2005, 1, 1), dependent_adult=True))
    result = assess(home)
    assert result.sentence == "建议纳入低保,月保障金 840 元(差额 280 元 × 3 人)"
    income = next(c for c in result.conditions if c.code == "income")
    assert income.title == "人均月收入低于低保标准 1,100 元"
    assert (income.value, income.sample) == ("2,460 元 ÷ 3 = 820 元", True)


def test_per_capita_is_rounded_down_to_the_fen_in_the_households_favour() -> None:
    home = family(member(wage_fen=100_000), member("李四", Relation.SPOUSE),
                  member("张小", Relation.CHILD, dt.date(2005, 1, 1), dependent_adult=True))
    assert assess(home).parts[0].each_fen == STANDARD - 33_333


def test_income_equal_to_the_standard_is_not_below_it() -> None:
    assert assess(family(member(transfer_fen=STANDARD - 1))).amount_fen == 1
    assert assess(family(member(transfer_fen=STANDARD))).result == "edge"
    assert assess(family(member(transfer_fen=STANDARD * 3 // 2 - 1))).result == "edge"
    assert assess(family(member(transfer_fen=STANDARD * 3 // 2))).result == "none"


@pytest.mark.parametrize(("kind", "grade", "ill", "result"), [
    (DisabilityKind.LIMB, 2, False, "single"), (DisabilityKind.LIMB, 3, False, "edge"),
    (DisabilityKind.INTELLECT, 3, False, "single"), (DisabilityKind.MENTAL, 3, False, "single"),
    (DisabilityKind.MENTAL, 4, False, "edge"), (DisabilityKind.NONE, 0, True, "single"),
])
def test_single_inclusion_needs_severe_disability_or_serious_illness(
    kind: DisabilityKind, grade: int, ill: bool, result: str,
) -> None:
    home = family(member(transfer_fen=250_000),
                  member("李四", Relation.SPOUSE, disability_kind=kind, disability_grade=grade, serious_illness=ill))
    found = assess(home)
    assert found.result == result
    assert found.persons == 2
    if result == "single":
        assert "李四差额 1,100 元" in found.sentence


def test_property_and_signs_ask_for_an_officer_and_never_refuse_by_themselves() -> None:
    rich = family(member(executive=True), financial_fen=24 * STANDARD + 1, vehicles=1, houses=2, hukou_here=False)
    result = assess(rich)
    asking = {c.code for c in result.conditions if c.outcome == "manual"}
    assert asking == {"hukou", "assets", "vehicles", "houses", "signs"}
    assert result.result == "dibao"
    assert result.needs_manual
    assert "5 项需人工核实" in result.summary


def test_a_vehicle_that_an_officer_found_necessary_no_longer_asks() -> None:
    result = assess(family(member(), vehicles=1, vehicles_exempt=1))
    assert next(c for c in result.conditions if c.code == "vehicles").outcome == "ok"


def test_who_is_in_prison_or_has_left_the_home_does_not_count() -> None:
    home = family(member(), member("李四", Relation.SPOUSE, absence=2, wage_fen=900_000),
                  member("张大", Relation.CHILD, dt.date(1995, 1, 1), wage_fen=900_000))
    result = assess(home)
    assert result.persons == 1
    assert result.amount_fen == STANDARD
    assert "李四(在监狱服刑)、张大(未长期共同居住)" in result.conditions[1].value


def test_the_basic_pension_is_not_counted_and_asks_for_a_look_after_2025() -> None:
    home = family(member(born=dt.date(1960, 1, 1), basic_pension_fen=30_000))
    new, old = assess(home), assess(home, dt.date(2025, 11, 20))
    assert new.amount_fen == old.amount_fen == STANDARD
    outcomes = [next(c for c in result.conditions if c.code == "pension").outcome for result in (new, old)]
    assert outcomes == ["manual", "ok"]


def test_rigid_expenses_are_deducted_for_the_disabled_or_ill_only() -> None:
    healthy = family(member(transfer_fen=120_000, rigid_fen=50_000))
    ill = family(member(transfer_fen=120_000, rigid_fen=50_000, serious_illness=True))
    assert assess(healthy).result == "edge"
    assert assess(ill).parts[0].each_fen == STANDARD - 70_000


def test_a_severely_disabled_adult_without_work_may_apply_as_a_household_of_one() -> None:
    def home(**facts: object) -> HouseholdFacts:
        known = {"disability_kind": 4, "disability_grade": 1, "applies_alone": True} | facts
        return family(member(wage_fen=900_000), member("李四", Relation.SPOUSE, **known))

    found = assess(home())
    assert (found.result, found.covered, found.amount_fen) == ("single", ("李四",), STANDARD * 13 // 10)
    assert assess(home(applies_alone=False)).result == "none"
    assert assess(home(disability_grade=3)).result == "none"
    assert assess(home(wage_fen=100)).result == "none"
    assert assess(home(transfer_fen=STANDARD)).result == "none"
    assert assess(home(), dt.date(2022, 12, 31)).result == "none"
    assert assess(home(), dt.date(2023, 1, 1)).result == "single"


def test_three_refusals_of_work_cut_the_members_own_share_only() -> None:
    def home(times: int) -> HouseholdFacts:
        return family(member(), member("李四", Relation.SPOUSE, work_refusals=times))

    assert assess(home(2)).amount_fen == 2 * STANDARD
    cut = assess(home(3))
    assert (cut.amount_fen, cut.result, cut.needs_manual) == (STANDARD, "dibao", True)
    assert cut.sentence.endswith("(差额 1,100 元 × 2 人 - 李四拒绝工作减发 1,100 元)")


def test_who_is_supported_as_tekun_is_outside_the_household() -> None:
    home = family(member(wage_fen=100_000), member("李四", Relation.SPOUSE, held=Held.TEKUN, transfer_fen=90_000))
    found = assess(home)
    assert (found.persons, found.amount_fen, found.covered) == (1, STANDARD - 100_000, ("张三",))
    assert "李四(已享受特困供养)" in found.conditions[1].value


def test_a_case_of_the_older_version_recomputes_to_the_same_fen() -> None:
    """Version 2026.2 adds rules that only claims switch on."""
    dice = random.Random(7)
    for _ in range(200):
        home = random_family(dice)
        home = dataclasses.replace(home, members=tuple(
            dataclasses.replace(m, birth_date=fact(dt.date(dice.randint(1930, 2020), 6, 1))) for m in home.members))
        old, new = assess(home, dt.date(2022, 12, 31), "z320500"), assess(home, dt.date(2023, 1, 1), "z320500")
        assert (old.result, old.amount_fen) == (new.result, new.amount_fen)


def test_the_review_cycle_follows_work_and_the_steadiness_of_income() -> None:
    households, persons = as_frames([(family(member()), KUNSHAN), (family(member(fixed_income=True)), KUNSHAN),
                                     (family(member(born=dt.date(1950, 1, 1))), KUNSHAN)])
    assert rules.evaluate_population("dibao", households, persons, ON)["dibao_unstable"].to_list() == [1, 0, 0]


def test_the_standard_of_the_benefit_month_is_used() -> None:
    june = dt.date(2025, 6, 20)
    assert assess(family(member()), june).amount_fen == STANDARD
    assert assess(family(member()), june, month=dt.date(2025, 6, 1)).amount_fen == 109_500


def test_a_place_or_day_without_a_standard_is_refused() -> None:
    with pytest.raises(RuleCannotEvaluate, match="沭阳县及其上级"):
        assess(family(member()), dt.date(2024, 5, 1), "z321322")
    with pytest.raises(RuleCannotEvaluate, match="江苏省及其上级"):
        assess(family(member()), zone="z320000")
    with pytest.raises(RuleCannotEvaluate, match="只从 2021-07-01"):
        assess(family(member()), dt.date(2021, 6, 30))


def test_two_applicants_or_nobody_counted_are_refused() -> None:
    with pytest.raises(RuleCannotEvaluate, match="只有一名申请人"):
        assess(family(member(), member("李四")))
    with pytest.raises(RuleCannotEvaluate, match="没有可以计入"):
        assess(family(member(absence=2)))


def test_the_formulas_are_sealed() -> None:
    assert seal.trouble(scheme("dibao")) is None
