"""How a department's table is cut from the truth: dates, late news of deaths, employers, noise."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.data.population import noise
from minzheng.data.population.organisations import Work
from minzheng.data.population.world import World


def past(rng: np.random.Generator, world: World, n: int, low: int, high: int) -> pl.Series:
    """Dates `low` to `high` days before the photograph."""
    return pl.Series((np.datetime64(world.as_of) - rng.integers(low, high, n)).astype("datetime64[D]"))


def late(rng: np.random.Generator, t: pl.DataFrame, department: str) -> pl.Series:
    """Dead, as far as the department knows. The cast's 许建军 is a death that 社保 has not heard of."""
    unknown = pl.Series(rng.random(t.height) < noise.DEATH_UNKNOWN[department]) & (t["cast_key"] == "")
    if department == "social_insurance":
        unknown = unknown | (t["cast_key"] == "xu_jianjun")
    return ~t["alive"] & ~unknown


def employer(t: pl.DataFrame, work: Work) -> tuple[pl.Series, pl.Series]:
    at = pl.Series(work.employer).gather(t["row"])
    here = at >= 0
    safe = at.clip(0)
    blank = pl.Series([""] * t.height)
    return work.frame["name"].gather(safe).zip_with(here, blank), work.frame["credit_code"].gather(safe).zip_with(
        here, blank
    )


def take(
    t: pl.DataFrame, rng: np.random.Generator, *columns: str, names: bool = True, typos: bool = False
) -> pl.DataFrame:
    return noise.seen(t.select("id_number", "name", *columns, "cast_key"), rng, names=names, typos=typos)
