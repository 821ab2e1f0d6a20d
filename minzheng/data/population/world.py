"""The people and households as they truly are, as one frame each, sorted by ID number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from minzheng.data.population import cast, facts, families, households, identifiers, lives, names, places
from minzheng.data.population.stream import stream
from minzheng.data.registry.names import pinyin

Ints = npt.NDArray[np.int64]
BANKS = (
    "工商银行",
    "农业银行",
    "中国银行",
    "建设银行",
    "交通银行",
    "邮储银行",
    "江苏银行",
    "农村商业银行",
    "苏州银行",
    "招商银行",
)


@dataclass(frozen=True)
class World:
    persons: pl.DataFrame  # truth and latents, one row a person; spouse, father and mother are row numbers or -1
    households: pl.DataFrame
    villages: list[places.Village]
    as_of: date


def _days(years: npt.NDArray[np.float64]) -> Ints:
    return np.floor(years * 365.2425).astype(np.int64)


def _ymd(day: Ints) -> Ints:
    dates = day.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    dom = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    found: Ints = years * 10_000 + months * 100 + dom
    return found


def _deaths(rng: np.random.Generator, s: households.Structure, epoch: int) -> Ints:
    """Day of death (or -1): DEATH_RATE of the people within the last year, rising with age as mortality does."""
    weight = np.exp(0.092 * s.age) + 2.0
    size = np.bincount(s.household)[s.household]
    bound = (s.place == households.HEAD) & (size > 1)
    weight[bound & ((s.spouse < 0) | np.isin(s.kind[s.household], (households.THREE, households.SKIP)))] = 0
    weight[s.age < 1] = 0
    n = round(len(s.age) * facts.DEATH_RATE)
    day = np.full(len(s.age), -1, dtype=np.int64)
    chosen = rng.choice(len(s.age), min(n, int((weight > 0).sum())), replace=False, p=weight / weight.sum())
    day[chosen] = epoch - rng.integers(1, 365, len(chosen))
    return day


def _with_cast(s: households.Structure) -> tuple[households.Structure, list[cast.CastPerson]]:
    """Appends the cast's households. Their ages are computed from the true birth dates later."""
    people = [m for h in cast.CAST for m in h.members]
    first, hh0 = len(s.age), len(s.kind)
    spouse, father, mother = (np.full(len(people), -1, dtype=np.int64) for _ in range(3))
    row = 0
    for h in cast.CAST:
        rows = {m.place: first + row + i for i, m in enumerate(h.members)}
        head_is_man = h.members[0].sex == 1
        for i, m in enumerate(h.members):
            if m.place in (0, 1):
                spouse[row + i] = rows.get(1 - m.place, -1)
            else:
                dad, mum = (0, 1) if head_is_man else (1, 0)
                father[row + i], mother[row + i] = rows.get(dad, -1), rows.get(mum, -1)
        row += len(h.members)
    births = np.array([np.datetime64(f"{m.birth[:4]}-{m.birth[4:6]}-{m.birth[6:]}") for m in people]).astype(np.int64)
    age = ((facts.AS_OF - date(1970, 1, 1)).days - births) / 365.2425
    hh = np.repeat(np.arange(len(cast.CAST)), [len(h.members) for h in cast.CAST]) + hh0
    grown = households.Structure(
        household=np.r_[s.household, hh],
        place=np.r_[s.place, [m.place for m in people]],
        male=np.r_[s.male, [m.sex == 1 for m in people]],
        age=np.r_[s.age, age],
        kind=np.r_[s.kind, [h.kind for h in cast.CAST]],
        spouse=np.r_[s.spouse, spouse],
        father=np.r_[s.father, father],
        mother=np.r_[s.mother, mother],
    )
    return grown, people


def build(villages: Sequence[places.Village | str], people: int, seed: int) -> World:
    """Everyone, in one deterministic pass. Refuses fewer people than the cast needs."""
    if people < cast.SIZE:
        raise ValueError(f"at least {cast.SIZE} people are needed")
    if not villages:
        raise ValueError("at least one village is needed")
    given = {v if isinstance(v, str) else v.code for v in villages}
    where = places.normalised([*villages, *(places.village(c, n) for c, n in _cast_places(given))])
    s = households.build(people - cast.SIZE, stream(seed, "structure"))
    n_random, hh_random = len(s.age), len(s.kind)
    epoch = (facts.AS_OF - date(1970, 1, 1)).days
    died = np.r_[_deaths(stream(seed, "deaths"), s, epoch), np.full(cast.SIZE, -1)]
    supporter = np.r_[families.supporters(stream(seed, "kin"), s), np.full(len(cast.CAST), -1)]
    s, fixed = _with_cast(s)
    born = epoch - _days(s.age)
    ymd = _ymd(born)
    ymd[n_random:] = [int(m.birth) for m in fixed]
    born[n_random:] = [
        (date(int(m.birth[:4]), int(m.birth[4:6]), int(m.birth[6:])) - date(1970, 1, 1)).days for m in fixed
    ]
    died[n_random:] = [(m.death - date(1970, 1, 1)).days if m.death else -1 for m in fixed]
    stems = identifiers.id_stems(ymd[:n_random], s.male[:n_random], stream(seed, "ids").permutation(n_random))
    stems = np.r_[stems, [int(m.id_number[:17]) for m in fixed]]
    columns, homes = _columns(seed, s, born, died, stems, supporter, where, n_random, hh_random, given, fixed)
    order = np.argsort(stems, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    moved, at = [], pl.Series(order)
    for key in columns.columns:  # column by column: two whole frames at once would be the peak of the memory
        moved.append(columns.drop_in_place(key).gather(at))
    persons = pl.DataFrame(moved).with_columns(person_no=pl.int_range(1, len(order) + 1, dtype=pl.Int64))
    for kin in ("spouse", "father", "mother"):
        rows = persons[kin].to_numpy()
        persons = persons.with_columns(pl.Series(kin, np.where(rows >= 0, rank[np.maximum(rows, 0)], -1)))
    homes = homes.with_columns(head=pl.Series(rank[homes["head"].to_numpy()]))
    return World(persons, homes, where, facts.AS_OF)


def _cast_places(given: set[str]) -> list[tuple[str, str]]:
    known = {cast.YUSHAN: "里厍社区居委会", cast.YUSHAN_2: "亭林社区居委会", cast.TAICANG: "中区社区居委会"}
    return [(code, name) for code, name in known.items() if code not in given]


def _columns(
    seed: int,
    s: households.Structure,
    born: Ints,
    died: Ints,
    stems: Ints,
    supporter: Ints,
    where: list[places.Village],
    n_random: int,
    hh_random: int,
    given: set[str],
    fixed: list[cast.CastPerson],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = stream(seed, "places")
    open_to_all = np.array([v.code in given for v in where])  # the others hold the cast only
    weight = places.weights(where) * open_to_all
    hukou = rng.choice(len(where), len(s.kind), p=weight / weight.sum())
    living = places.residences(rng, hukou, where)
    living = np.where(open_to_all[living], living, hukou)
    index = {v.code: i for i, v in enumerate(where)}
    hukou[hh_random:] = living[hh_random:] = [index[h.village] for h in cast.CAST]
    hukou_address, address = places.addresses(rng, hukou, where), places.addresses(rng, living, where)
    address = hukou_address.zip_with(pl.Series(hukou == living), address)
    tail = pl.Series([h.address for h in cast.CAST])
    hukou_address, address = (pl.concat([a[:hh_random], tail]) for a in (hukou_address, address))
    urban_village = np.array([v.urban for v in where])
    registration = np.where(urban_village[hukou], "城镇", "农村")
    registration[hh_random:] = [h.registration for h in cast.CAST]
    urban = registration[s.household] == "城镇"

    alive = died < 0
    married = (s.spouse >= 0) & np.isin(s.place, (0, 1, 5, 6))
    life = lives.draw(stream(seed, "lives"), lives.People(s.household, s.place, s.male, s.age, urban, alive, married))
    for key, column in life.items():
        column[n_random:] = [m.life.get(key, 0) for m in fixed]

    draws = stream(seed, "names")
    year = born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    given_name, pool = names.given_names(draws, s.male, year)
    name, sort_key = names.name_column(families.surnames(draws, s, supporter), given_name, pool)
    ethnicity = np.full(len(s.age), "汉族", dtype=object)
    childless = np.isin(s.kind[s.household], (households.SINGLE_ELDER, households.ELDERS, households.SINGLE))
    may = (childless | (s.place == 1) & ~s.male)[:n_random]  # so that no child's surname depends on theirs
    few = np.flatnonzero(may & (draws.random(n_random) < facts.MINORITY_RATE / max(may.mean(), 0.01)))
    changes = names.minority(draws, few, s.male, name.gather(few).to_list())
    changes |= {n_random + i: (m.ethnicity, m.name) for i, m in enumerate(fixed)}
    rows = list(changes)
    ethnicity[rows] = [changes[r][0] for r in rows]
    name = name.scatter(rows, [changes[r][1] for r in rows])
    sort_key = sort_key.scatter(rows, [pinyin(changes[r][1]) for r in rows])

    mate_dead = (s.spouse >= 0) & (died[np.maximum(s.spouse, 0)] >= 0)
    luck = draws.random(len(s.age))
    lone_old = (s.spouse < 0) & (s.age > 62) & (luck < 0.9)
    split = (s.spouse < 0) & (s.age > 27) & (luck < np.clip((s.age - 24) / 40, 0.1, 0.65))
    lone_parent = (s.kind[s.household] == households.LONE_PARENT) & (s.place == 0)
    marital = np.select(
        [married & ~mate_dead, married, lone_old, lone_parent | split], ["有配偶", "丧偶", "丧偶", "离婚"], "未婚"
    ).astype(object)
    marital[n_random:] = [m.marital for m in fixed]
    skip = s.kind[s.household] == households.SKIP
    relation = families.relations(s, skip, draws.random(len(s.age)) < 0.25)
    relation[n_random:] = [m.relation for m in fixed]
    serial = np.arange(len(s.age))
    bank = draws.integers(0, len(BANKS), len(s.age))
    has_account = (life["deposits_fen"] > 0) | (life["pension_fen"] > 0) | (life["wage_fen"] > 0)
    has_account[n_random:] |= s.age[n_random:] >= 18
    phone = identifiers.phones(serial).zip_with(
        pl.Series(serial < n_random), pl.Series(16_099_000_001 + serial - n_random).cast(pl.String)
    )
    cards = identifiers.card_numbers(
        np.where(serial < n_random, serial * 10, 9_000_000_000_000 + (serial - n_random) * 10), bank
    )
    nothing = pl.lit("")
    frame = pl.DataFrame(
        {
            "household": s.household,
            "place": s.place,
            "id_number": identifiers.id_numbers(stems),
            "name": name,
            "name_pinyin": sort_key,
            "sex": np.where(s.male, 1, 2),
            "ethnicity": pl.Series(ethnicity, dtype=pl.String),
            "birth_date": pl.Series(born.astype("datetime64[D]")),
            "death_date": pl.Series(died).cast(pl.Int32).cast(pl.Date),
            "hukou": hukou[s.household],
            "living": living[s.household],
            "address": address.gather(s.household),
            "hukou_address": hukou_address.gather(s.household),
            "phone": phone,
            "account": cards,
            "bank": bank,
            "marital": pl.Series(marital, dtype=pl.String),
            "relation": pl.Series(relation, dtype=pl.String),
            "age": s.age.astype(np.float32),
            "kind": s.kind[s.household],
            "spouse": s.spouse,
            "father": s.father,
            "mother": s.mother,
            "alive": alive,
            "urban": urban,
            "cast_key": pl.Series([""] * n_random + [m.key for m in fixed]),
            "serial": serial,
            **life,
        }
    ).with_columns(
        death_date=pl.when("alive").then(None).otherwise("death_date"),
        phone=pl.when(pl.col("age") < 12).then(nothing).otherwise("phone"),
        bank_account=pl.when(pl.Series(has_account)).then("account").otherwise(nothing),
    )
    homes = families.frame(
        stream(seed, "benefits"), s, frame, hukou, living, address, registration, supporter, where, hh_random
    )
    return frame, homes
