"""Where a material can be read instead of being asked for (免提交). Scenes and the registry register look-ups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from minzheng.office.cases.models import Case


@dataclass(frozen=True)
class Found:
    """What a look-up found: a registry reference (公安人口库 户籍信息) or a stored file, and the day of the data."""

    reference: str
    as_of: dt.date | None = None
    file: int | None = None
    obtained: str = "registry"


LookUp = Callable[[Case], Found | None]
_sources: dict[tuple[str, str], LookUp] = {}


def register_source(matter: str, code: str, look_up: LookUp) -> None:
    """Says how the material `code` of a matter is read from the registry. It runs in the acting scope and makes no HTTP call."""
    if _sources.setdefault((matter, code), look_up) is not look_up:
        raise ValueError(f"material {code} of {matter} has two sources")


def look_up(code: str, case: Case) -> Found | None:
    source = _sources.get((case.matter, code))
    return source(case) if source else None
