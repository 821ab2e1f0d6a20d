"""What is shown of a sensitive value by default. An unexpected form shows nothing but stars."""

from __future__ import annotations


def _between(value: str, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]


def mask_id(value: str | None) -> str:
    """320583199001012417 → 3205**********2417."""
    return _between((value or "").strip(), 4, 4)


def mask_phone(value: str | None) -> str:
    """13812346620 → 138****6620; a shorter number keeps its last two digits."""
    text = (value or "").strip()
    return _between(text, 3, 4) if len(text) >= 11 else _between(text, 0, 2)


def mask_account(value: str | None) -> str:
    """6217001210012345678 → ***************5678."""
    return _between((value or "").strip(), 0, 4)


def mask_name(value: str | None) -> str:
    """张小明 → 张**."""
    text = (value or "").strip()
    return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)
