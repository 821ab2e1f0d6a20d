"""Reads the synthetic population (parquet) into each department's own SQLite file.

On the wire: money is yuan with two decimals as text, areas are square metres or mu with two decimals, dates are ISO.
Run as a process of its own (`python -m simulators prepare`), so that the serving one stays small.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulators.departments import DEPARTMENTS, Department
from simulators.store import Row, Store

HUNDREDTHS = {"_fen": "", "_dm2": "_m2", "_mu100": "_mu"}


def stamp_of(data: Path) -> str:
    """What tells one generated population from another; empty when there is none."""
    manifest = data / "manifest.json"
    if not manifest.exists():
        return ""
    content = json.loads(manifest.read_text())
    return json.dumps([content.get(key) for key in ("seed", "people", "as_of", "generator")])


def on_wire(column: str, value: Any) -> tuple[str, Any]:
    for suffix, renamed in HUNDREDTHS.items():
        if column.endswith(suffix):
            if value is None:
                return column.removesuffix(suffix) + renamed, None
            sign, size = ("-" if value < 0 else ""), abs(value)
            return column.removesuffix(suffix) + renamed, f"{sign}{size // 100}.{size % 100:02d}"
    return column, value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


def rows_of(data: Path, department: Department) -> Iterator[Row]:
    import polars as pl

    for table in department.tables:
        path = data / f"{table}.parquet"
        if not path.exists():
            continue
        for batch in pl.read_parquet(path).iter_slices(5000):
            for row in batch.iter_rows(named=True):
                number, name = row.pop("id_number"), row.pop("name")
                yield number, name, {"table": table, **dict(on_wire(*item) for item in row.items())}


def cards_of(data: Path) -> Iterator[tuple[str, str, str, str]]:
    """The accounts that 一卡通 pays into, with the true holder."""
    import polars as pl

    persons = pl.read_parquet(data / "persons.parquet", columns=["bank_account", "name", "id_number"])
    return ((account, name, number, "正常") for account, name, number in persons.iter_rows() if account)


def load(data: Path, state: Path) -> int:
    """Fills the departments whose file is of another population. Returns how many were filled."""
    stamp, filled = stamp_of(data), 0
    if not stamp:
        raise FileNotFoundError(f"no synthetic population in {data}: run `manage.py load_population` first")
    as_of = json.loads((data / "manifest.json").read_text())["as_of"]
    for department in DEPARTMENTS:
        store = Store(state / f"{department.code}.sqlite")
        if store.meta("stamp") != stamp:
            if department.code == "bank":
                store.load_cards(cards_of(data))
            store.load(rows_of(data, department), as_of=as_of, stamp=stamp)
            filled += 1
        store.close()
    return filled
