"""Firms, self-employed traders, public units and schools, and who works for, owns or runs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from minzheng.data.population import identifiers, lives
from minzheng.data.population.stream import stream
from minzheng.data.population.world import World

Ints = npt.NDArray[np.int64]
FIRM, TRADER, COOPERATIVE, UNIT, SCHOOL = range(5)
KINDS = ("有限责任公司", "个体工商户", "农民专业合作社", "机关事业单位", "学校")
_LEADING = ("91", "92", "93", "11", "12")
_A, _B = "恒盛金华瑞嘉永安联诚宏鼎新远天海江通昌泰", "达兴源信丰润隆和顺泰利邦元升创腾益茂辉康"
_TRADES = (
    "机械制造",
    "电子科技",
    "纺织",
    "贸易",
    "建筑工程",
    "物流",
    "食品",
    "精密模具",
    "信息技术",
    "装饰",
    "餐饮管理",
    "新材料",
)
_SHOPS = ("超市", "小吃店", "服装店", "理发店", "五金店", "水果店", "棋牌室", "电动车维修部", "水产经营部", "便利店")
_UNITS = ("卫生服务中心", "街道办事处", "自然资源所", "文化站", "人民医院", "水务站", "税务所", "交通管理所")
_SCHOOLS = ("实验幼儿园", "中心小学", "实验小学", "第一中学", "高级中学", "中等专业学校", "职业技术学院", "大学")


@dataclass(frozen=True)
class Work:
    """`frame` is the organisations; `employer` and `company` are its rows for each person, or -1."""

    frame: pl.DataFrame
    employer: Ints
    company: Ints


def build(world: World, seed: int) -> Work:
    rng = stream(seed, "organisations")
    p = world.persons
    n = p.height
    role, job = p["company_role"].to_numpy(), p["occupation"].to_numpy()
    owners = np.flatnonzero((role == 1) | (role == 2))
    base = [
        (FIRM, max(12, n // 300)),
        (COOPERATIVE, max(1, n // 12_000)),
        (UNIT, max(4, n // 2500)),
        (SCHOOL, max(8, n // 2500)),
    ]
    kind = np.concatenate(
        [np.full(count, code) for code, count in base] + [np.where(role[owners] == 1, TRADER, FIRM)]
    )
    first_owned = len(kind) - len(owners)
    rows = {code: np.flatnonzero(kind == code) for code in range(5)}
    company = np.full(n, -1, dtype=np.int64)
    company[owners] = first_owned + np.arange(len(owners))
    others = np.flatnonzero(role >= 3)
    company[others] = rng.choice(rows[FIRM], len(others))
    employer = np.full(n, -1, dtype=np.int64)
    staff, public = np.flatnonzero(job == lives.STAFF), np.flatnonzero(job == lives.PUBLIC)
    weight = 1 / (np.arange(len(rows[FIRM])) + 8.0)  # the first, unowned firms are the large ones
    employer[staff] = rng.choice(rows[FIRM], len(staff), p=weight / weight.sum())
    employer[public] = rng.choice(np.r_[rows[UNIT], rows[SCHOOL]], len(public))
    return Work(_frame(rng, world, kind, owners, first_owned), employer, company)


def _frame(rng: np.random.Generator, world: World, kind: Ints, owners: Ints, first_owned: int) -> pl.DataFrame:
    n = len(kind)
    codes = pl.Series([v.code for v in world.villages])
    village = codes.gather(rng.integers(0, len(world.villages), n))
    village = pl.concat([village[:first_owned], codes.gather(world.persons["living"].gather(owners))])
    pick = rng.integers(0, 1 << 30, (n, 4))
    surnames = world.persons["name"].gather(owners).str.slice(0, 1).to_list()
    names, schools = [], 0
    for i, (k, (a, b, c, d)) in enumerate(zip(kind.tolist(), pick.tolist(), strict=True)):
        mark = _A[a % len(_A)] + _B[b % len(_B)]
        if k == FIRM:
            names.append(f"{mark}{_TRADES[c % len(_TRADES)]}有限公司")
        elif k == TRADER:
            names.append(f"{surnames[i - first_owned]}记{mark}{_SHOPS[c % len(_SHOPS)]}")
        elif k == COOPERATIVE:
            names.append(f"{mark}农产品专业合作社")
        elif k == UNIT:
            names.append(f"{mark}{_UNITS[d % len(_UNITS)]}")
        else:
            names.append(f"{mark}{_SCHOOLS[schools % len(_SCHOOLS)]}")
            schools += 1
    capital = np.select(
        [kind == FIRM, kind == COOPERATIVE, kind == TRADER],
        [rng.choice([50, 100, 200, 500, 1000, 5000], n), 50, 2],
        0,
    )
    founded = np.datetime64(world.as_of) - rng.integers(200, 9000, n)
    return pl.DataFrame(
        {
            "credit_code": identifiers.credit_codes([_LEADING[k] for k in kind.tolist()]),
            "name": names,
            "kind": pl.Series(KINDS).gather(kind),
            "village": village,
            "founded_on": pl.Series(founded.astype("datetime64[D]")),
            "status": np.where(rng.random(n) < 0.03, np.where(rng.random(n) < 0.6, "注销", "吊销"), "存续"),
            "registered_capital_fen": capital * 1_000_000,
        }
    )
