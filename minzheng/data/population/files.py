"""One call makes the whole synthetic world as parquet files; the same arguments give the same bytes of data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from minzheng.data.population import (
    cast,
    money_tables,
    organisations,
    paper_tables,
    truth_tables,
    welfare_tables,
    world,
)
from minzheng.data.population.places import Village
from minzheng.data.population.stream import stream

GENERATOR = "1"  # raise when the same seed would give other people


@dataclass(frozen=True)
class Manifest:
    """What was written: `tables` maps a table to its rows, columns and the digest of its file."""

    seed: int
    people: int
    households: int
    as_of: str
    generator: str
    villages: str  # digest of the village codes
    tables: dict[str, dict[str, Any]]
    cast: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """None when the folder holds no finished population (the manifest is written last)."""
        try:
            return cls(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.as_of)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def village_digest(villages: Sequence[Village | str]) -> str:
    codes = sorted(v if isinstance(v, str) else v.code for v in villages)
    return hashlib.sha256(",".join(codes).encode()).hexdigest()[:16]


def generate(villages: Sequence[Village | str], people: int, seed: int, out_dir: Path) -> Manifest:
    """Writes every table of SCHEMA.md into `out_dir`. Same arguments, same population. Raises ValueError on an
    empty village list
    or fewer people than the cast."""
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    true = world.build(villages, people, seed)
    work = organisations.build(true, seed)
    tables: dict[str, dict[str, Any]] = {}

    def write(name: str, frame: pl.DataFrame) -> None:
        path = folder / f"{name}.parquet"
        frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=50_000)
        tables[name] = {"rows": frame.height, "columns": frame.columns, "digest": _digest(path)}

    write("organisations", work.frame)
    for name, truth in truth_tables.TABLES.items():
        write(name, truth(true, stream(seed, name)))
    departments: dict[str, Callable[..., pl.DataFrame]] = {
        **paper_tables.TABLES,
        **welfare_tables.TABLES,
        **money_tables.TABLES,
    }
    for name, department in departments.items():
        write(name, department(true, work, stream(seed, name)))
    found = Manifest(
        seed=seed,
        people=true.persons.height,
        households=true.households.height,
        as_of=true.as_of.isoformat(),
        generator=GENERATOR,
        villages=village_digest(villages),
        tables=tables,
        cast={key: person.id_number for key, person in cast.PEOPLE.items()},
    )
    (folder / "manifest.json").write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), encoding="utf-8")
    return found
