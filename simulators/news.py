"""What a department tells of a day in bulk: who lost a job, paid a hospital bill, registered a car, was certified disabled,
left school or fell gravely ill. Drawn from what it holds, the same whenever the same day is asked for."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from simulators.store import Store

# Department: the signal that it tells of, and the table whose people it happens to.
TELLS = {"social_security": ("unemployed", "employment"), "medical": ("hospital", "medical_insurance"),
         "vehicles": ("vehicle", "vehicles"), "disability": ("disability", "disability"), "education": ("left_school", "education"),
         "health": ("illness", "health")}  # fmt: skip
ONE_IN = 499  # rows of a table that are told of on one day
PAGE = 2000
LONGEST = 31  # days of one question
_SCHOOL = ("小学", "初中", "高中")


def tell(store: Store, code: str, first: dt.date, last: dt.date, after: str, *, lively: bool) -> tuple[list[dict[str, Any]], str]:
    """The signals of the days in the order of their keys, beyond the key `after`; and the key to go on after, or empty.
    `lively`: also what is drawn from the department's people."""
    found = store.signals(first.isoformat(), last.isoformat())
    if lively:
        day = first
        while day <= last:
            found += _drawn(store, code, day)
            day += dt.timedelta(days=1)
    rows = sorted((row for row in found if row["key"] > after), key=lambda row: str(row["key"]))
    return rows[:PAGE], rows[PAGE - 1]["key"] if len(rows) > PAGE else ""


def _drawn(store: Store, code: str, day: dt.date) -> list[dict[str, Any]]:
    kind, table = TELLS[code]
    drawn = []
    for number, id_number, name, body in store.every(ONE_IN, day.toordinal() * 31 % ONE_IN):
        record = json.loads(body)
        if record["table"] == table and _fits(kind, record):
            drawn.append({"table": "signals", "id_number": id_number, "name": name, "kind": kind,
                          "key": f"{day:%Y%m%d}-{number:08d}", "happened_on": day.isoformat(),
                          "amount": _amount(kind, record, number, day)})  # fmt: skip
    return drawn


def _fits(kind: str, record: dict[str, Any]) -> bool:
    if kind == "unemployed":
        return bool(record.get("state") == "单位就业")
    return record.get("stage") in _SCHOOL if kind == "left_school" else True


def _amount(kind: str, record: dict[str, Any], number: int, day: dt.date) -> str:
    """Yuan as text, or the grade of a disability."""
    if kind == "disability":
        return str(record.get("grade") or 4)
    if kind == "vehicle":
        return str(record.get("value") or "80000.00")
    return f"{12_000 + (number * 7919 + day.toordinal() * 31) % 60_000}.00" if kind == "hospital" else "0.00"
