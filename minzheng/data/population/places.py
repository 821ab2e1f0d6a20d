"""Villages as the input of the generator, how many people live in each, and addresses in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from minzheng.data.population import facts

Ints = npt.NDArray[np.int64]
_SUFFIXES = ("居委会", "居民委员会", "村委会", "村民委员会")
_ESTATES = (
    "桃源新村",
    "新城花园",
    "水岸家园",
    "锦绣苑",
    "阳光花园",
    "和谐家园",
    "东方名苑",
    "翠湖花园",
    "金桂苑",
    "幸福里",
    "江南春堤",
    "紫荆苑",
)
_STREETS = (
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "新华街",
    "文化路",
    "朝阳路",
    "环城东路",
    "青年路",
    "东大街",
    "光明巷",
    "滨河路",
)


@dataclass(frozen=True)
class Village:
    """A fifth-level division: its managed 12-digit code, its name, and whether it counts as urban."""

    code: str
    name: str = ""
    urban: bool = True

    def __post_init__(self) -> None:
        if len(self.code) != 12 or not self.code.isdigit():
            raise ValueError(f"not a 12-digit division code: {self.code!r}")

    @property
    def short(self) -> str:
        for suffix in _SUFFIXES:
            if self.name.endswith(suffix):
                return self.name[: -len(suffix)]
        return self.name or self.code


def village(code: str, name: str = "") -> Village:
    """Urban when its name says 社区 or 居: there is no published urban-rural code in our source [sample]."""
    return Village(code, name, "社区" in name or "居委会" in name or not name)


def normalised(villages: Sequence[Village | str]) -> list[Village]:
    found = {v.code: v for v in (village(item) if isinstance(item, str) else item for item in villages)}
    if not found:
        raise ValueError("at least one village is needed")
    return [found[code] for code in sorted(found)]


def weights(villages: Sequence[Village]) -> npt.NDArray[np.float64]:
    """Each city gets its share of the census, and the urban villages the urban share of the people."""
    city = np.array([v.code[:4] for v in villages])
    urban = np.array([v.urban for v in villages])
    weight = np.ones(len(villages))
    for code in np.unique(city):
        rows = city == code
        weight[rows] = facts.CITY_PEOPLE.get(str(code), 1_000_000) / rows.sum()
    if urban.any() and not urban.all():
        weight[urban] *= facts.URBAN / weight[urban].sum()
        weight[~urban] *= (1 - facts.URBAN) / weight[~urban].sum()
    return np.asarray(weight / weight.sum())


def residences(rng: np.random.Generator, hukou: Ints, villages: Sequence[Village]) -> Ints:
    """Where each household lives: mostly its hukou village; of the others, 6 in 10 in the same township."""
    township = np.array([int(v.code[:9]) for v in villages])
    first = np.searchsorted(township, township, side="left")  # villages are sorted by code
    count = np.searchsorted(township, township, side="right") - first
    away = rng.random(len(hukou)) < facts.EMIGRANT_RATE
    near = rng.random(len(hukou)) < 0.6
    local = first[hukou] + (rng.random(len(hukou)) * count[hukou]).astype(np.int64)
    far = rng.choice(len(villages), len(hukou), p=weights(villages))
    return np.where(away, np.where(near, local, far), hukou)


def addresses(rng: np.random.Generator, at: Ints, villages: Sequence[Village]) -> pl.Series:
    """A door in the village: estates and streets in urban ones, groups and houses in rural ones."""
    n = len(at)
    urban = np.array([v.urban for v in villages])[at]
    name = pl.Series([v.short for v in villages]).gather(at)
    estate = pl.Series(_ESTATES).gather(rng.integers(0, len(_ESTATES), n))
    street = pl.Series(_STREETS).gather(rng.integers(0, len(_STREETS), n))
    frame = pl.DataFrame(
        {
            "v": name,
            "e": estate,
            "s": street,
            "b": rng.integers(1, 41, n),
            "f": rng.integers(1, 19, n),
            "r": rng.integers(1, 5, n),
            "g": rng.integers(1, 16, n),
            "h": rng.integers(1, 121, n),
            "kind": np.where(urban, np.where(rng.random(n) < 0.8, 0, 1), 2),
        }
    )
    flat = pl.format("{}{}{}幢{}0{}室", "v", "e", "b", "f", "r")
    house = pl.format("{}{}{}号", "v", "s", "h")
    farm = pl.format("{}{}组{}号", "v", "g", "h")
    return frame.select(
        pl.when(pl.col("kind") == 0).then(flat).when(pl.col("kind") == 1).then(house).otherwise(farm)
    ).to_series()
