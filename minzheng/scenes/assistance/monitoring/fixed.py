"""Rows of whole numbers out of PostgreSQL into polars without touching them one by one.

COPY in binary form gives every row the same length when no column is NULL and each has a fixed width, so that a whole
result is one array. NULL is sent as the column type's smallest number and becomes null again here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import polars as pl
from django.db import connection

_TYPES = {"int2": ("i2", "'-32768'::int2", -32768), "int4": ("i4", "'-2147483648'::int4", -2147483648),
          "int8": ("i8", "'-9223372036854775808'::int8", -9223372036854775808)}
_HEADER, _TRAILER = 19, 2
_LAST = (_TRAILER, _HEADER + _TRAILER)  # lengths that no row has: the end, alone or after no rows


def copy_out(columns: Sequence[tuple[str, str, str]], rest: str, params: dict[str, Any]) -> pl.DataFrame:
    """`columns`: name, SQL expression, type (int2, int4, int8). `rest`: FROM … of the query; `params` are bound into it.

    Runs within the scope in force: row policies apply to the query as to any other.
    """
    wanted = ", ".join(f"coalesce(({sql})::{kind}, {_TYPES[kind][1]})" for _, sql, kind in columns)
    fields: list[tuple[str, str]] = [("_fields", ">i2")]
    for name, _, kind in columns:
        fields += [(f"_{name}", ">i4"), (name, ">" + _TYPES[kind][0])]
    layout = np.dtype(fields)
    blocks = bytearray()
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT {wanted} {rest}) TO STDOUT (FORMAT binary)", params) as copy:
            arrived = connection.connection.pgconn.get_copy_data
            while block := copy.read():  # waits; then takes what has come already, which is most of it
                blocks += block
                while len(block) not in _LAST:
                    count, block = arrived(1)
                    if count <= 0:
                        break
                    blocks += block
    body = memoryview(blocks)[_HEADER:len(blocks) - _TRAILER]
    if len(body) % layout.itemsize:
        raise RuntimeError("the rows are not of one length")
    rows = np.frombuffer(body, dtype=layout)
    return pl.DataFrame({name: _native(rows[name], kind) for name, _, kind in columns})


def _native(column: Any, kind: str) -> pl.Series:
    width, _, missing = _TYPES[kind]
    values = np.ascontiguousarray(column.astype(np.dtype(width)))
    series = pl.Series(values)
    gone = values == missing
    return series.set(pl.Series(gone), None) if gone.any() else series


def dates(series: pl.Series) -> pl.Series:
    """Days as PostgreSQL sends them (`day - date '1970-01-01'`) to dates."""
    return cast(pl.Series, series.cast(pl.Int32).cast(pl.Date))
