"""What each person does, earns, owns and suffers: latent columns that the departments' tables later show in part.

All amounts are plausible samples, not statistics: no citable distribution was found ([sample] throughout), except
the rates of disability and 低保, which are calibrated to `facts`. Money is whole fen, a month where it flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minzheng.data.population import facts

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OCCUPATIONS = ("职工", "公职", "经商", "务农", "灵活就业", "失业", "离退休", "城乡居民养老", "学生", "儿童", "无业")
STAFF, PUBLIC, TRADE, FARM, GIG, JOBLESS, RETIRED, RURAL_OLD, STUDENT, CHILD, NONE = range(11)
STAGES = ("", "幼儿园", "小学", "初中", "高中", "中职", "大专", "本科", "研究生")
WORKING = (STAFF, PUBLIC, TRADE, FARM, GIG)

LATENTS = (
    "occupation",
    "stage",
    "disability_class",
    "disability_grade",
    "illness",
    "wage_fen",
    "business_fen",
    "property_fen",
    "pension_fen",
    "basic_pension_fen",
    "other_transfer_fen",
    "deposits_fen",
    "securities_fen",
    "insurance_premium_fen",
    "payment_fen",
    "car_value_fen",
    "homes",
    "company_role",
    "fund",
    "prison",
    "veteran",
    "unemployed_benefit",
)


@dataclass(frozen=True)
class People:
    """The inputs, one entry a person."""

    household: Ints
    place: Ints
    male: Bools
    age: npt.NDArray[np.float64]
    urban: Bools
    alive: Bools
    married: Bools


def _money(rng: np.random.Generator, n: int, median_yuan: float, sigma: float, low: int, high: int) -> Ints:
    """Log-normal, whole yuan, in fen."""
    yuan = np.clip(np.exp(rng.normal(np.log(median_yuan), sigma, n)), low, high)
    return yuan.astype(np.int64) * 100


def _occupations(rng: np.random.Generator, p: People) -> tuple[Ints, Ints]:
    n = len(p.age)
    work = np.full(n, NONE, dtype=np.int64)
    stage = np.zeros(n, dtype=np.int64)
    luck = rng.random(n)
    year = np.floor(p.age)
    work[p.age < 18] = CHILD
    for low, high, code in ((3, 6, 1), (6, 12, 2), (12, 15, 3)):
        rows = (year >= low) & (year < high) & (luck < (0.9 if code == 1 else 0.995))
        stage[rows] = code
    teen = (year >= 15) & (year < 18)
    stage[teen] = np.select([luck[teen] < 0.57, luck[teen] < 0.96], [4, 5], 0)
    young = (year >= 18) & (year < 22)
    stage[young] = np.select([luck[young] < 0.27, luck[young] < 0.62], [6, 7], 0)
    grad = (year >= 22) & (year < 25)
    stage[grad] = np.select([luck[grad] < 0.06, luck[grad] < 0.13], [7, 8], 0)
    adult = (p.age >= 18) & (stage == 0)
    retired_age = np.where(p.male, 60, np.where(p.urban, 52, 58))
    old = adult & (p.age >= retired_age)
    work[old] = np.where(rng.random(old.sum()) < np.where(p.urban[old], 0.76, 0.24), RETIRED, RURAL_OLD)
    work[old & (work == RURAL_OLD) & (p.age < 60)] = FARM
    active = adult & ~old
    town = np.array((0.60, 0.07, 0.085, 0.005, 0.125, 0.035, 0.08)).cumsum()
    land = np.array((0.41, 0.02, 0.075, 0.20, 0.21, 0.02, 0.065)).cumsum()
    codes = np.array((STAFF, PUBLIC, TRADE, FARM, GIG, JOBLESS, NONE))
    draw = rng.random(n)
    work[active & p.urban] = codes[np.minimum(np.searchsorted(town, draw[active & p.urban]), 6)]
    work[active & ~p.urban] = codes[np.minimum(np.searchsorted(land, draw[active & ~p.urban]), 6)]
    work[stage > 0] = STUDENT
    return work, stage


def _health(rng: np.random.Generator, p: People) -> tuple[Ints, Ints, Ints]:
    n = len(p.age)
    odds = 0.004 + 0.0002 * p.age + 0.0009 * np.maximum(p.age - 45, 0)
    disabled = rng.random(n) < odds * facts.DISABLED_RATE / odds.mean()
    kind = np.where(disabled, 1 + rng.choice(7, n, p=facts.CLASS_SHARES), 0)
    grade = np.where(disabled, 1 + rng.choice(4, n, p=facts.GRADE_SHARES), 0)
    risk = 0.2 + 0.00004 * p.age**2.6
    ill = rng.random(n) < risk * facts.ILLNESS_RATE / risk.mean()
    shares = np.array(facts.ILLNESS_SHARES)
    illness = np.where(ill, 1 + rng.choice(len(shares), n, p=shares / shares.sum()), 0)
    return kind, grade, illness


def draw(rng: np.random.Generator, p: People) -> dict[str, npt.NDArray[Any]]:
    """All latent columns. The dead keep what they had; the departments decide who still shows it."""
    n = len(p.age)
    work, stage = _occupations(rng, p)
    kind, grade, illness = _health(rng, p)
    heavy = (grade > 0) & (grade <= 2) | (illness > 0)
    lose = heavy & np.isin(work, WORKING) & (rng.random(n) < 0.7)
    work[lose] = NONE
    zero = np.zeros(n, dtype=np.int64)

    def when(rows: Bools, median: float, sigma: float, low: int, high: int) -> Ints:
        column = zero.copy()
        column[rows] = _money(rng, int(rows.sum()), median, sigma, low, high)
        return column

    adult = p.age >= 18
    wage = when((work == STAFF) & p.urban, 6400, 0.48, 2490, 80_000) + when(
        (work == STAFF) & ~p.urban, 4800, 0.42, 2490, 60_000
    )
    wage += when(work == PUBLIC, 9200, 0.32, 4500, 30_000) + when(work == GIG, 3600, 0.55, 600, 20_000)
    business = when(work == TRADE, 7500, 0.85, 800, 300_000) + when(work == FARM, 2300, 0.6, 200, 20_000)
    pension = when((work == RETIRED) & p.urban, 3500, 0.34, 1200, 12_000) + when(
        (work == RETIRED) & ~p.urban, 2600, 0.3, 1000, 8_000
    )
    rural = (work == RURAL_OLD) & (p.age >= 60)
    basic = np.where(rural, facts.BASIC_PENSION_FEN, 0)
    pension += basic + when(rural, 70, 0.7, 10, 700)
    luck = rng.random(n)
    support = (work == RURAL_OLD) & (luck < 0.95) | np.isin(work, (NONE, JOBLESS)) & (luck < 0.85)
    other = when(support, 1450, 0.42, 300, 6000)  # 赡养费, 抚养费 and other support from kin
    dole = (work == JOBLESS) & (rng.random(n) < 0.45)
    other[dole] = 160_000
    rent = adult & (rng.random(n) < np.where(p.urban, 0.07, 0.02))
    property_ = when(rent, 1700, 0.6, 200, 20_000)
    earning = wage + business + pension
    rich = np.clip(earning / 600_000, 0.15, 6.0)
    saves = (adult & (rng.random(n) < 0.94)) | (p.age > 8) & (rng.random(n) < 0.12)
    deposits = (when(saves, 32_000, 1.25, 20, 6_000_000) * rich).astype(np.int64) // 100 * 100
    securities = when(adult & p.urban & (rng.random(n) < 0.11 * np.minimum(rich, 2)), 38_000, 1.2, 100, 3_000_000)
    premium = when(rng.random(n) < np.where(adult, 0.2, 0.16), 2600, 0.8, 100, 60_000)
    payment = when(
        (p.age >= 14) & (p.age < 82) & (rng.random(n) < np.clip(1.15 - p.age / 110, 0, 1)), 700, 1.5, 1, 200_000
    )
    driver = adult & (p.age < 68) & (rng.random(n) < np.where(p.urban, 0.40, 0.29) * np.minimum(rich + 0.35, 1.6))
    car = when(driver, 62_000, 0.8, 2_000, 900_000)
    owner = ((p.place == 0) & (rng.random(n) < 0.88)).astype(np.int64)
    homes = owner + (owner & (rng.random(n) < 0.17 * np.minimum(rich, 2.5))).astype(np.int64)
    role = np.select(
        [work == TRADE, adult & (rng.random(n) < 0.004)],
        [np.where(rng.random(n) < 0.62, 1, np.where(rng.random(n) < 0.55, 2, 3)), 4],
        0,
    )
    fund = ((work == PUBLIC) | (work == STAFF) & (rng.random(n) < np.where(p.urban, 0.72, 0.45))).astype(np.int64)
    prison = (
        adult & p.alive & (p.age < 68) & (rng.random(n) < facts.PRISON_RATE * np.where(p.male, 1.75, 0.2))
    ).astype(np.int64)
    veteran = (p.male & (p.age > 24) & (rng.random(n) < 0.016) | (p.age > 88) & (rng.random(n) < 0.01)).astype(
        np.int64
    )
    for column in (wage, business):
        column[prison == 1] = 0
    columns = dict(
        zip(
            LATENTS,
            (
                work,
                stage,
                kind,
                grade,
                illness,
                wage,
                business,
                property_,
                pension,
                basic,
                other,
                deposits,
                securities,
                premium,
                payment,
                car,
                homes,
                role,
                fund,
                prison,
                veteran,
                dole.astype(np.int64),
            ),
            strict=True,
        )
    )
    return {key: column if key.endswith("_fen") else column.astype(np.int8) for key, column in columns.items()}


def poor_households(
    monthly: Ints, size: Ints, standard: Ints, assets: Ints, quota: int, rng: np.random.Generator
) -> Bools:
    """Who receives 低保: the poorest per head below the standard and without means, until `quota` living
    people are in; 4 in 100 slip through."""
    per_head = monthly // np.maximum(size, 1)
    able = (size > 0) & (per_head < standard) & (assets // np.maximum(size, 1) < standard * 24)
    able &= rng.random(len(size)) < 0.96
    order = np.argsort(np.where(able, per_head / standard, 9.0), kind="stable")
    taken = order[(np.cumsum(size[order]) <= quota) & able[order]]
    chosen = np.zeros(len(size), dtype=bool)
    chosen[taken] = True
    return chosen
