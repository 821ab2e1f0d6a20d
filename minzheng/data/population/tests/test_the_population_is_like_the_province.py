from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from minzheng.data.population import Manifest, cast, facts, generate, noise, village
from minzheng.data.population.identifiers import Exhausted, id_stems

VILLAGES = [village(f"3205831000{n:02d}", f"第{n}社区居委会" if n % 3 else f"第{n}村村委会") for n in range(1, 31)]
PEOPLE = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("population")
    generate(VILLAGES, PEOPLE, 5, where)
    return where


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def persons(folder: Path) -> pl.DataFrame:
    return read(folder, "persons").with_columns(age=(facts.AS_OF - pl.col("birth_date")).dt.total_days() / 365.2425)


def test_age_sex_and_size_are_calibrated(persons: pl.DataFrame, folder: Path) -> None:
    age = persons["age"]
    for low, high, target in (
        (0, 15, facts.AGE_0_14),
        (15, 65, facts.AGE_15_64),
        (65, 200, facts.AGE_65_PLUS),
        (60, 200, facts.AGE_60_PLUS),
        (80, 200, facts.AGE_80_PLUS),
    ):
        assert ((age >= low) & (age < high)).mean() == pytest.approx(target, abs=0.02)
    assert (persons["sex"] == 1).mean() == pytest.approx(facts.MALE, abs=0.012)
    assert PEOPLE / read(folder, "households").height == pytest.approx(facts.HOUSEHOLD_SIZE, abs=0.06)
    assert age.max() < 107


def test_births_deaths_disability_and_benefit_follow_their_rates(persons: pl.DataFrame, folder: Path) -> None:
    dead = persons["death_date"].is_not_null().mean()
    assert dead == pytest.approx(facts.DEATH_RATE, rel=0.05)
    assert (persons["age"] < 1).mean() == pytest.approx(facts.BIRTH_RATE, abs=0.0015)
    assert (persons["disability_class"] > 0).mean() == pytest.approx(facts.DISABLED_RATE, abs=0.003)
    homes = read(folder, "households")
    assert homes.filter(pl.col("benefit") == "低保")["size"].sum() / PEOPLE == pytest.approx(
        facts.BENEFIT_RATE, abs=0.0015
    )
    rural = homes.filter(pl.col("registration") == "城镇")["size"].sum() / PEOPLE
    assert rural == pytest.approx(facts.URBAN, abs=0.03)
    assert (persons["ethnicity"] != "汉族").mean() == pytest.approx(facts.MINORITY_RATE, abs=0.003)


def test_numbers_are_unique_valid_and_of_nobody(persons: pl.DataFrame, folder: Path) -> None:
    from minzheng.base.id_numbers import check_id_number

    for column in ("id_number", "phone", "bank_account"):
        filled = persons.filter(pl.col(column) != "")[column]
        assert filled.n_unique() == len(filled)
    for number, born, sex in persons.select("id_number", "birth_date", "sex").head(2000).rows():
        found = check_id_number(number)
        assert (found.birth_date, found.sex, number[:6]) == (born, sex, "329900")
    assert persons.filter(pl.col("phone") != "")["phone"].str.starts_with("160").all()
    assert persons.filter(pl.col("bank_account") != "")["bank_account"].str.starts_with("990").all()
    codes = read(folder, "organisations")["credit_code"]
    assert codes.n_unique() == len(codes) and (codes.str.slice(2, 6) == "329900").all()


def test_credit_codes_and_cards_have_valid_check_digits(folder: Path) -> None:
    from stdnum import luhn
    from stdnum.cn import uscc

    assert all(uscc.is_valid(code) for code in read(folder, "organisations")["credit_code"].head(300))
    assert all(luhn.is_valid(number) for number in read(folder, "banks")["account"].head(300))


def test_kin_have_plausible_ages_and_surnames(persons: pl.DataFrame, folder: Path) -> None:
    by_home = persons.select("household_no", "relation", "age", "sex", surname=pl.col("name").str.slice(0, 1))
    child = by_home.filter(pl.col("relation").is_in(["子", "女"]))
    head = by_home.filter(pl.col("relation") == "户主")
    gap = child.join(head, on="household_no", suffix="_head").select(pl.col("age_head") - pl.col("age")).to_series()
    assert gap.min() > 16 and gap.max() < 60
    parent = by_home.filter(pl.col("relation").is_in(["父亲", "母亲"]))
    gap = parent.join(head, on="household_no", suffix="_head").select(pl.col("age") - pl.col("age_head")).to_series()
    assert gap.min() > 17 and gap.max() < 55
    spouse = by_home.filter(pl.col("relation").is_in(["夫", "妻"])).join(head, on="household_no", suffix="_head")
    assert (spouse["sex"] != spouse["sex_head"]).all() and spouse["age"].min() > 19.9
    of_men = child.join(head.filter(pl.col("sex") == 1), on="household_no", suffix="_head")
    assert (of_men["surname"] == of_men["surname_head"]).mean() > 0.93
    ids = persons.select("id_number", "age")
    kin = (
        read(folder, "kin")
        .filter(pl.col("relation") == "子女")
        .join(ids, on="id_number")
        .join(ids, left_on="kin_id_number", right_on="id_number", suffix="_kin")
    )
    gap = kin.select(pl.col("age") - pl.col("age_kin")).to_series()
    assert kin.height > 500 and gap.min() > 14 and gap.max() < 48


def test_everyone_is_in_one_household_that_has_one_living_head(persons: pl.DataFrame, folder: Path) -> None:
    members, homes = read(folder, "members"), read(folder, "households")
    assert members["person_no"].n_unique() == members.height == PEOPLE
    heads = members.filter(pl.col("relation") == "户主").group_by("household_no").len()
    assert heads.height == homes.height and heads["len"].max() == 1
    living = (
        members.filter(pl.col("valid_to").is_null())
        .group_by("household_no")
        .agg(ok=(pl.col("relation") == "户主").any())
    )
    assert living["ok"].all()
    assert (members["valid_to"].is_null() | (members["valid_to"] >= members["valid_from"])).all()


def test_the_same_seed_gives_the_same_people_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    first = Manifest.read(folder)
    assert first is not None
    again = generate(VILLAGES, PEOPLE, 5, tmp_path / "again")
    assert again.tables == first.tables
    for name in ("persons", "banks", "police"):
        assert read(folder, name).equals(read(tmp_path / "again", name))
    other = generate(VILLAGES, 1000, 6, tmp_path / "other")
    assert other.cast == first.cast
    assert set(read(tmp_path / "other", "persons")["name"]) != set(read(folder, "persons")["name"].head(1000))


def test_the_schema_file_lists_every_table_and_column(folder: Path) -> None:
    text = (Path(cast.__file__).parent / "SCHEMA.md").read_text(encoding="utf-8")
    manifest = Manifest.read(folder)
    assert manifest is not None and len(manifest.tables) == 31
    for name, table in manifest.tables.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        missing = [column for column in table["columns"] if column not in line]
        assert not missing, (name, missing)


def test_departments_err_at_the_documented_rates_and_never_about_the_cast(
    persons: pl.DataFrame, folder: Path
) -> None:
    medical = read(folder, "medical_insurance").join(persons.select("id_number", truth="name"), on="id_number")
    assert 1 - medical.height / PEOPLE == pytest.approx(noise.MISSING, abs=0.003)
    assert (medical["name"] != medical["truth"]).mean() == pytest.approx(noise.NAME_VARIANT, abs=0.003)
    assert read(folder, "police").join(persons, on=["id_number", "name"]).height == read(folder, "police").height
    banks = read(folder, "banks")
    typos = 1 - banks["id_number"].is_in(persons["id_number"].implode()).mean()
    assert 0 < typos < 0.002
    mine = set(Manifest.read(folder).cast.values())  # type: ignore[union-attr]
    cast_rows = medical.filter(pl.col("id_number").is_in(list(mine)))
    assert cast_rows.height == len(mine)
    assert set(cast_rows.filter(pl.col("name") != pl.col("truth"))["name"]) == {"阿依古丽.买买提"}


def test_the_cast_tells_its_stories(folder: Path) -> None:
    def rows(table: str, key: str) -> pl.DataFrame:
        return read(folder, table).filter(pl.col("id_number") == cast.person(key).id_number)

    homes = {row["cast_key"]: row for row in read(folder, "households").filter(pl.col("cast_key") != "").to_dicts()}
    assert (homes["zhang"]["size"], homes["zhang"]["per_capita_income_fen"]) == (3, 60_000)
    assert 110_000 < homes["sun"]["per_capita_income_fen"] < 165_000
    assert (
        rows("vehicles", "wang_haitao")["status"].to_list() == ["正常"]
        and rows("vehicles", "zhang_jianguo").is_empty()
    )
    assert rows("banks", "chen_guilan")["balance_fen"].sum() == 26_000_000
    assert rows("benefits", "zhou_sufen").select("benefit", "county").rows() == [("低保", "320585000000")]
    assert rows("disability", "sun_minghui").select("class_name", "grade").rows() == [("肢体", 1)]
    assert rows("market", "he_wenbin")["position"].to_list() == ["法定代表人"]
    assert rows("prison", "zheng_xiaolong")["status"].to_list() == ["在押"]
    assert rows("health", "huang_meiling")["illness"].to_list() == ["终末期肾病"]
    assert rows("public_payroll", "shen_lihua").height == 1
    assert rows("police", "xu_jianjun")["status"].to_list() == ["死亡注销"]
    assert rows("social_insurance", "xu_jianjun")["status"].to_list() == ["正常"]
    assert rows("persons", "qian_fugen")["death_date"].to_list() == [None]
    home = rows("persons", "liu_zhiqiang")["household_no"][0]
    assert home != rows("persons", "zhao_min")["household_no"][0]
    assert rows("persons", "ma_xiuzhen")["hukou_village"].to_list() == [cast.TAICANG]


def test_impossible_requests_are_refused(tmp_path: Path) -> None:
    import numpy as np

    for villages, people in (([], 1000), (VILLAGES, 10), (["3205"], 1000)):
        with pytest.raises(ValueError):
            generate(villages, people, 1, tmp_path / "none")
    assert Manifest.read(tmp_path / "none") is None
    day = np.full(2000, 19700101)
    with pytest.raises(Exhausted):
        id_stems(day, np.ones(2000, dtype=bool), np.arange(2000))


def test_nobody_is_born_or_dies_after_the_photograph(persons: pl.DataFrame) -> None:
    assert persons["birth_date"].max() <= facts.AS_OF
    died = persons.filter(pl.col("death_date").is_not_null())
    assert died["death_date"].max() <= facts.AS_OF and died["death_date"].min() > facts.AS_OF - dt.timedelta(days=366)
    assert (died["death_date"] >= died["birth_date"]).all()
