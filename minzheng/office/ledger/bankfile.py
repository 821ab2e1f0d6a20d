"""The bank file (see BANK_FILE.md): rendering, and the keyed index by which returned rows are recognised."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from minzheng.base.crypto import blind_index_many
from minzheng.office.benefits.granting import ACCOUNT, HOLDER

TITLES = ("序号", "姓名", "证件号码", "账号", "金额")
ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Row:
    """One line in clear text. `number` counts within its envelope."""

    number: int
    name: str
    id_number: str
    account: str
    fen: int

    def __repr__(self) -> str:
        return f"Row({self.number}, {self.fen})"


def fault_of(row: Row) -> str:
    """Why the row can't stand in a file as it is, or empty. This is what keeps formulas out: nothing is altered."""
    if not HOLDER.fullmatch(row.name):
        return "户名含不能送银行的字符"
    if not ACCOUNT.fullmatch(row.account):
        return "账号格式不正确"
    if not (row.id_number.isascii() and len(row.id_number) == 18 and row.id_number[:17].isdigit()
            and row.id_number[17] in "0123456789X"):
        return "证件号码格式不正确"
    return "" if row.fen > 0 else "金额不正确"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def render(rows: Iterable[Row], encoding: str = "utf-8") -> bytes:
    """The file's bytes. ValueError for a faulty row or an unknown encoding."""
    if encoding not in ENCODINGS:
        raise ValueError(f"unknown encoding {encoding!r}")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(TITLES)
    for row in rows:
        if fault := fault_of(row):
            raise ValueError(f"{fault} ({row.number})")
        writer.writerow((row.number, row.name, row.id_number, row.account, yuan(row.fen)))
    return out.getvalue().encode(encoding)


def row_indexes(envelope: str, rows: Iterable[Row]) -> list[bytes]:
    """32 bytes a row, equal exactly when envelope, number, name, ID number, account and amount are."""
    return blind_index_many("ledger.bank_row", (
        "|".join((envelope, str(row.number), row.name, row.id_number, row.account, str(row.fen))) for row in rows))
