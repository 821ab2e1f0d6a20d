"""The rows of an uploaded table by its titles."""

from __future__ import annotations

from minzheng.base.errors import Refused
from minzheng.base.identity.sheets import read_table
from minzheng.data.ingest.mapping import TableMapping
from minzheng.data.ingest.targets import Table

MOST_ROWS = 200_000


def read_rows(content: bytes, table: Table, mapping: TableMapping) -> list[tuple[int, dict[str, str]]]:
    """(line, title → text) of every row that is not empty. Refused when a mapped column is missing or named twice."""
    rows = read_table(content, most_rows=MOST_ROWS)
    titles = rows[0] if rows else []
    for theirs in mapping.columns.values():
        if titles.count(theirs) != 1:
            what = "没有" if theirs not in titles else "有两个"
            raise Refused(f"“{table.title}”的文件{what}“{theirs}”这一列。请核对文件和对照表;第一行应是列名。", field=table.code)
    return [(number, dict(zip(titles, row, strict=False))) for number, row in enumerate(rows[1:], 2) if any(row)]
