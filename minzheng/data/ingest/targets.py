"""What can be imported: scenes register their targets at start-up; the kernel knows none by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor

Type = Literal["text", "unit", "name", "id_number", "money", "month", "digits", "choice"]
UNIT = "unit"


@dataclass(frozen=True)
class Column:
    """One of our columns. `choices` are our codes of a `choice` column; `length` bounds text."""

    code: str
    title: str
    type: Type = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    length: int = 100


@dataclass(frozen=True)
class Table:
    """Every table has a `unit` column, which holds together what is imported or left out as a whole (a household).
    `person` says that name and id_number of a row mean one person, who must be the registry's. `once`: one row a unit."""

    code: str
    title: str
    columns: tuple[Column, ...]
    person: bool = False
    once: bool = False

    def column(self, code: str) -> Column:
        return next(column for column in self.columns if column.code == code)

    @property
    def money(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.type == "money")


@dataclass(frozen=True)
class Line:
    """A row in our terms. `person` is the registry's id where the table has people, `place` that person's register."""

    table: str
    line: int
    values: Mapping[str, Any]
    person: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Unit:
    """All rows of one unit, by table."""

    number: str
    lines: Mapping[str, Sequence[Line]] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """`judge` tells what is wrong with a whole unit (nothing: it may be imported); `known` says which of these units were
    imported before, with the reason; `load` writes one unit and must be able to run twice."""

    code: str
    title: str
    tables: tuple[Table, ...]
    judge: Callable[[Unit], list[str]]
    known: Callable[[str, Sequence[str]], dict[str, str]]
    load: Callable[[Any, Unit, Actor], None]

    def table(self, code: str) -> Table:
        return next(table for table in self.tables if table.code == code)


_targets: dict[str, Target] = {}


def register_target(target: Target) -> None:
    """ValueError for a second target of that code or a table without its unit column."""
    for table in target.tables:
        if not any(column.code == UNIT and column.type == "unit" for column in table.columns):
            raise ValueError(f"table {table.code} has no unit")
    if _targets.setdefault(target.code, target) is not target:
        raise ValueError(f"target {target.code} is registered twice")


def get_target(code: str) -> Target:
    if code not in _targets:
        raise Refused("没有这种可导入的数据,请联系系统管理员。")
    return _targets[code]
