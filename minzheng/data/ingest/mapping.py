"""A mapping (对照表): which of their columns is which of ours, and what their codes mean. Written in YAML, kept in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from minzheng.base.errors import Refused
from minzheng.data.ingest.targets import UNIT, Target

LONGEST = 50_000
_KEYS = {"columns", "codes", "money"}


@dataclass(frozen=True)
class TableMapping:
    """`columns`: our column → their title. `codes`: our column → their code → ours. `fen`: their amounts are in fen."""

    columns: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    fen: bool = False


def parse_mapping(text: str, target: Target) -> dict[str, TableMapping]:
    """The mapping by table; Refused with what is wrong and where. Every required column of every table must be there."""
    if len(text) > LONGEST:
        raise Refused("对照表太长,请检查是否贴错了内容。", field="body")
    try:
        tree = yaml.load(text, Loader=_Plain)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Refused(f"对照表的格式不对{f'(第 {mark.line + 1} 行)' if mark else ''},请对照示例检查缩进和冒号。",
                      field="body") from error
    if not isinstance(tree, dict) or set(tree) != {table.code for table in target.tables}:
        names = "、".join(f"{table.code}({table.title})" for table in target.tables)
        raise Refused(f"对照表应正好包含这些表:{names}。", field="body")
    return {code: _table(code, part, target) for code, part in tree.items()}


class _Plain(yaml.SafeLoader):
    """Scalars stay text (01 stays 01); aliases, tags and doubled keys are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are refused")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(map(str, keys))) != len(keys):
            raise yaml.YAMLError("a key is given twice")
        return super().construct_mapping(node, deep=deep)


_Plain.yaml_implicit_resolvers = {}


def _table(code: str, part: Any, target: Target) -> TableMapping:
    table = target.table(code)
    if not isinstance(part, dict) or not set(part) <= _KEYS or not isinstance(part.get("columns"), dict):
        raise Refused(f"表“{table.title}”应有 columns,可以有 codes 和 money。", field="body")
    columns, codes, money = part["columns"], part.get("codes") or {}, part.get("money", "yuan")
    ours = {column.code: column for column in table.columns}
    for name, theirs in columns.items():
        if name not in ours:
            raise Refused(f"表“{table.title}”没有“{name}”这一列。可用的列:{'、'.join(ours)}。", field="body")
        if not isinstance(theirs, str) or not theirs.strip():
            raise Refused(f"表“{table.title}”的“{name}”没有写对应的原列名。", field="body")
    missing = [f"{c.code}({c.title})" for c in table.columns if (c.required or c.code == UNIT) and c.code not in columns]
    if missing:
        raise Refused(f"表“{table.title}”还缺这些列的对照:{'、'.join(missing)}。", field="body")
    if money not in ("yuan", "fen"):
        raise Refused(f"表“{table.title}”的 money 应为 yuan(元)或 fen(分)。", field="body")
    for name in ours:
        if ours[name].type == "choice" and name in columns:
            _codes(table.title, name, codes.get(name), ours[name].choices)
    if unknown := set(codes) - {name for name in columns if ours[name].type == "choice"}:
        raise Refused(f"表“{table.title}”的 codes 里有不是代码列的“{'、'.join(sorted(map(str, unknown)))}”。", field="body")
    return TableMapping({k: v.strip() for k, v in columns.items()}, codes, money == "fen")


def _codes(table: str, name: str, given: Any, choices: tuple[str, ...]) -> None:
    if not isinstance(given, dict) or not given:
        raise Refused(f"表“{table}”的代码列“{name}”要在 codes 里写明每个原代码的含义。", field="body")
    for theirs, meaning in given.items():
        if meaning not in choices:
            raise Refused(f"表“{table}”的“{name}”把“{theirs}”对应成“{meaning}”,但只能是:{'、'.join(choices)}。", field="body")
