"""Cells of exported tables."""

from __future__ import annotations

import unicodedata

_FORMULA = "=+-@"


def safe_cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula: control and invisible characters go, a leading sign is quoted."""
    text = "".join(" " if ch in "\t\r\n" else ch for ch in str(value)
                   if ch in "\t\r\n" or unicodedata.category(ch) not in ("Cc", "Cf", "Co", "Cs"))
    head = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if head and head[0] in _FORMULA else text
