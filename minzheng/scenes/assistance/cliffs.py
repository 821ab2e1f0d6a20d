"""Hints for officers: a household just below or above a line, where one yuan changes the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts, Relation
from minzheng.data.brain.rules.text import yuan

_NUMBERS = ("dibao_total", "dibao_persons")


@dataclass(frozen=True)
class Cliff:
    """`distance_fen`: how much household income a month separates it from the line. A hint, never a condition."""

    line: str
    below: bool
    distance_fen: int
    sentence: str


def cliffs(facts: HouseholdFacts, on: dt.date, zone: str) -> tuple[Cliff, ...]:
    """The lines of 低保 and 低保边缘 that the household is near. Raises RuleCannotEvaluate as `evaluate` does."""
    return tuple(_near(facts, on, zone))


def with_more(facts: HouseholdFacts, fen: int, on: dt.date) -> HouseholdFacts:
    """The facts with `fen` more other income of the applicant."""
    def more(fact: Fact[int] | None) -> Fact[int]:
        return Fact((fact.value if fact is not None else 0) + fen, "临界试算", on)

    return replace(facts, members=tuple(
        replace(member, other_fen=more(member.other_fen))
        if member.relation is not None and member.relation.value == Relation.SELF else member
        for member in facts.members))


def _near(facts: HouseholdFacts, on: dt.date, zone: str) -> Iterator[Cliff]:
    said = rules.numbers("dibao", facts, on, zone, _NUMBERS)
    now = rules.evaluate("dibao", facts, on, zone)
    values = {used.id: used.value for used in now.parameters}
    total, persons = said["dibao_total"], said["dibao_persons"]
    standard = values["dibao.standard"] * persons
    near = rules.value("dibao.cliff.near_fen", zone, on) * persons
    # The smallest income that is no longer below the line.
    lines = (("低保标准", standard), ("低保边缘上限", -(-standard * values["dibao.edge.percent"] // 100)))
    for title, line in lines:
        gap = line - total
        if 0 < gap <= near:
            then = rules.evaluate("dibao", with_more(facts, gap, on), on, zone)
            if then.result != now.result:
                yield Cliff(title, True, gap, (
                    f"家庭月收入再增加 {yuan(gap)}就达到{title}线,结论由{now.result_title}变为{then.result_title},"
                    f"月保障金由 {yuan(now.amount_fen)} 变为 {yuan(then.amount_fen)}"))
        elif -near <= gap <= 0:
            yield Cliff(title, False, -gap, (
                f"家庭月收入只比{title}线高 {yuan(-gap)},请核对必要就业成本和残疾、重病刚性支出是否已全部扣减"))
