"""What upper layers contribute at start-up: processes, handlers, messages they send, parameters, supervising roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor

from .bpmn.decisions import Table
from .bpmn.decisions import read as read_tables
from .bpmn.definition import BadDefinition, Definition, Limit, read


@dataclass(frozen=True)
class Call:
    """What a handler learns. It runs inside the step's transaction: no HTTP here; defer a job for that."""

    subject: str
    jurisdiction: str
    element: str
    variables: Mapping[str, Any]
    by: Actor
    now: dt.datetime


Handler = Callable[[Call], Mapping[str, Any] | None]

_processes: dict[tuple[str, int], tuple[Definition, str]] = {}
_problems: dict[str, str] = {}
_handlers: dict[str, Handler] = {}
_messages: set[str] = set()
_tables: dict[str, Table] = {}
_supervisors: dict[int, str] = {}


def _no_parameters(parameter: str, jurisdiction: str, on: dt.date) -> int:
    raise LookupError(parameter)


_value: Callable[[str, str, dt.date], int] = _no_parameters
_exists: Callable[[str], bool] = lambda parameter: False  # noqa: E731


def register_process(path: Path, *, scene: str = "") -> None:
    """Offer `<code>.v<version>.bpmn`. A file that cannot be read is reported by the start-up checks."""
    try:
        definition = read(path)
    except BadDefinition as error:
        _problems[path.name] = str(error)
        return
    key = (definition.code, definition.version)
    if key in _processes and _processes[key][0].sha != definition.sha:
        raise ValueError(f"process {definition.label} is registered twice")
    _processes[key] = (definition, scene)


def register_tables(path: Path) -> None:
    """Offer the decision tables of a DMN file."""
    try:
        for table in read_tables(path):
            if _tables.setdefault(table.code, table) != table:
                raise ValueError(f"decision table {table.code} is registered twice")
    except BadDefinition as error:
        _problems[path.name] = str(error)


def handler(name: str) -> Callable[[Handler], Handler]:
    """Decorator: the function that a service task with `mz:handler=name` calls."""

    def keep(function: Handler) -> Handler:
        if _handlers.setdefault(name, function) is not function:
            raise ValueError(f"handler {name} is registered twice")
        return function

    return keep


def sends(*messages: str) -> None:
    """Declare messages that the caller's room will `signal`; a process may only wait for these."""
    _messages.update(messages)


def register_supervisor(level: int, role: str) -> None:
    """The role that an overdue task of the level below is reported to (督办)."""
    if _supervisors.setdefault(level, role) != role:
        raise ValueError(f"level {level} has two supervising roles")


def use_parameters(value: Callable[[str, str, dt.date], int], exists: Callable[[str], bool]) -> None:
    """Where limits given by a parameter id come from: value(id, jurisdiction, on); LookupError when there is none."""
    global _value, _exists
    _value, _exists = value, exists


def has_parameter(parameter: str) -> bool:
    return _exists(parameter)


def amount_of(limit: Limit, jurisdiction: str, on: dt.date) -> int:
    """The limit as a number on the day. Refused when its parameter has no value there and then."""
    if limit.amount is not None:
        return limit.amount
    try:
        return _value(limit.parameter, jurisdiction, on)
    except LookupError as error:
        raise Refused(f"时限参数 {limit.parameter} 在 {on:%Y-%m-%d} 没有值,请数据管理员补录后再办。") from error


def definitions() -> list[Definition]:
    return [definition for definition, _ in _processes.values()]


def definition_of(code: str, version: int | None = None) -> Definition:
    """A registered definition, by default its newest version; LookupError when there is none."""
    versions = [v for c, v in _processes if c == code and version in (None, v)]
    if not versions:
        raise LookupError(f"{code} v{version}")
    return _processes[code, max(versions)][0]


def scene_of(definition: Definition) -> str:
    return _processes[definition.code, definition.version][1]


def handler_of(name: str) -> Handler:
    return _handlers[name]


def handlers() -> frozenset[str]:
    return frozenset(_handlers)


def messages() -> frozenset[str]:
    return frozenset(_messages)


def table_of(code: str) -> Table:
    """A decision table, or LookupError."""
    return _tables[code]


def supervisor_of(level: int) -> str:
    """Role at the level, or empty when nobody supervises there."""
    return _supervisors.get(level, "")


def problems() -> dict[str, str]:
    """Files that could not be read, with the reason."""
    return dict(_problems)
