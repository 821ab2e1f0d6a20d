"""Zones of parameters: where a value holds. Keys look like `z320500`; a child inherits from its parent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from minzheng.data.brain.rules.refusal import RuleCannotEvaluate

_KEY = re.compile(r"z\d{6}")
NATION = "z000000"


@dataclass(frozen=True)
class Zone:
    key: str
    name: str
    parent: str | None

    @property
    def number(self) -> int:
        """The code as an integer, which is what a vector of households carries."""
        return int(self.key[1:])

    @property
    def jurisdiction(self) -> str:
        """The 12-digit code of the office that sets values here; the nation's are entered by the province."""
        key = self.key if self.key != NATION else next(z.key for z in tree().values() if z.parent == NATION)
        return key[1:] + "000000"

    @property
    def level(self) -> int:
        """0 nation, 1 province, 2 city, 3 county."""
        if self.key == NATION:
            return 0
        return 1 if self.key.endswith("0000") else 2 if self.key.endswith("00") else 3


@cache
def tree() -> dict[str, Zone]:
    rows = yaml.safe_load((Path(__file__).parent / "zones.yaml").read_text(encoding="utf-8"))["zones"]
    found = {row["zone"]: Zone(row["zone"], row["name"], row["parent"]) for row in rows}
    for zone in found.values():
        if not _KEY.fullmatch(zone.key) or (zone.parent is not None and zone.parent not in found):
            raise ValueError(f"zones.yaml: {zone.key} is malformed or has no parent")
    return found


def zone(key: str) -> Zone:
    """The zone with this key. Refuses an unknown one, and anything that is not z and six digits."""
    found = tree().get(key)
    if found is None:
        raise RuleCannotEvaluate(f"规则参数中没有地区“{key}”,请核对地区编码或先登记该地区。")
    return found


def by_number(number: int) -> Zone:
    """The zone with this number. Refuses an unknown one."""
    return zone(f"z{number:06d}")


def numbers(keys: list[str | None]) -> list[int]:
    """Numbers of several keys; an unknown key becomes 999999, which no zone has, so that its rows are refused."""
    return [tree()[key].number if key in tree() else 999_999 for key in keys]


def zone_of(jurisdiction: str) -> str:
    """The deepest zone that covers a 12-digit jurisdiction: its county, else its city (functional zones).

    Refuses a code of another province or of the wrong length.
    """
    if not re.fullmatch(r"\d{12}", jurisdiction):
        raise RuleCannotEvaluate(f"“{jurisdiction}”不是 12 位管辖编码,无法确定适用的规则参数。")
    county, city, province = (jurisdiction[:digits].ljust(6, "0") for digits in (6, 4, 2))
    for code in (county, city, *([province] if jurisdiction == province + "000000" else [])):
        if "z" + code in tree():
            return "z" + code
    raise RuleCannotEvaluate(f"管辖编码 {jurisdiction} 不在规则参数覆盖的地区内。")


def lineage(key: str) -> list[str]:
    """The zone and its ancestors, nearest first."""
    chain = [zone(key)]
    while chain[-1].parent is not None:
        chain.append(zone(chain[-1].parent))
    return [link.key for link in chain]
