"""Decision tables by code."""

from __future__ import annotations

from collections.abc import Mapping

from . import registry
from .bpmn import decisions


def decide(table: str, values: Mapping[str, decisions.Value]) -> dict[str, decisions.Value]:
    """Outputs of the one row that fits; Refused when none or several do, or when an input is missing."""
    return decisions.decide(registry.table_of(table), values)
