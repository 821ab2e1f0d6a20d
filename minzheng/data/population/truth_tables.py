"""The truth as files: people, households, memberships, kin in other households, moves."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.data.population import facts, families, lives
from minzheng.data.population.world import BANKS, World

C = pl.col


def persons(w: World, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons
    codes = pl.Series([v.code for v in w.villages])
    t = t.with_columns(
        household_no=C("household") + 1,
        hukou_village=codes.gather(t["hukou"]),
        residence_village=codes.gather(t["living"]),
        bank_name=pl.when(C("bank_account") != "")
        .then(pl.lit(pl.Series(BANKS).gather(t["bank"])))
        .otherwise(pl.lit("")),
        illness=pl.Series(["", *facts.SERIOUS_ILLNESSES]).gather(t["illness"]),
        occupation=pl.Series(lives.OCCUPATIONS).gather(t["occupation"]),
        school_stage=pl.Series(lives.STAGES).gather(t["stage"]),
    )
    return t.select(
        "person_no",
        "household_no",
        "id_number",
        "name",
        "name_pinyin",
        "sex",
        "ethnicity",
        "birth_date",
        "death_date",
        "hukou_village",
        "residence_village",
        "address",
        "phone",
        "bank_name",
        "bank_account",
        "marital",
        "relation",
        "disability_class",
        "disability_grade",
        "illness",
        "occupation",
        "school_stage",
        "wage_fen",
        "business_fen",
        "property_fen",
        "pension_fen",
        "basic_pension_fen",
        "other_transfer_fen",
        "deposits_fen",
        "securities_fen",
        "insurance_premium_fen",
        "car_value_fen",
        "homes",
        "cast_key",
    )


def households(w: World, rng: np.random.Generator) -> pl.DataFrame:
    return w.households.with_columns(head_id_number=w.persons["id_number"].gather(w.households["head"])).select(
        "household_no",
        "hukou_village",
        "residence_village",
        "address",
        "registration",
        "kind",
        "head_id_number",
        "size",
        "monthly_income_fen",
        "per_capita_income_fen",
        "benefit",
        "benefit_since",
        "cast_key",
    )


def members(w: World, rng: np.random.Generator) -> pl.DataFrame:
    """From the day the person joined (birth, marriage, founding) to the death. When a head has died, the
    spouse heads the household."""
    t = w.persons
    head = w.households["head"].gather(t["household"])
    is_head = head == pl.Series(np.arange(t.height))
    old = pl.Series(
        (np.datetime64(w.as_of) - rng.integers(200, 9000, w.households.height)).astype("datetime64[D]")
    ).gather(t["household"])
    t = t.with_columns(
        household_no=C("household") + 1,
        valid_from=pl.max_horizontal("birth_date", pl.lit(old)),
        valid_to=C("death_date"),
        relation=pl.when(is_head)
        .then(pl.lit("户主"))
        .when(C("relation") != "户主")
        .then("relation")
        .when(C("sex") == 1)
        .then(pl.lit("夫"))
        .otherwise(pl.lit("妻")),
    )
    alone = ~pl.col("alive") & pl.lit(is_head)
    t = t.with_columns(relation=pl.when(alone).then(pl.lit("户主")).otherwise("relation"))
    t = t.with_columns(relation_code=C("relation").replace_strict(families.RELATION_CODES, return_dtype=pl.String))
    return t.select("household_no", "person_no", "id_number", "relation", "relation_code", "valid_from", "valid_to")


def kin(w: World, rng: np.random.Generator) -> pl.DataFrame:
    h, t = w.households, w.persons
    linked = h.filter(C("supporter") >= 0)
    elder = linked["head"]
    child = h["head"].gather(linked["supporter"])
    ids = t["id_number"]
    pair = pl.DataFrame({"id_number": ids.gather(elder), "kin_id_number": ids.gather(child)}).with_columns(
        relation=pl.lit("子女")
    )
    back = pair.select(id_number="kin_id_number", kin_id_number="id_number").with_columns(relation=pl.lit("父母"))
    order = ["id_number", "relation", "kin_id_number"]
    return pl.concat([pair.select(order), back.select(order)]).sort("id_number")


def moves(w: World, rng: np.random.Generator) -> pl.DataFrame:
    """Everyone whose residence is not the hukou village moved there; one in a hundred others changed hukou
    within ten years."""
    t = w.persons
    codes = pl.Series([v.code for v in w.villages])
    gone = t["living"] != t["hukou"]
    changed = pl.Series(rng.random(t.height) < 0.01) & (t["cast_key"] == "") & ~gone & (t["age"] > 11)
    t = t.filter(gone | changed)
    away = t["living"] != t["hukou"]
    other = pl.Series(rng.integers(0, len(codes), t.height))
    cap = np.maximum(np.minimum(t["age"].to_numpy() * 365, 3600).astype(np.int64), 3)
    days = rng.random(t.height) * (cap - 1) + 1
    on = pl.Series((np.datetime64(w.as_of) - days.astype(np.int64)).astype("datetime64[D]"))
    return t.with_columns(
        moved_on=pl.max_horizontal(pl.lit(on), C("birth_date")),
        from_village=codes.gather(t["hukou"].zip_with(away, other.cast(t["hukou"].dtype))),
        to_village=codes.gather(t["living"]),
        reason=pl.when(pl.lit(away)).then(pl.lit("居住地变动")).otherwise(pl.lit("户口迁移")),
    ).select("id_number", "moved_on", "from_village", "to_village", "reason")


TABLES = {"persons": persons, "households": households, "members": members, "kin": kin, "moves": moves}
