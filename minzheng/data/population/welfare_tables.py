"""What is known of work, insurance, health and aid: 人社, 医保, 卫健, 残联, 民政 (社会救助), 财政, 退役军人."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.data.population import facts, families, lives, noise, showing
from minzheng.data.population.organisations import Work
from minzheng.data.population.world import World

C = pl.col
DAY = np.timedelta64(1, "D")


def social_insurance(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    paying = C("occupation").is_in([lives.STAFF, lives.PUBLIC]) | C("occupation").is_in(
        [lives.GIG, lives.FARM, lives.TRADE]
    ) & (C("serial") % 5 != 0)
    t = w.persons.select(
        "id_number",
        "name",
        "cast_key",
        "occupation",
        "serial",
        "pension_fen",
        "basic_pension_fen",
        "other_transfer_fen",
        "wage_fen",
        "unemployed_benefit",
        "alive",
        "death_date",
        "address",
        "urban",
    )
    t = (
        t.with_row_index("row")
        .with_columns(_u=C("unemployed_benefit") == 1, _pays=paying)
        .filter(C("_pays") | (C("pension_fen") > 0) | C("_u"))
    )
    employer, code = showing.employer(t, work)
    dead = showing.late(rng, t, "social_insurance")
    pension = C("pension_fen") > 0
    official = (C("serial") % 6 == 0) & C("urban") & (C("pension_fen") > 300_000)
    base = (C("wage_fen") // 100 * 100).clip(480_000, 2_400_000)
    t = t.with_columns(
        insurance=pl.when("_u")
        .then(pl.lit("失业保险"))
        .when((C("occupation") == lives.PUBLIC) | pension & official)
        .then(pl.lit("机关事业养老"))
        .when(C("occupation").is_in([lives.STAFF, lives.RETIRED]))
        .then(pl.lit("企业职工养老"))
        .otherwise(pl.lit("城乡居民养老")),
        role=pl.when(pension | C("_u")).then(pl.lit("领取待遇")).otherwise(pl.lit("参保缴费")),
        employer=employer,
        employer_code=code,
        base_fen=pl.when(C("occupation").is_in([lives.STAFF, lives.PUBLIC])).then(base).otherwise(0),
        pension_fen=pl.when("_u").then("other_transfer_fen").otherwise("pension_fen"),
        since=showing.past(rng, w, t.height, 60, 7000).dt.truncate("1mo"),
        paid_through=pl.when(pl.lit(dead))
        .then(C("death_date").dt.truncate("1mo"))
        .otherwise(pl.lit(w.as_of).dt.truncate("1mo")),
        status=pl.when(pl.lit(dead)).then(pl.lit("停发")).otherwise(pl.lit("正常")),
        contact_address=noise.stale(rng, t["address"], t["cast_key"]),
    )
    return showing.take(
        t,
        rng,
        "insurance",
        "role",
        "employer",
        "employer_code",
        "base_fen",
        "pension_fen",
        "basic_pension_fen",
        "since",
        "paid_through",
        "status",
        "contact_address",
    )


def employment(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.with_row_index("row").filter(
        C("alive") & C("occupation").is_in([lives.STAFF, lives.PUBLIC, lives.GIG, lives.TRADE, lives.JOBLESS])
    )
    t = t.filter((C("occupation") != lives.GIG) | (C("serial") % 3 == 0))
    employer, _ = showing.employer(t, work)
    state = {
        lives.STAFF: "单位就业",
        lives.PUBLIC: "单位就业",
        lives.GIG: "灵活就业",
        lives.TRADE: "个体经营",
        lives.JOBLESS: "失业登记",
    }
    since = showing.past(rng, w, t.height, 20, 3500)
    until = pl.Series((since.to_numpy() + 1826 * DAY).astype("datetime64[D]"))
    t = t.with_columns(
        state=C("occupation").replace_strict(state, return_dtype=pl.String),
        employer=employer,
        since=since,
        contract_until=pl.when(C("occupation") == lives.STAFF).then(until),
    )
    return showing.take(t, rng, "state", "employer", "since", "contract_until")


def medical_insurance(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons
    dead = showing.late(rng, t, "medical_insurance")
    benefit = (w.households["benefit"] == "低保").gather(t["household"])
    age = t["age"].to_numpy()
    bill = np.exp(rng.normal(6.6, 1.1, t.height)) * (0.5 + (age / 60) ** 2) + (t["illness"].to_numpy() > 0) * np.exp(
        rng.normal(10.9, 0.5, t.height)
    )
    spent = np.where(rng.random(t.height) < 0.25, 0, bill).astype(np.int64) * 100
    spent = np.where(t["cast_key"].to_numpy() == "huang_meiling", 12_600_000, spent)
    share = np.where(t["occupation"].is_in([lives.STAFF, lives.PUBLIC, lives.RETIRED]).to_numpy(), 0.26, 0.42)
    t = t.with_columns(
        kind=pl.when(C("occupation").is_in([lives.STAFF, lives.PUBLIC, lives.RETIRED]))
        .then(pl.lit("职工医保"))
        .otherwise(pl.lit("居民医保")),
        status=pl.when(pl.lit(dead)).then(pl.lit("终止")).otherwise(pl.lit("正常参保")),
        aided=benefit,
        spent_12m_fen=spent,
        self_paid_12m_fen=(spent * share).astype(np.int64) // 100 * 100,
        contact_address=noise.stale(rng, t["address"], t["cast_key"]),
    )
    return showing.take(
        t, rng, "kind", "status", "aided", "spent_12m_fen", "self_paid_12m_fen", "contact_address", "phone"
    )


def health(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(C("illness") > 0)
    t = t.with_columns(
        illness=pl.Series(["", *facts.SERIOUS_ILLNESSES]).gather(t["illness"]),
        diagnosed_on=pl.max_horizontal(C("birth_date"), pl.lit(showing.past(rng, w, t.height, 30, 2500))),
        hospital=pl.Series(["市第一人民医院", "市中医院", "省人民医院", "大学附属医院"]).gather(
            rng.integers(0, 4, t.height)
        ),
    )
    return showing.take(t, rng, "illness", "diagnosed_on", "hospital")


def disability(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    ids = w.persons["id_number"]
    t = w.persons.filter(C("disability_class") > 0)
    kin = pl.select(pl.coalesce(*[pl.when(t[k] >= 0).then(t[k]) for k in ("spouse", "father", "mother")])).to_series()
    guardian = ids.gather(kin.fill_null(0)).zip_with(
        kin.is_not_null() & t["disability_class"].is_in([5, 6]), pl.Series([""] * t.height)
    )
    issued = pl.Series(
        np.maximum(
            (np.datetime64(w.as_of) - rng.integers(30, 3600, t.height)),
            t["birth_date"].to_numpy().astype("datetime64[D]") + 30 * DAY,
        )
    )
    t = t.with_columns(
        certificate=pl.concat_str(
            "id_number", C("disability_class").cast(pl.String), C("disability_grade").cast(pl.String)
        ),
        class_name=pl.Series(facts.CLASS_NAMES).gather(t["disability_class"]),
        grade=C("disability_grade"),
        issued_on=issued,
        valid_until=issued.dt.offset_by("10y"),
        guardian_id_number=guardian,
        status=pl.when("alive").then(pl.lit("有效")).otherwise(pl.lit("注销")),
    )
    return showing.take(
        t,
        rng,
        "certificate",
        "disability_class",
        "class_name",
        "grade",
        "issued_on",
        "valid_until",
        "guardian_id_number",
        "status",
    )


def benefits(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    """低保 of the households that have it, and what disability and age bring by rule. Ended by death."""
    h = w.households
    p = w.persons.select(
        "id_number",
        "name",
        "cast_key",
        "household",
        "hukou",
        "alive",
        "death_date",
        "disability_class",
        "disability_grade",
        "serial",
        "urban",
        "age",
        "birth_date",
    )
    at = p["household"]
    standard = pl.Series(families.standards(w.villages)).gather(p["hukou"])
    poor = h["benefit"].gather(at)
    gap = (standard - h["per_capita_income_fen"].gather(at)).clip(5_000)
    base = p.with_columns(
        household_no=C("household") + 1,
        county=h["benefit_county"].gather(at),
        _since=h["benefit_since"].gather(at),
        _gap=gap,
        _poor=poor,
        _std=standard,
        status=pl.when("alive").then(pl.lit("在发")).otherwise(pl.lit("停发")),
        until=C("death_date"),
    )
    fixed = pl.Series((np.datetime64(w.as_of, "M") - rng.integers(2, 60, p.height)).astype("datetime64[D]"))
    own = base.with_columns(
        county=pl.Series([v.code[:6] + "000000" for v in w.villages]).gather(p["hukou"]), _since=fixed
    )
    heavy = C("disability_grade").is_in([1, 2])
    parts = [
        base.filter(C("_poor") == "低保").with_columns(benefit=C("_poor"), monthly_fen=C("_gap"), since="_since"),
        own.filter((C("disability_class") > 0) & (C("_poor") == "低保")).with_columns(
            benefit=pl.lit("困难残疾人生活补贴"),
            monthly_fen=pl.when(heavy).then(C("_std") * 30 // 100).otherwise(C("_std") * 25 // 100),
            since="_since",
        ),
        own.filter(heavy & (C("serial") % 3 != 0)).with_columns(
            benefit=pl.lit("重度残疾人护理补贴"),
            monthly_fen=pl.when("urban").then(13_000).otherwise(9_000).cast(pl.Int64),
            since="_since",
        ),
        own.filter(C("age") >= 80).with_columns(
            benefit=pl.lit("尊老金"),
            monthly_fen=pl.when(C("age") >= 100)
            .then(30_000)
            .when(C("age") >= 90)
            .then(10_000)
            .otherwise(5_000)
            .cast(pl.Int64),
            since=C("birth_date").dt.offset_by("80y").dt.truncate("1mo"),
        ),
    ]
    keep = [
        "id_number",
        "name",
        "household_no",
        "benefit",
        "county",
        "monthly_fen",
        "since",
        "until",
        "status",
        "cast_key",
    ]
    return noise.seen(pl.concat([part.select(keep) for part in parts]).sort("id_number", maintain_order=True), rng)


def public_payroll(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    official = (C("occupation") == lives.RETIRED) & (C("serial") % 6 == 0) & C("urban") & (C("pension_fen") > 300_000)
    t = w.persons.with_row_index("row").filter(C("alive") & ((C("occupation") == lives.PUBLIC) | official))
    unit, _ = showing.employer(t, work)
    t = t.with_columns(
        unit=unit,
        monthly_fen=C("wage_fen") + C("pension_fen"),
        category=pl.when(C("occupation") != lives.PUBLIC)
        .then(pl.lit("退休"))
        .when(C("serial") % 3 == 0)
        .then(pl.lit("行政"))
        .otherwise(pl.lit("事业")),
    )
    return showing.take(t, rng, "unit", "category", "monthly_fen")


def veterans(w: World, work: Work, rng: np.random.Generator) -> pl.DataFrame:
    t = w.persons.filter(C("alive") & (C("veteran") == 1))
    t = t.with_columns(
        category=pl.when(C("age") > 85)
        .then(pl.lit("在乡复员军人"))
        .when(C("serial") % 9 == 0)
        .then(pl.lit("残疾军人"))
        .when(C("age") > 60)
        .then(pl.lit("60周岁以上农村籍退役士兵"))
        .otherwise(pl.lit("退役军人"))
    )
    t = t.with_columns(
        monthly_fen=C("category").replace_strict(
            {"在乡复员军人": 260_000, "残疾军人": 210_000, "60周岁以上农村籍退役士兵": 72_000, "退役军人": 0},
            return_dtype=pl.Int64,
        )
    )
    return showing.take(t, rng, "category", "monthly_fen")


TABLES = {
    "social_insurance": social_insurance,
    "employment": employment,
    "medical_insurance": medical_insurance,
    "health": health,
    "disability": disability,
    "benefits": benefits,
    "public_payroll": public_payroll,
    "veterans": veterans,
}
