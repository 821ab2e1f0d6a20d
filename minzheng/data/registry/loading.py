"""Bulk load of a generated population: COPY into private staging, then a checked INSERT … SELECT under each
county's scope.

COPY is refused on guarded tables, so the rows go to temporary tables of the session first; the policies then
check every
row that is inserted. Sensitive values are encrypted before they leave this process. One county is one
transaction with one
audit record; a county that is done is passed over, so an interrupted load is resumed by running it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection

from minzheng.base import audit, clock
from minzheng.base.crypto import blind_index_many, encrypt_many, mask_account, mask_phone, sm3
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.data.population import Manifest
from minzheng.data.registry import sql_load
from minzheng.data.registry.models import Load

PIECE = 50_000  # people encrypted and copied at a time: bounds the memory
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Loaded:
    """`people` were inserted by this run; `skipped` counties were there already."""

    people: int
    counties: int
    skipped: int


def load_key(manifest: Manifest) -> str:
    return f"population:{manifest.generator}:{manifest.seed}:{manifest.people}:{manifest.villages}"


def load(folder: Path, progress: Progress = lambda county, done, total: None) -> Loaded:
    """Loads the population in `folder`, county by county. Refused when another population is there: people
    would be double."""
    manifest = Manifest.read(folder)
    if manifest is None:
        raise Refused("没有找到已生成的人口数据。请先生成。")
    key = load_key(manifest)
    if Load.objects.exclude(key=key).exists():
        raise Refused("库里已经装载了另一份模拟人口。请换一个空库,或使用相同的参数。")
    done = set(Load.objects.filter(key=key).values_list("county", flat=True))
    county = pl.col("hukou_village").str.slice(0, 6) + "000000"
    counts = (
        pl.scan_parquet(folder / "persons.parquet").group_by(county.alias("county")).len().collect().sort("county")
    )
    people = 0
    for place, size in counts.rows():
        if place in done:
            continue
        people += _load_county(folder, manifest, key, place, size, progress)
    return Loaded(people, counts.height - len(done), len(done))


def _load_county(folder: Path, manifest: Manifest, key: str, county: str, size: int, progress: Progress) -> int:
    here = pl.col("hukou_village").str.starts_with(county[:6])
    by = Service("人口批量装载", county)
    with acting(by.scope()), connection.cursor() as cursor:
        cursor.execute(sql_load.STAGING)
        persons = pl.scan_parquet(folder / "persons.parquet").filter(here).collect()
        for start in range(0, persons.height, PIECE):
            _stage_people(cursor, persons.slice(start, PIECE))
            progress(county, min(start + PIECE, persons.height), size)
        ids = persons.select("id_number", "person_no")
        homes = pl.scan_parquet(folder / "households.parquet").filter(here).collect()
        _stage_households(cursor, folder, homes)
        _stage_conflicts(cursor, folder, persons)
        del persons
        _stage_organisations(cursor, folder, county)
        values = {"now": clock.now(), "as_of": manifest.day}
        for statement in sql_load.INSERTS:
            cursor.execute(statement, values)
        cursor.execute(sql_load.CHECKS)
        bad = [name for name, wrong in cursor.fetchall() if wrong]
        if bad:
            raise Refused(f"装载后的检查没有通过({'、'.join(bad)}),{county} 没有写入。")
        Load.objects.create(key=key, county=county, people=ids.height, loaded_at=clock.now())
        root = sm3("".join(t["digest"] for _, t in sorted(manifest.tables.items())).encode())
        audit.record_bulk(
            "registry.load",
            by=by,
            obj_type="registry.load",
            obj_id=key,
            jurisdiction=county,
            total=size,
            failed=0,
            outcome_root=root,
            reason="装载模拟人口",
        )
        cursor.execute(sql_load.DROP)
    return ids.height


def _copy(
    cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[str]
) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)


def _sealed(column: str, values: list[str]) -> list[bytes | None]:
    """Ciphertext for the values that are there, None for the others."""
    filled = [value for value in values if value]
    sealed = iter(encrypt_many(f"registry_person.{column}", filled))
    return [next(sealed) if value else None for value in values]


def _indexed(purpose: str, values: list[str]) -> list[bytes | None]:
    found = iter(blind_index_many(purpose, [value for value in values if value]))
    return [next(found) if value else None for value in values]


_PLAIN = ("person_no", "hukou_village", "name", "name_pinyin", "sex", "ethnicity", "birth_date", "death_date",
          "residence_village", "address", "bank_name", "marital", "disability_class", "disability_grade", "occupation",
          "school_stage")  # fmt: skip
_PLAIN_TYPES = ("int8", "text", "text", "text", "int2", "text", "date", "date", "text", "text", "text", "text", "int2",
                "int2", "text", "text")  # fmt: skip
_SECRET = ("id_number", "id_index", "phone", "phone_digest", "phone_shown", "bank_account", "account_digest",
           "account_shown", "illness")  # fmt: skip
_SECRET_TYPES = ("bytea", "bytea", "bytea", "bytea", "text", "bytea", "bytea", "text", "bytea")


def _stage_people(cursor: Any, piece: pl.DataFrame) -> None:
    ids, phones, accounts = (piece[name].to_list() for name in ("id_number", "phone", "bank_account"))
    secret = (
        _sealed("id_number", ids), _indexed("id_number", ids), _sealed("phone", phones),
        _indexed("registry.phone", phones), [mask_phone(value) for value in phones], _sealed("bank_account", accounts),
        _indexed("registry.bank_account", accounts), [mask_account(value) for value in accounts],
        _sealed("illness", piece["illness"].to_list()),
    )  # fmt: skip
    rows = (
        (*plain, *hidden)
        for plain, hidden in zip(piece.select(_PLAIN).iter_rows(), zip(*secret, strict=True), strict=True)
    )
    _copy(cursor, "stage_person", (*_PLAIN, *_SECRET), rows, (*_PLAIN_TYPES, *_SECRET_TYPES))


def _stage_households(cursor: Any, folder: Path, homes: pl.DataFrame) -> None:
    members = pl.read_parquet(
        folder / "members.parquet", columns=["household_no", "person_no", "relation", "valid_from", "valid_to"]
    )
    members = members.join(homes.select("household_no"), on="household_no", how="semi")
    founded = members.group_by("household_no").agg(founded_on=pl.col("valid_from").min())
    homes = homes.join(founded, on="household_no").select(
        "household_no", "hukou_village", "residence_village", "address", "registration", "founded_on"
    )
    _copy(
        cursor, "stage_household", homes.columns, homes.iter_rows(), ("int8", "text", "text", "text", "text", "date")
    )
    day = dt.timedelta(days=1)
    members = members.with_columns(valid_to=pl.col("valid_to") + day)  # half-open: the day after the death
    members = members.with_columns(
        valid_to=pl.max_horizontal(
            "valid_to", pl.when(pl.col("valid_to").is_not_null()).then(pl.col("valid_from") + day)
        )
    )
    _copy(cursor, "stage_member", members.columns, members.iter_rows(), ("int8", "int8", "text", "date", "date"))


def _stage_conflicts(cursor: Any, folder: Path, persons: pl.DataFrame) -> None:
    """Names that 社保 and 医保 write otherwise than 公安: differences that the registry keeps and shows."""
    for table, department, resource in (
        ("medical_insurance", "医保", "参保信息"),
        ("social_insurance", "人社", "社会保险参保"),
    ):
        seen = pl.read_parquet(folder / f"{table}.parquet", columns=["id_number", "name"]).unique(
            "id_number", keep="first"
        )
        differ = persons.select("id_number", "person_no", truth="name").join(seen, on="id_number")
        differ = differ.filter(pl.col("name") != pl.col("truth")).sort("person_no")
        rows = differ.select("person_no", pl.lit(department), pl.lit(resource).alias("r"), "name").iter_rows()
        _copy(
            cursor,
            "stage_conflict",
            ("person_no", "department", "resource", "value"),
            rows,
            ("int8", "text", "text", "text"),
        )


def _stage_organisations(cursor: Any, folder: Path, county: str) -> None:
    rows = (
        pl.scan_parquet(folder / "organisations.parquet")
        .filter(pl.col("village").str.starts_with(county[:6]))
        .select("credit_code", "name", "kind", "village", "founded_on", "status", "registered_capital_fen")
        .collect()
    )
    _copy(
        cursor,
        "stage_organisation",
        rows.columns,
        rows.iter_rows(),
        ("text", "text", "text", "text", "date", "text", "int8"),
    )
