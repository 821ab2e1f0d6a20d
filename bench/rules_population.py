"""Evaluates 低保 for a million households and prints time, peak memory and row counts.

Usage: python bench/rules_population.py [households]
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.data.brain import rules
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Kind, Term
from minzheng.data.brain.rules.zones import tree
from minzheng.scenes.assistance import policy

ON = dt.date(2026, 11, 1)


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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    policy.register()
    households, persons = frames(count)
    before = peak_mb()
    start = time.perf_counter()
    result = rules.evaluate_population("dibao", households, persons, ON)
    seconds = time.perf_counter() - start
    print(f"{households.height:,} households, {persons.height:,} persons: {seconds:.2f} s, "
          f"peak {peak_mb()} MB ({before} MB of it before the evaluation)")
    print(result.group_by("dibao_kind").agg(pl.len(), pl.col("dibao_amount").sum()).sort("dibao_kind"))
    print("refused:", result["problem"].count())


if __name__ == "__main__":
    main()
