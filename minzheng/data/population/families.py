"""Kinship over and inside households: surnames, supporters, relations, and the frame of the households themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from minzheng.data.population import cast, facts, households, lives, names, places

Ints = npt.NDArray[np.int64]
RELATION_CODES = {
    "户主": "02",
    "夫": "11",
    "妻": "12",
    "子": "20",
    "女": "30",
    "孙子": "41",
    "孙女": "42",
    "外孙子": "43",
    "外孙女": "44",
    "父亲": "51",
    "母亲": "52",
}
"""GB/T 4761 codes (from general knowledge of the standard, text not seen)."""


def surnames(rng: np.random.Generator, s: households.Structure, supporter: Ints) -> Ints:
    """Children take the father's surname (4 in 100 the mother's), a head the father's; elders and the young
    household that
    supports them share it when that household's head is a man."""
    code = names.surname_codes(rng, len(s.age))
    head_row = np.full(len(s.kind), -1, dtype=np.int64)
    heads = np.flatnonzero(s.place == households.HEAD)
    head_row[s.household[heads]] = heads
    linked = np.flatnonzero(supporter >= 0)
    elder, young = head_row[linked], head_row[supporter[linked]]
    line = s.male[elder] & s.male[young]
    code[young[line]] = code[elder[line]]
    rows = np.flatnonzero(s.place == households.FATHER)
    code[rows] = code[head_row[s.household[rows]]]
    rows = np.flatnonzero(np.isin(s.place, households.YOUNG))
    dad, mum = s.father[rows], s.mother[rows]
    line_row = np.where(dad >= 0, dad, np.where(mum >= 0, mum, head_row[s.household[rows]]))
    other = (rng.random(len(rows)) < 0.04) & (dad >= 0) & (mum >= 0)
    code[rows] = code[np.where(other, mum, line_row)]
    # siblings share: take the elder sibling's choice
    first = rows[s.place[rows] == 2]
    by_household = np.full(len(s.kind), -1, dtype=np.int64)
    by_household[s.household[first]] = first
    later = rows[s.place[rows] > 2]
    known = by_household[s.household[later]]
    code[later[known >= 0]] = code[known[known >= 0]]
    return code


def supporters(rng: np.random.Generator, s: households.Structure) -> Ints:
    """For each household of elders, the household of a grown child (or -1), 20 to 40 years younger."""
    head_age = np.zeros(len(s.kind))
    heads = s.place == households.HEAD
    head_age[s.household[heads]] = s.age[heads]
    old = np.flatnonzero(np.isin(s.kind, (households.SINGLE_ELDER, households.ELDERS)) & (head_age > 60))
    young = np.flatnonzero(
        np.isin(s.kind, (households.COUPLE, households.MINORS, households.GROWN)) & (head_age > 21)
    )
    old, young = rng.permutation(old), rng.permutation(young)
    e = pl.DataFrame({"h": old, "bucket": ((head_age[old] - 27) // 3).astype(np.int64)})
    y = pl.DataFrame({"c": young, "bucket": (head_age[young] // 3).astype(np.int64)})
    rank = pl.int_range(pl.len()).over("bucket").alias("rank")
    pairs = e.with_columns(rank).join(y.with_columns(rank), on=["bucket", "rank"])
    found = np.full(len(s.kind), -1, dtype=np.int64)
    found[pairs["h"].to_numpy()] = pairs["c"].to_numpy()
    return found


def relations(
    s: households.Structure, skip: npt.NDArray[np.bool_], by_daughter: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Relation to the head as the household register words it."""
    young = np.isin(s.place, households.YOUNG)
    found = np.select(
        [
            s.place == 0,
            s.place == 1,
            young & ~skip,
            young & skip & by_daughter,
            young & skip,
            s.place == households.FATHER,
        ],
        ["户主", "妻", "子", "外孙子", "孙子", "父亲"],
        "母亲",
    ).astype(object)
    found[(s.place == 1) & s.male] = "夫"
    female = {"子": "女", "孙子": "孙女", "外孙子": "外孙女"}
    for man, woman in female.items():
        found[(found == man) & ~s.male] = woman
    return found


def standards(villages: list[places.Village]) -> Ints:
    return np.array([facts.STANDARD_FEN.get(v.code[:4], facts.STANDARD_NORTH_FEN) for v in villages], dtype=np.int64)


def frame(
    rng: np.random.Generator,
    s: households.Structure,
    persons: pl.DataFrame,
    hukou: Ints,
    living: Ints,
    address: pl.Series,
    registration: npt.NDArray[np.str_],
    supporter: Ints,
    where: list[places.Village],
    hh_random: int,
) -> pl.DataFrame:
    """One row a household; `head` is a row of `persons` as given (the oldest living adult when the head has died)."""
    alive = persons["alive"].to_numpy()
    flows = persons.select(
        pl.sum_horizontal("wage_fen", "business_fen", "property_fen", "pension_fen", "other_transfer_fen")
        - pl.col("basic_pension_fen")
    )
    wealth = persons.select(pl.sum_horizontal("deposits_fen", "securities_fen", "car_value_fen"))
    count = len(s.kind)

    def total(column: Ints) -> Ints:
        return np.bincount(s.household, weights=np.where(alive, column, 0), minlength=count).astype(np.int64)

    monthly, means = total(flows.to_series().to_numpy()), total(wealth.to_series().to_numpy())
    size = np.bincount(s.household, weights=alive, minlength=count).astype(np.int64)
    home = total(persons["homes"].to_numpy())
    standard = standards(where)[hukou]
    quota = round(len(s.age) * facts.BENEFIT_RATE)
    poor = lives.poor_households(
        monthly[:hh_random],
        size[:hh_random],
        standard[:hh_random],
        (means + 10**9 * (home > 1))[:hh_random],
        quota,
        rng,
    )
    benefit = np.r_[np.where(poor, "低保", ""), [h.benefit for h in cast.CAST]]
    since = np.datetime64(facts.AS_OF, "M") - rng.integers(1, 90, count)
    # who heads the household now: the living person of the lowest place, elders last
    rows = np.flatnonzero(alive)
    head = np.full(count, -1, dtype=np.int64)
    ranked = rows[np.lexsort((s.place[rows], s.household[rows]))][::-1]
    head[s.household[ranked]] = ranked
    gone = head < 0
    dead = np.flatnonzero(~alive & (s.place == 0))
    fallback = np.full(count, -1, dtype=np.int64)
    fallback[s.household[dead]] = dead
    head = np.where(gone, fallback, head)
    codes = pl.Series([v.code for v in where])
    return pl.DataFrame(
        {
            "household_no": np.arange(1, count + 1),
            "hukou_village": codes.gather(hukou),
            "residence_village": codes.gather(living),
            "address": address,
            "registration": registration,
            "kind": pl.Series(households.KINDS).gather(s.kind),
            "head": head,
            "size": size,
            "monthly_income_fen": monthly,
            "per_capita_income_fen": monthly // np.maximum(size, 1),
            "benefit": benefit,
            "benefit_since": pl.Series(since.astype("datetime64[D]")),
            "supporter": supporter,
            "cast_key": [""] * hh_random + [h.key for h in cast.CAST],
            "benefit_county": [c[:6] + "000000" for c in codes.gather(hukou[:hh_random])]
            + [h.benefit_county or h.village[:6] + "000000" for h in cast.CAST],
        }
    ).with_columns(benefit_since=pl.when(pl.col("benefit") != "").then("benefit_since"))
