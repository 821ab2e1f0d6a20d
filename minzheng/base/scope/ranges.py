"""Managed jurisdiction codes (管辖代码): 12 digits as text, five levels, each a half-open range of codes.

Level 1 省 (2 digits significant), 2 市 (4), 3 县 (6), 4 乡镇 (9), 5 村 (12).
"""

from __future__ import annotations

import re

from django.conf import settings

SIGNIFICANT = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
LEVEL_NAMES = {1: "省级", 2: "市级", 3: "县级", 4: "乡镇(街道)", 5: "村(社区)"}
_CODE = re.compile(r"[1-9][0-9]{11}")


def check_code(code: str) -> str:
    """The code itself, or ValueError when it is not twelve digits."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"not a jurisdiction code: {code!r}")
    return code


def level_of(code: str) -> int:
    check_code(code)
    if code[9:] != "000":
        return 5
    if code[6:9] != "000":
        return 4
    if code[4:6] != "00":
        return 3
    return 2 if code[2:4] != "00" else 1


def province() -> str:
    """The province that runs this installation (MZ_PROVINCE)."""
    return str(settings.PROVINCE)


def range_of(code: str) -> tuple[str, str]:
    """The half-open range [low, high) of all codes inside the jurisdiction."""
    digits = SIGNIFICANT[level_of(code)]
    high = str(int(code[:digits]) + 1).ljust(12, "0")
    return code, high


def office_of(code: str, level: int) -> str:
    """The jurisdiction of the given level that `code` lies in. ValueError when `code` itself is higher."""
    if level_of(code) < level:
        raise ValueError(f"{code} is above level {level}")
    return code[:SIGNIFICANT[level]].ljust(12, "0")


def lies_in(code: str, jurisdiction: str) -> bool:
    low, high = range_of(jurisdiction)
    return low <= check_code(code) < high
