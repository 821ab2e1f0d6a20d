"""Families for the tests: typed facts, hypothesis strategies, and the same families as two frames."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl
from hypothesis import strategies as st

from minzheng.data.brain.rules import (
    Absence,
    CarePlace,
    ChildBenefit,
    DisabilityKind,
    Emergency,
    Fact,
    Held,
    HouseholdFacts,
    MemberFacts,
    Relation,
)
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Term
from minzheng.scenes.assistance import policy
from minzheng.scenes.assistance.policy.rigid import EXPENSES

policy.register()
ON = dt.date(2026, 11, 20)
KUNSHAN = "z320583"
STANDARD = 110_000


def fact(value: Any, source: str = "入户调查", note: str = "") -> Fact[Any]:
    return Fact(value, source, ON, note)


def member(
    name: str = "张三", relation: Relation = Relation.SELF, born: dt.date = dt.date(1980, 5, 1), **facts: Any,
) -> MemberFacts:
    known = {key: value if isinstance(value, Fact) else fact(value) for key, value in facts.items()}
    return MemberFacts(key=name, name=name, relation=fact(relation), birth_date=fact(born), **known)


def family(*members: MemberFacts, **facts: Any) -> HouseholdFacts:
    known = {"hukou_here": True} | facts
    return HouseholdFacts(members=members, **{
        key: value if isinstance(value, Fact) else fact(value) for key, value in known.items()
    }).everywhere_declared_none("申请人声明", ON)


fen = st.integers(0, 300_000)
births = st.dates(dt.date(1930, 1, 1), dt.date(2026, 11, 19))


@st.composite
def members(draw: Any, number: int) -> MemberFacts:
    relation = Relation.SELF if number == 0 else draw(st.sampled_from(list(Relation)[1:]))
    grade = draw(st.sampled_from([0, 0, 0, 1, 2, 3, 4]))
    return member(
        f"成员{'甲乙丙丁戊己'[number]}", relation, draw(births),
        lives_together=draw(st.booleans()), dependent_adult=draw(st.booleans()),
        absence=Absence.NONE if number == 0 else draw(st.sampled_from(list(Absence))),
        disability_grade=grade, disability_kind=draw(st.sampled_from(list(DisabilityKind)[1:])) if grade else 0,
        serious_illness=draw(st.sampled_from([False, False, False, True])),
        wage_fen=draw(fen), work_cost_fen=draw(fen), business_fen=draw(st.integers(-100_000, 200_000)),
        property_fen=draw(st.integers(0, 20_000)), transfer_fen=draw(st.integers(0, 20_000)),
        other_fen=draw(st.integers(0, 20_000)),
        basic_pension_fen=draw(st.integers(0, 30_000)), exempt_fen=draw(st.integers(0, 30_000)),
        rigid_fen=draw(fen),
        executive=draw(st.booleans()),
    )


@st.composite
def families(draw: Any) -> HouseholdFacts:
    size = draw(st.integers(1, 5))
    return family(
        *[draw(members(number)) for number in range(size)],
        hukou_here=draw(st.booleans()), financial_fen=draw(st.integers(0, 30_000_000)),
        vehicles=draw(st.integers(0, 2)), vehicles_exempt=draw(st.integers(0, 1)), houses=draw(st.integers(0, 3)),
    )


births_of_the_old = st.dates(dt.date(1930, 1, 1), dt.date(1966, 1, 1))
_MORE = {
    "held": st.sampled_from([0, 0, 0, *Held]), "child_benefit": st.sampled_from([0, 0, *ChildBenefit]),
    "applies_alone": st.booleans(), "work_refusals": st.integers(0, 4), "fixed_income": st.booleans(),
    "no_labour_other": st.sampled_from([False, False, True]), "studying": st.booleans(),
    "obligors": st.integers(2, 4), "obligors_able": st.sampled_from([0, 0, 1]), "self_care_unmet": st.integers(0, 6),
    "care_place": st.sampled_from(list(CarePlace)),
    **dict.fromkeys(EXPENSES, st.sampled_from([0, 0, 100_000, 5_000_000])),
}


@st.composite
def wide_families(draw: Any) -> HouseholdFacts:
    """Families with everything that any scheme asks, few of them rich."""
    home = draw(families())
    poor = draw(st.booleans())
    more = [
        dataclasses.replace(
            m, **{name: fact(draw(values)) for name, values in _MORE.items()},
            **({"wage_fen": fact(draw(st.integers(0, 60_000))), "birth_date": fact(draw(births_of_the_old | births))}
               if poor else {}))
        for m in home.members
    ]
    return dataclasses.replace(
        home, members=tuple(more), income_year_fen=fact(draw(st.integers(0, 20_000_000))),
        emergency=fact(draw(st.sampled_from([0, 0, *Emergency]))), asked_fen=fact(draw(st.integers(1, 3_000_000))),
        temporary_year_fen=fact(draw(st.sampled_from([0, 0, 500_000, 5_000_000]))),
        meeting_fen=fact(draw(st.sampled_from([0, 0, 2_000_000]))))


def _known(holder: HouseholdFacts | MemberFacts, terms: dict[str, Term]) -> dict[str, Any]:
    return {name: None if (said := getattr(holder, name)) is None else said.value for name in terms}


def as_frames(homes: list[tuple[HouseholdFacts, str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    households = pl.DataFrame([
        {"household_id": number, "zone": zone, **_known(home, HOUSEHOLD_TERMS)}
        for number, (home, zone) in enumerate(homes)
    ])
    persons = pl.DataFrame([
        {"household_id": number, **_known(person, MEMBER_TERMS)}
        for number, (home, _) in enumerate(homes) for person in home.members
    ])
    return households, persons
