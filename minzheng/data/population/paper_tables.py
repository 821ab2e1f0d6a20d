"""What the departments that keep people's papers know: 公安, 卫健 (出生与死亡), 教育, 民政 (婚姻与殡葬), 司法.

Who is in a table follows from the truth alone; chance decides only details and the documented noise.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.data.population import lives, noise, showing
from minzheng.data.population.organisations import Work
from minzheng.data.population.world import World

C = pl.col
DAY = np.timedelta64(1, "D")


def police(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons
    codes = pl.Series([v.code for v in w.villages])
    dead = showing.late(rng, t, "police")
    behind = pl.Series(rng.random(t.height) < noise.STALE_MARITAL) & (t["cast_key"] == "")
    t = t.with_columns(
        sex=pl.when(C("sex") == 1).then(pl.lit("男")).otherwise(pl.lit("女")),
        household_no=C("household") + 1,
        hukou_village=codes.gather(t["hukou"]),
        residence_village=codes.gather(t["living"]),
        residence_address=C("address"),
        status=pl.when(dead).then(pl.lit("死亡注销")).otherwise(pl.lit("正常")),
        cancelled_on=pl.when(dead).then(C("death_date").dt.offset_by("9d")),
        registered_on=pl.max_horizontal(
            C("birth_date").dt.offset_by("20d"), pl.lit(showing.past(rng, w, t.height, 30, 20_000))
        ),
        marital=pl.when(pl.lit(behind))
        .then(C("marital").replace({"有配偶": "未婚", "离婚": "有配偶", "丧偶": "有配偶"}))
        .otherwise("marital"),
    )
    return showing.take(
        t,
        rng,
        "sex",
        "ethnicity",
        "birth_date",
        "household_no",
        "relation",
        "hukou_village",
        "hukou_address",
        "residence_village",
        "residence_address",
        "phone",
        "marital",
        "status",
        "cancelled_on",
        "registered_on",
        names=False,
    )


def deaths(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(~C("alive"))
    t = t.with_columns(
        died_on=C("death_date"),
        place=pl.Series(["医疗卫生机构", "家中", "养老机构"]).gather(rng.choice(3, t.height, p=[0.4, 0.53, 0.07])),
        certificate=pl.format(
            "SW{}{}", C("death_date").dt.strftime("%Y"), C("person_no").cast(pl.String).str.zfill(8)
        ),
    )
    return showing.take(t, rng, "died_on", "place", "certificate")


def births(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    ids = w.persons["id_number"]
    t = w.persons.filter((C("birth_date") > pl.lit(w.as_of).dt.offset_by("-2y")) & (C("mother") >= 0))
    father = ids.gather(t["father"].clip(0)).zip_with(t["father"] >= 0, pl.Series([""] * t.height))
    t = t.with_columns(
        born_on=C("birth_date"),
        mother_id_number=ids.gather(t["mother"]),
        father_id_number=father,
        certificate=pl.format(
            "CS{}{}", C("birth_date").dt.strftime("%Y"), C("person_no").cast(pl.String).str.zfill(8)
        ),
    )
    return showing.take(t, rng, "born_on", "mother_id_number", "father_id_number", "certificate")


def _schools(stage: pl.Series, work: Work, rng: np.random.Generator) -> pl.Series:
    """A school of the right kind for each pupil."""
    frame = work.frame.filter(C("kind") == "学校")["name"]
    ends = {
        1: "幼儿园",
        2: "小学",
        3: "第一中学",
        4: "高级中学",
        5: "中等专业学校",
        6: "职业技术学院",
        7: "大学",
        8: "大学",
    }
    pools = {code: frame.filter(frame.str.ends_with(end)).to_list() for code, end in ends.items()}
    draws = rng.integers(0, 1 << 30, len(stage))
    return pl.Series(
        [pools[code][draw % len(pools[code])] for code, draw in zip(stage.to_list(), draws.tolist(), strict=True)],
        dtype=pl.String,
    )


def education(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(C("alive") & (C("stage") > 0))
    private = (t["serial"] % 17 == 0) & (t["cast_key"] == "")
    entry = {1: 3, 2: 6, 3: 12, 4: 15, 5: 15, 6: 18, 7: 18, 8: 22}
    first = t["stage"].replace_strict(entry, return_dtype=pl.Int64)
    fee = t["stage"].replace_strict(
        {1: 600_000, 2: 0, 3: 0, 4: 170_000, 5: 0, 6: 470_000, 7: 520_000, 8: 800_000}, return_dtype=pl.Int64
    )
    grade = (t["age"].cast(pl.Int64) - first + 1).clip(1, 6)
    t = t.with_columns(
        school=_schools(t["stage"], work, rng),
        stage=pl.Series(lives.STAGES).gather(t["stage"]),
        grade=grade,
        full_time=True,
        private=private,
        tuition_year_fen=(fee + private.cast(pl.Int64) * 1_800_000),
        enrolled_on=pl.date(pl.lit(w.as_of.year - grade + (1 if w.as_of.month >= 9 else 0)), 9, 1),
        status=pl.lit("在籍"),
    )
    return showing.take(
        t, rng, "school", "stage", "grade", "full_time", "private", "tuition_year_fen", "enrolled_on", "status"
    )


def marriages(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    """The couple's rows share certificate and date; divorces of people whose former spouse is not here name nobody."""
    p = w.persons.select("id_number", "name", "cast_key", "spouse", "marital", "age", "hukou")
    t = p.with_row_index("row").filter((C("spouse") >= 0) & C("marital").is_in(["有配偶", "丧偶"]))
    first = pl.select(pl.min_horizontal(t["row"].cast(pl.Int64), t["spouse"])).to_series()
    age = pl.select(pl.min_horizontal(p["age"].gather(t["row"]), p["age"].gather(t["spouse"]))).to_series().to_numpy()
    jitter = rng.random(p.height)[first.to_numpy()]
    since = np.maximum(np.minimum(age - 21.0, age - 22.2 - 5 * jitter), 0.05)
    on = (np.datetime64(w.as_of) - (since * 365.24).astype(np.int64)).astype("datetime64[D]")
    counties = pl.Series([v.code[:6] for v in w.villages]).gather(p["hukou"].gather(first))
    t = t.with_columns(
        spouse_id_number=p["id_number"].gather(t["spouse"]),
        spouse_name=p["name"].gather(t["spouse"]),
        event=pl.lit("结婚"),
        registered_on=pl.Series(on),
        office=counties + "000000",
        _n=first,
        mark=pl.lit("J"),
    )
    d = p.with_row_index("row").filter((C("marital") == "离婚") & (C("age") > 24))
    days = np.minimum(rng.integers(100, 5000, d.height), ((d["age"].to_numpy() - 23) * 365).astype(np.int64))
    d = d.with_columns(
        spouse_id_number=pl.lit(""),
        spouse_name=pl.lit(""),
        event=pl.lit("离婚"),
        registered_on=pl.Series((np.datetime64(w.as_of) - days).astype("datetime64[D]")),
        mark=pl.lit("L"),
        _n=C("row").cast(pl.Int64),
        office=pl.Series([v.code[:6] for v in w.villages]).gather(d["hukou"]) + "000000",
    )
    both = pl.concat([t, d.select(t.columns)]).sort("id_number", maintain_order=True)
    both = both.with_columns(
        certificate=pl.format(
            "{}{}-{}-{}",
            "mark",
            C("office").str.slice(0, 6),
            C("registered_on").dt.year(),
            (C("_n") % 1_000_000).cast(pl.String).str.zfill(6),
        )
    )
    return showing.take(
        both, rng, "spouse_id_number", "spouse_name", "certificate", "event", "registered_on", "office"
    )


def cremations(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(~C("alive"))
    wait = rng.integers(2, 6, t.height)
    on = pl.Series((t["death_date"].to_numpy().astype("datetime64[D]") + wait * DAY).astype("datetime64[D]"))
    t = t.with_columns(
        died_on=C("death_date"),
        cremated_on=on,
        facility=pl.lit("市殡仪馆"),
        certificate=pl.format("HH{}{}", on.dt.year(), C("person_no").cast(pl.String).str.zfill(8)),
    )
    return showing.take(t, rng, "died_on", "cremated_on", "facility", "certificate")


def prison(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(C("prison") == 1)
    t = t.with_columns(
        facility=pl.when(C("sex") == 2)
        .then(pl.lit("女子监狱"))
        .otherwise(pl.lit(pl.Series(["第一监狱", "第二监狱", "第三监狱"]).gather(rng.integers(0, 3, t.height)))),
        admitted_on=showing.past(rng, w, t.height, 60, 1800),
        status=pl.lit("在押"),
        release_due=pl.Series((np.datetime64(w.as_of) + rng.integers(40, 2500, t.height)).astype("datetime64[D]")),
    )
    return showing.take(t, rng, "facility", "admitted_on", "release_due", "status")


TABLES = {
    "police": police,
    "deaths": deaths,
    "births": births,
    "education": education,
    "marriages": marriages,
    "cremations": cremations,
    "prison": prison,
}
