"""One SQLite file per department: what it holds about people, by ID number. Amounts are yuan as text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = tuple[str, str, dict[str, Any]]  # ID number, name as this department wrote it, record

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (id_number TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signals (
    id_number TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, key TEXT PRIMARY KEY, happened_on TEXT NOT NULL,
    amount TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cards (
    account TEXT PRIMARY KEY, name TEXT NOT NULL, id_number TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    envelope TEXT PRIMARY KEY, digest TEXT NOT NULL, receipt TEXT NOT NULL, accepted REAL NOT NULL,
    polls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
    envelope TEXT NOT NULL, row INTEGER NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, id_number TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, serial TEXT NOT NULL,
    PRIMARY KEY (envelope, row));
CREATE TABLE IF NOT EXISTS referrals (
    number TEXT PRIMARY KEY, digest TEXT NOT NULL, receipt TEXT NOT NULL, state TEXT NOT NULL, asked INTEGER NOT NULL,
    request TEXT NOT NULL, taken REAL NOT NULL);
"""


class Store:
    """The file of one department. Reads are one indexed look-up; only the bank and those who take referrals write while they serve."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA cache_size=-256")
        self.connection.executescript(SCHEMA)

    def close(self) -> None:
        self.connection.close()

    def load(self, rows: Iterable[Row], *, as_of: str, stamp: str) -> int:
        """Replace what the department holds about people. Batches and payments stay. Returns the number of rows."""
        with Transaction(self.connection):
            self.connection.execute("DROP INDEX IF EXISTS records_by_id")
            self.connection.execute("DELETE FROM records")
            cursor = self.connection.executemany(
                "INSERT INTO records VALUES (?, ?, ?)",
                ((number, name, json.dumps(body, ensure_ascii=False)) for number, name, body in rows),
            )
            self.connection.execute("CREATE INDEX records_by_id ON records (id_number)")
            self.connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (("as_of", as_of), ("stamp", stamp))
            )
        return cursor.rowcount

    def load_cards(self, cards: Iterable[tuple[str, str, str, str]]) -> None:
        """`cards`: account, holder's name, holder's ID number, status (正常, 冻结, 销户)."""
        with Transaction(self.connection):
            self.connection.execute("DELETE FROM cards")
            self.connection.executemany("INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)", cards)

    def meta(self, key: str) -> str:
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def of_person(self, id_number: str) -> tuple[set[str], list[dict[str, Any]]]:
        """The names the department wrote for this ID number, and its records."""
        rows = self.connection.execute(
            "SELECT name, body FROM records WHERE id_number = ? ORDER BY rowid", (id_number,)
        ).fetchall()
        return {name for name, _ in rows}, [json.loads(body) for _, body in rows]

    def every(self, step: int, rest: int) -> list[tuple[int, str, str, str]]:
        """Row number, ID number, name and record of each row whose number leaves the rest."""
        query = "SELECT rowid, id_number, name, body FROM records WHERE rowid % ? = ? ORDER BY rowid"
        return self.connection.execute(query, (step, rest)).fetchall()

    def load_signals(self, rows: Iterable[tuple[str, str, str, str, str, str]]) -> None:
        """`rows`: ID number, name, kind, key, day, amount; told besides what is drawn."""
        with Transaction(self.connection):
            self.connection.executemany("INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?, ?, ?)", rows)

    def signals(self, first: str, last: str) -> list[dict[str, Any]]:
        """What was put down by hand to be told of the days."""
        names = ("id_number", "name", "kind", "key", "happened_on", "amount")
        query = "SELECT id_number, name, kind, key, happened_on, amount FROM signals WHERE happened_on BETWEEN ? AND ?"
        rows = self.connection.execute(query, (first, last)).fetchall()
        return [{"table": "signals", **dict(zip(names, row, strict=True))} for row in rows]

    def card(self, account: str) -> tuple[str, str, str] | None:
        query = "SELECT name, id_number, status FROM cards WHERE account = ?"
        row: tuple[str, str, str] | None = self.connection.execute(query, (account,)).fetchone()
        return row


class Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the block raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self.connection.execute("COMMIT" if kind is None else "ROLLBACK")
