"""What the departments get wrong, at documented rates and deterministically. The fixed cast is never disturbed.

| noise | rate | where |
|---|---|---|
| a person is missing from a department's table | MISSING | every department |
| the name with a character that sounds alike, a blank inside, or . for · | NAME_VARIANT | every one but 公安 |
| the contact address is an old one | STALE_ADDRESS | 社保, 医保, 银行 |
| the ID number has one wrong digit (so its check digit fails) | ID_TYPO | 银行, 保险, 非银支付 |
| a death has not arrived: 正常, still paid, still insured | DEATH_UNKNOWN | 公安, 社保, 医保 |
| the marital status is the one before the last change | STALE_MARITAL | 公安 |
All rates are [sample].
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

MISSING: Final = 0.010
NAME_VARIANT: Final = 0.008
STALE_ADDRESS: Final = 0.06
ID_TYPO: Final = 0.0005
DEATH_UNKNOWN: Final = {"police": 0.04, "social_insurance": 0.05, "medical_insurance": 0.06}
STALE_MARITAL: Final = 0.03

_ALIKE: Final = {
    "建": "健",
    "华": "桦",
    "英": "瑛",
    "伟": "玮",
    "丽": "莉",
    "志": "智",
    "明": "铭",
    "红": "宏",
    "芳": "方",
    "静": "靖",
    "燕": "艳",
    "玉": "钰",
    "文": "雯",
    "军": "君",
    "珍": "贞",
    "兰": "蓝",
    "梅": "玫",
    "国": "囯",
    "平": "萍",
    "林": "琳",
    "子": "籽",
    "杰": "捷",
    "浩": "皓",
    "欣": "新",
    "雨": "宇",
    "秀": "绣",
}


def seen(frame: pl.DataFrame, rng: np.random.Generator, *, names: bool = True, typos: bool = False) -> pl.DataFrame:
    """The rows as a department holds them. The frame has `id_number`, `name` and `cast_key`; the last is dropped."""
    n = frame.height
    real = frame["cast_key"] == ""
    frame = frame.with_columns(
        _keep=pl.Series(rng.random(n) >= MISSING) | ~real,
        _name=pl.Series(rng.random(n) < NAME_VARIANT) & real,
        _typo=pl.Series(rng.random(n) < ID_TYPO) & real,
        _way=pl.Series(rng.random(n)),
    ).filter("_keep")
    if names:
        alike = pl.col("name").str.replace_many(list(_ALIKE), list(_ALIKE.values()))
        spaced = pl.col("name").str.slice(0, 1) + " " + pl.col("name").str.slice(1)
        plain = pl.when(alike != pl.col("name")).then(alike).otherwise(spaced)
        variant = pl.when(pl.col("_way") < 0.7).then(plain).otherwise(spaced)
        dotted = pl.col("name").str.contains("·")
        frame = frame.with_columns(
            name=pl.when(dotted & (pl.col("_name") | (pl.col("cast_key") != "")))
            .then(pl.col("name").str.replace("·", "."))
            .when("_name")
            .then(variant)
            .otherwise("name")
        )
    if typos:
        digit = pl.col("id_number").str.slice(14, 1)
        other = ((digit.cast(pl.Int64, strict=False) + 1) % 10).cast(pl.String)
        wrong = pl.col("id_number").str.slice(0, 14) + other + pl.col("id_number").str.slice(15)
        frame = frame.with_columns(id_number=pl.when("_typo").then(wrong).otherwise("id_number")).sort("id_number")
    return frame.drop("_keep", "_name", "_typo", "_way", "cast_key")


def stale(rng: np.random.Generator, current: pl.Series, cast_key: pl.Series) -> pl.Series:
    """The current address, or that of somebody else of the table (an old one) for some."""
    n = len(current)
    old = pl.Series(rng.random(n) < STALE_ADDRESS) & (cast_key == "")
    return current.zip_with(~old, current.gather(rng.permutation(n)))
