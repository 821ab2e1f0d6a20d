"""Evaluates every scheme of 社会救助 for a million households, and one household under all of them with explanation.

Usage: python bench/rules_population.py [households]. Prints time, peak memory and row counts.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts, MemberFacts, Relation
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term
from minzheng.data.brain.rules.scheme import scheme
from minzheng.data.brain.rules.zones import tree
from minzheng.scenes.assistance import policy
from minzheng.scenes.assistance.considering import consider

ON = dt.date(2026, 11, 1)
SCHEMES = ("tekun", "dibao", "edge", "rigid", "temporary", "price")


def frames(count: int, seed: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A random population of low earners, 2.7 persons a household, over all counties."""
    dice = np.random.default_rng(seed)
    sizes = dice.integers(1, 5, count)
    sizes[: count // 5] += 1
    total = int(sizes.sum())
    household = np.repeat(np.arange(count), sizes)
    first = np.r_[True, household[1:] != household[:-1]]

    def column(term: Term, size: int) -> np.ndarray:
        if term.kind is Kind.FLAG:
            return dice.random(size) < 0.1
        if term.kind in {Kind.FEN, Kind.SIGNED_FEN}:
            return np.where(dice.random(size) < 0.35, dice.integers(0, 300_000, size), 0)
        if term.codes is not None:
            return np.where(dice.random(size) < 0.05, dice.choice([int(code) for code in term.codes], size), 0)
        return np.where(dice.random(size) < 0.05, dice.integers(0, 5, size), 0)

    persons = {name: column(term, total) for name, term in MEMBER_TERMS.items()}
    persons["relation"] = np.where(first, 1, dice.integers(2, 9, total))
    persons["birth_date"] = dice.integers(1930, 2025, total) * 10_000 + 101
    persons["lives_together"] = np.ones(total, dtype=bool)
    persons["absence"] = np.where(first, 0, persons["absence"])
    counties = np.array([zone.key for zone in tree().values() if zone.level == 3])
    households = {name: column(term, count) for name, term in HOUSEHOLD_TERMS.items()}
    return (
        pl.DataFrame({"household_id": np.arange(count), "zone": dice.choice(counties, count), **households}),
        pl.DataFrame({"household_id": household, **persons}),
    )


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def home() -> HouseholdFacts:
    """Four members whom every scheme has something to say about."""
    def person(name: str, relation: Relation, born: int, **facts: int | bool) -> MemberFacts:
        known = {key: Fact(value, "入户调查", ON) for key, value in facts.items()}
        return MemberFacts(key=name, name=name, relation=Fact(int(relation), "户籍", ON),
                           birth_date=Fact(dt.date(born, 1, 1), "户籍", ON), **known)

    return HouseholdFacts(
        members=(person("张三", Relation.SELF, 1980, wage_fen=200_000, medical_year_fen=3_000_000),
                 person("李四", Relation.SPOUSE, 1981), person("小张", Relation.CHILD, 2015),
                 person("王奶奶", Relation.PARENT, 1940, lives_together=True, obligors=1, obligors_able=0,
                        self_care_unmet=4)),
        hukou_here=Fact(True, "户籍", ON), income_year_fen=Fact(2_400_000, "核对", ON), emergency=Fact(1, "申请", ON),
        asked_fen=Fact(50_000, "申请", ON)).everywhere_declared_none("申请人", ON)


def one_household(times: int = 400) -> None:
    """All schemes considered, explained and ranked; a fresh day now and then makes the engine build its system anew."""
    facts, counties = home(), [zone.key for zone in tree().values() if zone.level == 3]
    wall, work = [], []
    for turn in range(times):
        began, spent = time.perf_counter(), time.process_time()
        found = consider(facts, ON, counties[turn % 40])
        wall.append((time.perf_counter() - began) * 1000)
        work.append((time.process_time() - spent) * 1000)
        assert found[0].parts
    for name, values in (("wall", wall), ("processor", work)):
        median, slow = np.percentile(values, [50, 95])
        print(f"one household, all schemes with explanation, {times} times over 40 counties, {name}: "
              f"median {median:.1f} ms, p95 {slow:.1f} ms")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    policy.register()
    one_household()
    households, persons = frames(count)
    before, total, work = peak_mb(), 0.0, time.process_time()
    for code in SCHEMES:
        start = time.perf_counter()
        result = rules.evaluate_population(code, households, persons, ON)
        seconds = time.perf_counter() - start
        total += seconds
        kinds = result[scheme(code).result].value_counts(sort=True).rows()
        print(f"{code}: {households.height:,} households, {seconds:.2f} s, results {kinds}, "
              f"refused {result['problem'].count():,}")
    work = time.process_time() - work
    print(f"all {len(SCHEMES)} schemes: {households.height:,} households, {persons.height:,} persons: {total:.2f} s wall, "
          f"{work:.2f} s processor, peak {peak_mb()} MB ({before} MB of it before the evaluation), "
          f"one process of {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
