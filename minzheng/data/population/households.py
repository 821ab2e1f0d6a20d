"""Who lives with whom: household kinds, ages and kinship, as whole columns.

A household has seven places: 0 head, 1 spouse, 2–4 young (children, or grandchildren in a skip-generation
household), 5 father and 6 mother of the head. The young are drawn first from the pyramid of children, and the
parents' ages follow from them, so that kin are always plausible. The shares of the kinds are tuned to the age
structure and the mean size in `facts`; they are not themselves published figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from minzheng.data.population import facts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KINDS = (
    "独居老人",
    "老年夫妇",
    "单身成人",
    "夫妇",
    "夫妇与未成年子女",
    "单亲与未成年子女",
    "夫妇与成年子女",
    "三代同堂",
    "隔代家庭",
    "成人与老年父母",
)
SHARES = np.array((0.091, 0.172, 0.103, 0.113, 0.136, 0.028, 0.149, 0.140, 0.011, 0.057))
SHARES = SHARES / SHARES.sum()
SINGLE_ELDER, ELDERS, SINGLE, COUPLE, MINORS, LONE_PARENT, GROWN, THREE, SKIP, WITH_PARENT = range(10)
PLACES = 7
HEAD, SPOUSE, YOUNG, FATHER, MOTHER = 0, 1, (2, 3, 4), 5, 6


@dataclass(frozen=True)
class Structure:
    """One entry a person; households are numbered from 0. Rows of kin are -1 where there is none in the household."""

    household: Ints
    place: Ints
    male: Bools
    age: Floats
    kind: Ints  # one entry a household
    spouse: Ints
    father: Ints
    mother: Ints


def _elder_ages(rng: np.random.Generator, n: int) -> Floats:
    bands = facts.ELDER_BANDS
    shares = np.array([share for *_, share in bands])
    band = rng.choice(len(bands), n, p=shares / shares.sum())
    low = np.array([b[0] for b in bands])[band]
    width = np.array([b[1] - b[0] for b in bands])[band]
    ages: Floats = low + width * rng.random(n) ** np.where(
        band == 0, 0.72, 1.15
    )  # within a band the younger are more
    return ages


def _child_ages(rng: np.random.Generator, n: int) -> Floats:
    weights = np.array(facts.CHILD_YEAR_WEIGHTS, dtype=float)
    ages: Floats = rng.choice(len(weights), n, p=weights / weights.sum()) + rng.random(n)
    return ages


def _birth_ages(rng: np.random.Generator, n: int, mean: float = facts.MEAN_BIRTH_AGE) -> Floats:
    return np.clip(rng.normal(mean, 3.8, n), 20.3, 43.0)


def _head_is_male(rng: np.random.Generator, kind: Ints) -> Bools:
    odds = np.full(len(KINDS), 0.86)
    odds[[SINGLE_ELDER, SINGLE, LONE_PARENT, WITH_PARENT]] = 0.38, 0.66, 0.36, 0.70
    male: Bools = rng.random(len(kind)) < odds[kind]
    return male


def build(people: int, rng: np.random.Generator) -> Structure:
    """Exactly `people` persons: the last household is cut short when it would overrun (only its young and old
    are left out)."""
    n = int(people / 2.3) + 16
    kind = rng.choice(len(KINDS), n, p=SHARES)
    male = np.zeros((n, PLACES), dtype=bool)
    age = np.zeros((n, PLACES))
    here = np.zeros((n, PLACES), dtype=bool)
    here[:, HEAD] = True
    male[:, HEAD] = _head_is_male(rng, kind)
    male[:, SPOUSE] = ~male[:, HEAD]
    male[:, 2:5] = rng.random((n, 3)) < 0.530
    male[:, FATHER] = True

    def of(*kinds: int) -> Ints:
        return np.flatnonzero(np.isin(kind, kinds))

    rows = of(SINGLE_ELDER, ELDERS)
    age[rows, HEAD] = _elder_ages(rng, len(rows))
    rows = of(SINGLE)
    age[rows, HEAD] = 19 + 43 * rng.beta(1.25, 1.45, len(rows))
    rows = of(COUPLE)
    age[rows, HEAD] = 24 + 39 * rng.beta(1.7, 1.25, len(rows))
    rows = of(WITH_PARENT)
    age[rows, HEAD] = 28 + 32 * rng.beta(1.8, 1.8, len(rows))

    _young(kind, age, here, male, rng)
    here[of(ELDERS, COUPLE, MINORS, GROWN, THREE), SPOUSE] = True
    rows = of(SKIP)
    here[rows, SPOUSE] = rng.random(len(rows)) < 0.62
    older = np.where(male[:, HEAD], -1.0, 1.0) * rng.normal(1.6, 2.4, n)
    free = np.isin(kind, (ELDERS, COUPLE, SKIP))  # spouses of parents were placed by the children's birth
    age[free, SPOUSE] = np.clip(age[:, HEAD] + older, 22.3, 105.0)[free]

    rows = of(THREE, WITH_PARENT)
    both = rng.random(len(rows)) < 0.42
    pick = rng.random(len(rows)) < 0.36
    here[rows, FATHER] = both | pick
    here[rows, MOTHER] = both | ~pick
    age[rows, MOTHER] = np.minimum(age[rows, HEAD] + np.clip(rng.normal(24.5, 3.2, len(rows)), 19, 40), 104)
    father = np.maximum(age[rows, MOTHER] + np.clip(rng.normal(1.8, 2.2, len(rows)), -4, 10), age[rows, HEAD] + 20)
    age[rows, FATHER] = np.minimum(father, 105)
    return _flatten(people, kind, age, here, male)


def _young(kind: Ints, age: Floats, here: Bools, male: Bools, rng: np.random.Generator) -> None:
    n = len(kind)
    minors = np.isin(kind, (MINORS, LONE_PARENT, THREE, SKIP))
    grown = kind == GROWN
    count = np.where(minors, rng.choice([1, 2, 3], n, p=[0.66, 0.31, 0.03]), 0)
    count = np.where(grown, rng.choice([1, 2], n, p=[0.86, 0.14]), count)
    first = np.where(minors, _child_ages(rng, n), 18 + 13 * rng.beta(1.1, 1.7, n))
    gap1, gap2 = 1.3 + 5 * rng.beta(1.5, 2.2, n), 1.3 + 4 * rng.beta(1.5, 2.2, n)
    # the drawn child is the youngest of half the families and the eldest of the others
    up = rng.random(n) < 0.5
    age[:, 2] = np.where(up & (count > 1), first + gap1, first)
    age[:, 3] = np.where(up, first, first - gap1)
    age[:, 4] = age[:, 3] - gap2
    here[:, 2] = count > 0
    here[:, 3] = (count > 1) & (age[:, 3] > 0)
    here[:, 4] = (count > 2) & (age[:, 4] > 0) & here[:, 3]
    parents = minors & (kind != SKIP) | grown
    mother = np.minimum(age[:, 2] + _birth_ages(rng, n, 26.3), 66.0)
    father = mother + np.clip(rng.normal(1.6, 2.4, n), -5, 12)
    father = np.maximum(father, age[:, 2] + 20.5)
    age[parents, HEAD] = np.where(male[:, HEAD], father, mother)[parents]
    age[parents, SPOUSE] = np.where(male[:, HEAD], mother, father)[parents]
    skip = kind == SKIP
    age[skip, HEAD] = np.clip(age[skip, 2] + 24 + np.clip(rng.normal(26, 3, skip.sum()), 20, 38), 46, 92)


def _flatten(people: int, kind: Ints, age: Floats, here: Bools, male: Bools) -> Structure:
    total = np.cumsum(here.sum(axis=1))
    last = int(np.searchsorted(total, people))
    here = here[: last + 1].copy()
    household, place = np.nonzero(here)
    household, place = household[:people], place[:people]
    row = np.full((last + 1, PLACES), -1, dtype=np.int64)
    row[household, place] = np.arange(people)
    head, spouse = row[:, HEAD], row[:, SPOUSE]
    head_male = male[: last + 1, HEAD]
    dad = np.where(head_male, head, spouse)
    mum = np.where(head_male, spouse, head)
    own = np.where(kind[: last + 1] == SKIP, -1, 1)
    is_young, is_head = np.isin(place, YOUNG), place == HEAD
    nobody = np.full(people, -1, dtype=np.int64)
    father = np.where(
        is_young & (own[household] > 0), dad[household], np.where(is_head, row[household, FATHER], nobody)
    )
    mother = np.where(
        is_young & (own[household] > 0), mum[household], np.where(is_head, row[household, MOTHER], nobody)
    )
    mate = np.select(
        [is_head, place == SPOUSE, place == FATHER, place == MOTHER],
        [row[household, SPOUSE], row[household, HEAD], row[household, MOTHER], row[household, FATHER]],
        nobody,
    )
    return Structure(
        household=household,
        place=place,
        male=male[household, place],
        age=age[household, place],
        kind=kind[: last + 1],
        spouse=mate,
        father=father,
        mother=mother,
    )
