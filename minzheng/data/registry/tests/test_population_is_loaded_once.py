from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg.errors import FeatureNotSupported

from minzheng.base.errors import Refused
from minzheng.data import registry
from minzheng.data.population import Manifest, cast, generate
from minzheng.data.registry import Household, HouseholdMember, Person
from minzheng.data.registry.loading import load
from minzheng.data.registry.models import AttributeSource, NameGram, Organisation
from minzheng.testing import Cast, acting_as

VILLAGES = ["320583100001", "320583100002", "320583100004"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("population")
    generate(VILLAGES, 1500, 7, where)
    return where


def counts() -> list[int]:
    return [
        model.objects.count()
        for model in (Person, Household, HouseholdMember, NameGram, AttributeSource, Organisation)
    ]


def test_a_load_brings_everyone_with_sources_and_a_second_run_does_nothing(folder: Path, people: Cast) -> None:
    manifest = Manifest.read(folder)
    assert manifest is not None
    loaded = load(folder)
    assert loaded.people == 1500 and loaded.skipped == 0
    with acting_as(people.province) as by:
        before = counts()
        assert before[0] == 1500 and before[1] == manifest.households
        man = registry.find_person(by, cast.person("zhang_jianguo").id_number)
        assert man.name == "张建国" and man.phone and man.bank_account
        home = registry.household_of(man)
        assert home is not None
        assert [m.relation for m in registry.members_of(home)] == ["户主", "妻", "女"]
        assert {row.attribute for row in registry.sources_of(man)} >= {
            "name",
            "phone",
            "bank_account",
            "jurisdiction",
        }
        assert [found.id for found in registry.search(by, "张建国 里厍")] == [man.pk]
        assert registry.search(by, "alei") == [] and registry.search(by, "阿依古丽买买提")
    with acting_as(people.county) as by:
        assert registry.do_update_person(
            man.pk, {"phone": man.phone}, registry.Source("医保", "参保信息", manifest.day), by=by
        ) == {"phone": "agrees"}
    again = load(folder)
    assert (again.people, again.skipped) == (0, loaded.counties)
    with acting_as(people.province):
        assert counts()[:4] == before[:4]


def test_the_neighbours_of_the_cast_stay_apart_and_differences_are_kept(folder: Path, people: Cast) -> None:
    load(folder)
    truth = pl.read_parquet(folder / "persons.parquet")
    with acting_as(people.county) as by:
        assert Person.objects.count() == truth.filter(pl.col("hukou_village").str.starts_with("320583")).height
        assert registry.find_elsewhere(by, cast.person("ma_xiuzhen").id_number) is not None
        conflicts = AttributeSource.objects.filter(state="conflict")
        assert conflicts.exists() and all(row.department in ("医保", "人社") for row in conflicts)
    with acting_as(people.neighbour):
        assert Person.objects.count() == 0


def test_another_population_is_refused_and_nothing_changes(folder: Path, people: Cast, tmp_path: Path) -> None:
    load(folder)
    generate(VILLAGES, 200, 8, tmp_path)
    with pytest.raises(Refused):
        load(tmp_path)
    with acting_as(people.province):
        assert Person.objects.count() == 1500


def test_a_county_that_fails_a_check_leaves_nothing(people: Cast, tmp_path: Path) -> None:
    generate(["320583100001", "320583100999"], 400, 9, tmp_path)  # the second is no division
    with pytest.raises(Refused), transaction.atomic():
        load(tmp_path)
    with acting_as(people.province):
        assert counts() == [0] * 6


def test_copy_straight_into_a_guarded_table_is_refused(people: Cast) -> None:
    with acting_as(people.service), pytest.raises(FeatureNotSupported), transaction.atomic():
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY registry_namegram (gram, jurisdiction, person_id) FROM STDIN") as copy,
        ):
            copy.write_row(("张建", "320583100001", 1))


def test_the_command_generates_and_loads(people: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        call_command("load_population", people=300, seed=3, county="320583100", folder=tmp_path)
    assert "已装载 300 人" in (out := capsys.readouterr().out) and "已装载 0 人" in out
    with pytest.raises(CommandError):
        call_command("load_population", people=300, seed=3, county="999999", folder=tmp_path)
