"""One application, all schemes: the best lawful way, with reasons; never two basic benefits for one person."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import re

import pytest
from hypothesis import assume, given, settings

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Held, HouseholdFacts, MemberFacts, Relation, RuleCannotEvaluate, parameters, seal
from minzheng.data.brain.rules import catalogue as shipped
from minzheng.data.brain.rules.parameters import Book
from minzheng.data.brain.rules.scheme import scheme, schemes
from minzheng.scenes.assistance.cliffs import cliffs, with_more
from minzheng.scenes.assistance.considering import Proposal, Standing, consider, holding
from minzheng.scenes.assistance.policy.tests.families import (
    KUNSHAN,
    ON,
    STANDARD,
    as_frames,
    fact,
    families,
    family,
    member,
    wide_families,
)

ALL = ("dibao", "edge", "tekun", "rigid", "temporary", "price")
LATIN = re.compile("[A-Za-z_]")


def grandmother(**facts: object) -> MemberFacts:
    known = {"lives_together": True, "obligors": 1, "obligors_able": 0, "self_care_unmet": 0} | facts
    return member("王奶奶", Relation.PARENT, dt.date(1940, 1, 1), **known)


def by_scheme(found: tuple[Proposal, ...], code: str) -> Proposal:
    return next(p for p in found if code in p.schemes)


def test_one_member_in_tekun_and_the_others_in_dibao_stand_together() -> None:
    home = family(member(wage_fen=200_000), member("李四", Relation.SPOUSE), grandmother())
    found = consider(home, ON, KUNSHAN)
    best = found[0]
    assert (best.standing, best.schemes, best.results) == (Standing.BEST, ("tekun", "dibao"), ("tekun", "dibao"))
    assert best.title == "特困供养(王奶奶)与低保(张三、李四)"
    assert best.monthly_fen == 154_000 + 24_900 + 2 * (STANDARD - 100_000)
    other = found[1]
    assert (other.standing, other.schemes) == (Standing.OTHER, ("dibao",))
    assert "只能选一项" in other.reason
    assert by_scheme(found, "edge").standing is Standing.EXCLUDED


def test_a_fact_that_lacks_is_named_and_the_scheme_stays_on_the_list() -> None:
    home = family(member(), grandmother(obligors=None, obligors_able=None))
    bare = dataclasses.replace(home.members[1], obligors=None, obligors_able=None)
    found = consider(dataclasses.replace(home, members=(home.members[0], bare)), ON, KUNSHAN)
    tekun = by_scheme(found, "tekun")
    assert tekun.standing is Standing.MISSING
    assert "王奶奶的有履行能力的法定义务人数" in tekun.reason
    assert found[0].schemes == ("dibao",)
    assert "还缺少事实" in found[0].reason


def test_single_inclusion_stands_beside_the_borderline_of_the_others() -> None:
    home = family(member(wage_fen=279_000), member("李四", Relation.SPOUSE, serious_illness=True))
    best = consider(home, ON, KUNSHAN)[0]
    assert best.results == ("single", "edge")
    assert [part.covered for part in best.parts] == [("李四",), ("张三",)]


def test_a_rigid_household_may_also_have_expenses_relieved() -> None:
    home = family(member(wage_fen=400_000, medical_year_fen=4_000_000), member("李四", Relation.SPOUSE),
                  income_year_fen=4_800_000, asked_fen=900_000)
    found = consider(home, ON, KUNSHAN)
    assert found[0].schemes == ("rigid",)
    beside = by_scheme(found, "temporary")
    assert (beside.standing, beside.once_fen, beside.results) == (Standing.BESIDE, 900_000, ("expenditure",))


def test_a_household_that_fits_nothing_hears_why_from_each_scheme() -> None:
    found = consider(family(member(wage_fen=9_000_000)), ON, KUNSHAN)
    assert {code for p in found for code in p.schemes} == set(ALL)
    assert {p.standing for p in found} == {Standing.UNFIT}
    assert all(p.reason for p in found)


def test_who_holds_tekun_already_is_not_offered_dibao_instead() -> None:
    home = family(member(wage_fen=100_000), grandmother(held=Held.TEKUN))
    found = consider(home, ON, KUNSHAN)
    assert found[0].schemes == ("tekun", "dibao")
    assert Standing.OTHER not in {p.standing for p in found}


def test_the_law_of_a_day_that_does_not_keep_them_apart_pays_one_of_them() -> None:
    home = family(member(wage_fen=200_000), member("李四", Relation.SPOUSE), grandmother())
    best = consider(home, dt.date(2022, 9, 1), KUNSHAN)[0]
    assert best.schemes == ("tekun",)


@settings(max_examples=120, deadline=None)
@given(wide_families())
def test_no_person_is_ever_proposed_two_basic_benefits(home: HouseholdFacts) -> None:
    for on in (ON, dt.date(2022, 9, 1)):
        found = consider(home, on, KUNSHAN)
        for proposal in found:
            if proposal.standing in {Standing.BEST, Standing.OTHER}:
                assert len(set(proposal.covered)) == len(proposal.covered)
                assert all(part.eligible for part in proposal.parts)
                assert proposal.monthly_fen == sum(part.amount_fen for part in proposal.parts) >= 0
        assert sum(p.standing is Standing.BEST for p in found) <= 1
        assert {code for p in found for code in p.schemes} == set(ALL)
        assert [p.reason for p in found if LATIN.search(p.reason + p.title)] == []


@settings(max_examples=60, deadline=None)
@given(wide_families())
def test_once_the_best_way_is_confirmed_dibao_counts_nobody_of_tekun(home: HouseholdFacts) -> None:
    best = consider(home, ON, KUNSHAN)[0]
    assume(best.standing is Standing.BEST)
    tekun = {key for part in best.parts if part.result == "tekun" for key in part.covered}
    try:
        dibao = rules.evaluate("dibao", holding(home, best.parts, ON), ON, KUNSHAN)
    except RuleCannotEvaluate:
        return
    assert not tekun & set(dibao.covered)


def test_a_gap_in_a_parameter_stops_its_schemes_only_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    series = {key: list(rows) for key, rows in shipped.shipped().items()}
    wages = series["tekun.care.wage", "z320500"]
    series["tekun.care.wage", "z320500"] = [dataclasses.replace(row, until=row.until or dt.date(2026, 6, 30))
                                            for row in wages]
    book = Book(series, {}, (0, 99))
    monkeypatch.setattr(parameters, "current", lambda: book)
    found = consider(family(member(), grandmother()), ON, KUNSHAN)
    tekun = by_scheme(found, "tekun")
    assert tekun.standing is Standing.MISSING
    assert tekun.reason == ("苏州市的“照料护理标准的基数:月最低工资”在 2026-12-01 没有取值,"
                            "请先在规则参数页补齐或更正后再测算。")
    assert found[0].schemes == ("dibao",)


@pytest.mark.parametrize("code", ALL)
def test_every_scheme_is_sealed(code: str) -> None:
    assert seal.trouble(scheme(code)) is None


@settings(max_examples=80, deadline=None)
@given(wide_families())
def test_every_scheme_speaks_chinese_with_clause_and_source(home: HouseholdFacts) -> None:
    for code in ALL:
        try:
            result = rules.evaluate(code, home, ON, KUNSHAN)
        except RuleCannotEvaluate as refusal:
            assert not LATIN.search(refusal.reason)
            continue
        said = [result.sentence, result.result_title, *(part.title for part in result.parts)]
        for condition in result.conditions:
            said += [condition.title, condition.value, condition.source, condition.clause, *condition.detail]
            assert condition.clause
            assert condition.source
        assert [text for text in said if LATIN.search(text)] == []
        assert sum(part.total_fen for part in result.parts) == result.amount_fen >= 0
        assert rules.assessment_from_json(rules.assessment_to_json(result)) == result
        assert set(result.covered) <= {m.key for m in home.members}


def test_populations_give_what_households_give_in_every_scheme() -> None:
    dice = random.Random(3)
    homes = [(_random_home(dice), dice.choice([KUNSHAN, "z320102", "z321283"])) for _ in range(300)]
    frames = as_frames(homes)
    for code in ALL:
        together = rules.evaluate_population(code, *frames, ON, chunk=130)
        used = scheme(code)
        for row, (home, zone) in zip(together.iter_rows(named=True), homes, strict=True):
            try:
                alone = rules.evaluate(code, home, ON, zone)
            except RuleCannotEvaluate:
                assert row["problem"] is not None
                assert row[used.amount] is None
                continue
            assert row["problem"] is None
            assert row[used.amount] == alone.amount_fen
            assert (row[used.result] > 0) == (alone.result != "none")


def _random_home(dice: random.Random) -> HouseholdFacts:
    def one(number: int) -> MemberFacts:
        obligors = dice.choice([{}, {"obligors": 2, "obligors_able": dice.randint(0, 2), "self_care_unmet": 2}])
        return member(
            f"成员{number}", Relation.SELF if number == 0 else Relation(dice.randint(2, 9)),
            dt.date(dice.randint(1935, 2025), 1, 1), lives_together=True, wage_fen=dice.choice([0, 0, 150_000, 500_000]),
            held=dice.choice([0, 0, *Held]), child_benefit=dice.choice([0, 0, 0, 1]),
            work_refusals=dice.choice([0, 0, 3]), applies_alone=dice.random() < 0.3,
            disability_grade=1, disability_kind=dice.choice([3, 4, 6]), medical_year_fen=dice.choice([0, 3_000_000]),
            **obligors)

    year = dice.choice([{}, {"income_year_fen": dice.randint(0, 9_000_000)}])
    return family(*[one(number) for number in range(dice.randint(1, 4))], emergency=dice.choice([0, 0, 1]),
                  asked_fen=dice.choice([0, 60_000, 900_000]), **year)


def test_a_population_may_leave_out_what_is_needed_of_some_only() -> None:
    homes, persons = as_frames([(family(member(wage_fen=150_000)), KUNSHAN), (family(grandmother()), KUNSHAN)])
    persons = persons.drop("obligors", "obligors_able", "self_care_unmet", "held", "child_benefit", "no_labour_other")
    persons = persons.with_columns(relation=1)
    found = rules.evaluate_population("tekun", homes, persons, ON)
    assert found["tekun_kind"].to_list() == [0, None]
    assert "法定义务人数" in found["problem"][1]


def test_a_population_of_one_zone_where_nobody_told_a_fact() -> None:
    homes = [(family(member(held=Held.RIGID, medical_year_fen=300_000), asked_fen=5_000_000), KUNSHAN),
             (family(member(), emergency=1, asked_fen=50_000), KUNSHAN), (family(member()), KUNSHAN)]
    frames = as_frames(homes)
    assert rules.evaluate_population("temporary", *frames, ON)["temporary_amount"].to_list() == [300_000, 50_000, 0]
    assert rules.evaluate_population("tekun", *frames, ON)["problem"].null_count() == 3


def test_cliffs_say_what_one_more_yuan_does() -> None:
    home = family(member(transfer_fen=STANDARD - 1_000))
    (cliff,) = cliffs(home, ON, KUNSHAN)
    assert cliff.below
    assert cliff.sentence == ("家庭月收入再增加 10 元就达到低保标准线,结论由低保变为低保边缘,"
                              "月保障金由 10 元 变为 0 元")
    (above,) = cliffs(family(member(transfer_fen=STANDARD + 1_000)), ON, KUNSHAN)
    assert (above.below, above.distance_fen) == (False, 1_000)
    assert cliffs(family(member(transfer_fen=50_000)), ON, KUNSHAN) == ()


@settings(max_examples=60, deadline=None)
@given(families())
def test_a_cliff_is_exact_to_the_fen(home: HouseholdFacts) -> None:
    now = rules.evaluate("dibao", home, ON, KUNSHAN).result
    for cliff in cliffs(home, ON, KUNSHAN):
        if cliff.below:
            assert rules.evaluate("dibao", with_more(home, cliff.distance_fen, ON), ON, KUNSHAN).result != now
            assert rules.evaluate("dibao", with_more(home, cliff.distance_fen - 1, ON), ON, KUNSHAN).result == now


def test_the_schemes_of_the_scene_are_all_registered() -> None:
    assert set(ALL) <= {s.code for s in schemes()}


def test_facts_beyond_dibao_survive_json() -> None:
    home = family(grandmother(held=Held.EDGE), emergency=1, asked_fen=5, meeting_fen=fact(7))
    assert rules.facts_from_json(rules.facts_to_json(home)) == home
