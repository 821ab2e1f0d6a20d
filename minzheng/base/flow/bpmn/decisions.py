"""Decision tables in DMN files, as dmn-js draws them. Unique hit only; a case that no row or two rows fit is refused.

A cell is a unary test: `-`, a value, `< 1000`, `[1..5]`, or several with commas. The input's name never stands in it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minzheng.base.errors import Refused

from .definition import BadDefinition, tree_of

Value = str | int | bool
_COMPARISON = re.compile(r"^(<=|>=|<|>)\s*(-?\d+)$")
_RANGE = re.compile(r"^([\[\]()])\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*([\[\]()])$")
_PART = re.compile(r'"[^"]*"|[^,"]+')


@dataclass(frozen=True)
class Table:
    code: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Value, ...]], ...]


def _text(node: Any) -> str:
    child = node.find("{*}text")
    return (child.text or "").strip() if child is not None else ""


def literal(text: str) -> Value:
    """A value: "text", a whole number, true or false. Raises BadDefinition for anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, str | int):
        return value
    raise BadDefinition(f"“{text}”不是值:文字要加英文双引号,数为整数,真假写 true 或 false")


def parts(cell: str) -> list[str]:
    """The alternatives of a cell; empty when any value fits."""
    if cell in ("", "-"):
        return []
    found = [p.strip() for p in _PART.findall(cell)]
    return [p for p in found if p]


def fits(cell: str, value: Value) -> bool:
    """Whether the value passes the cell. Raises BadDefinition when the cell is no unary test."""
    alternatives = parts(cell)
    return not alternatives or any(_fits_one(part, value) for part in alternatives)


def _fits_one(part: str, value: Value) -> bool:
    number = isinstance(value, int) and not isinstance(value, bool)
    if match := _COMPARISON.match(part):
        bound = int(match[2])
        return number and {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[match[1]]  # type: ignore[operator]
    if match := _RANGE.match(part):
        low, high = int(match[2]), int(match[3])
        above = value >= low if match[1] == "[" else value > low  # type: ignore[operator]
        below = value <= high if match[4] == "]" else value < high  # type: ignore[operator]
        return number and above and below
    wanted = literal(part)
    return type(wanted) is type(value) and wanted == value


def read(path: Path) -> list[Table]:
    """All tables of a DMN file, each checked; raises BadDefinition."""
    tables = []
    for decision in tree_of(path.read_bytes()).iter("{*}decision"):
        node = decision.find("{*}decisionTable")
        code = decision.get("id") or ""
        if node is None or node.get("hitPolicy", "UNIQUE") != "UNIQUE":
            raise BadDefinition(f"决策表 {code}:应当是命中规则为 UNIQUE 的表。")
        inputs = tuple(_text(i.find("{*}inputExpression")) for i in node.findall("{*}input"))
        outputs = tuple(o.get("name") or "" for o in node.findall("{*}output"))
        rows = tuple(
            (
                tuple(_text(c) for c in rule.findall("{*}inputEntry")),
                tuple(literal(_text(c)) for c in rule.findall("{*}outputEntry")),
            )
            for rule in node.findall("{*}rule")
        )
        table = Table(code, decision.get("name") or "", inputs, outputs, rows)
        check(table)
        tables.append(table)
    return tables


def check(table: Table) -> None:
    """Raises BadDefinition when a column is unnamed, a cell is no unary test, or a cell can never fit."""
    where = f"决策表 {table.code}"
    if not table.code or not table.inputs or not table.outputs or not all((*table.inputs, *table.outputs)):
        raise BadDefinition(f"{where}:编号、输入列和输出列都要有名字。")
    for number, (cells, outputs) in enumerate(table.rows, 1):
        if len(cells) != len(table.inputs) or len(outputs) != len(table.outputs):
            raise BadDefinition(f"{where}第 {number} 行:列数不对。")
        for name, cell in zip(table.inputs, cells, strict=True):
            if re.search(rf"\b{re.escape(name)}\b", re.sub(r'"[^"]*"', "", cell)):
                raise BadDefinition(f"{where}第 {number} 行:格子里不要写“{name}”,应写成“< 1000”这样,否则永远不会命中。")
            try:
                possible = not parts(cell) or any(_possible(part) for part in parts(cell))
            except BadDefinition as error:
                raise BadDefinition(f"{where}第 {number} 行:{error}。") from error
            if not possible:
                raise BadDefinition(f"{where}第 {number} 行:“{cell}”永远不会命中。")


def _possible(part: str) -> bool:
    if match := _COMPARISON.match(part):
        return True
    if match := _RANGE.match(part):
        return any(_fits_one(part, n) for n in (int(match[2]), int(match[2]) + 1))
    literal(part)
    return True


def decide(table: Table, values: Mapping[str, Value]) -> dict[str, Value]:
    """The one row that fits. Refused when an input is missing, or when none or several rows fit."""
    missing = [name for name in table.inputs if name not in values]
    if missing:
        raise Refused(f"“{table.name}”缺少数据:{'、'.join(missing)},请补充后再试。")
    hits = [
        outputs
        for cells, outputs in table.rows
        if all(fits(cell, values[name]) for name, cell in zip(table.inputs, cells, strict=True))
    ]
    if len(hits) != 1:
        count = "没有" if not hits else f"有 {len(hits)} 行"
        raise Refused(f"“{table.name}”{count}适用的规定,不能自动判断,请人工办理并报管理员核对规则。")
    return dict(zip(table.outputs, hits[0], strict=True))
