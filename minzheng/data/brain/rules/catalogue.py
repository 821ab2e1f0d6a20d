"""Definitions of parameters and their shipped values, read from the YAML files that scenes register."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from minzheng.data.brain.rules import zones

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_LEVELS = {"province": 1, "city": 2, "county": 3}
UNITS = {
    "fen": "元", "fen_per_person_month": "元/人/月", "percent": "%", "times": "倍", "workdays": "个工作日",
    "days": "天", "months": "个月", "standard_months": "个月标准", "persons": "人", "count": "个", "years": "周岁",
    "flag": "", "grade": "级", "permille": "‰", "items": "项",
}


@dataclass(frozen=True)
class Definition:
    """What a parameter means. `follows` says which date chooses its value: the decision's or the benefit month's."""

    id: str
    name: str
    unit: str
    follows: str
    set_by: frozenset[int]
    note: str = ""


@dataclass(frozen=True)
class Dated:
    """One value in one zone from a day to a day, both included; `until` None is open-ended."""

    id: str
    zone: str
    value: int
    since: dt.date
    until: dt.date | None
    document: str
    article: str
    verified: bool
    sample: bool
    version: str
    note: str = ""

    def covers(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)

    @property
    def clause(self) -> str:
        return self.document + self.article


class CatalogueError(ValueError):
    """A shipped file is wrong; the product does not start."""


_definitions: dict[str, Definition] = {}
_shipped: dict[tuple[str, str], list[Dated]] = {}
_groups: dict[str, str] = {}
_turn = 0


def load(path: Path) -> None:
    """Adds one YAML file of definitions and values. Raises CatalogueError on anything doubtful."""
    global _turn
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, title in content.get("groups", {}).items():
        if _groups.setdefault(key, title) != title:
            raise CatalogueError(f"{path.name}: group {key} has two titles")
    for row in content["parameters"]:
        definition = _define(row, path)
        if definition.id in _definitions:
            raise CatalogueError(f"{path.name}: parameter {definition.id} is defined twice")
        values = [_dated(definition.id, value, str(content["version"]), path) for value in row["values"]]
        _definitions[definition.id] = definition
        for value in values:
            _shipped.setdefault((definition.id, value.zone), []).append(value)
    _turn += 1


def turn() -> int:
    """Grows with every loaded file, so that caches know."""
    return _turn


def definition(parameter: str) -> Definition | None:
    return _definitions.get(parameter)


def definitions() -> Iterable[Definition]:
    return _definitions.values()


def group_of(parameter: str) -> str:
    """The first part of a parameter's name; its title stands in the file (`groups`)."""
    return parameter.split(".", 1)[0]


def group_title(key: str) -> str:
    return _groups.get(key, "其他参数")


def shipped() -> dict[tuple[str, str], list[Dated]]:
    return _shipped


def _define(row: dict[str, Any], path: Path) -> Definition:
    if not _ID.fullmatch(row["id"]):
        raise CatalogueError(f"{path.name}: {row['id']} is not a dotted lower-case id")
    if row["unit"] not in UNITS:
        raise CatalogueError(f"{path.name}: {row['id']} has an unknown unit {row['unit']}")
    follows = row.get("follows", "decision")
    if follows not in {"decision", "benefit_month"}:
        raise CatalogueError(f"{path.name}: {row['id']} follows {follows}")
    set_by = frozenset(_LEVELS[level] for level in row.get("set_by", ["province"]))
    return Definition(row["id"], row["name"], row["unit"], follows, set_by, row.get("note", ""))


def _dated(parameter: str, row: dict[str, Any], version: str, path: Path) -> Dated:
    where = f"{path.name}: {parameter} in {row['zone']}"
    source = row.get("source") or {}
    value = Dated(
        parameter, zones.zone(row["zone"]).key, row["value"], row["effective_from"], row["effective_to"],
        source.get("document", ""), source.get("article", ""), row["verified"], row["sample"], version,
        row.get("note", ""),
    )
    if type(value.value) is not int or value.value < 0:
        raise CatalogueError(f"{where}: a value is a whole number, not negative")
    if type(value.since) is not dt.date or (value.until is not None and type(value.until) is not dt.date):
        raise CatalogueError(f"{where}: dates are needed")
    if value.until is not None and value.until < value.since:
        raise CatalogueError(f"{where}: ends before it begins")
    if not value.sample and not (value.verified and value.document):
        raise CatalogueError(f"{where}: a value without a verified source must say sample: true")
    return value
