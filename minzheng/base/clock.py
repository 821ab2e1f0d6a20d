"""The one clock of the platform. Time is Asia/Shanghai; a demonstration may shift it, production may not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _shift_file() -> Path:
    return Path(settings.VAR_DIR) / "demo_clock.json"


def shift() -> dt.timedelta:
    """How far the demonstration clock runs ahead; always zero outside demonstrations."""
    if not settings.DEMO:
        return dt.timedelta()
    try:
        return dt.timedelta(seconds=json.loads(_shift_file().read_text())["seconds"])
    except FileNotFoundError:
        return dt.timedelta()


def set_shift(delta: dt.timedelta) -> None:
    """Moves the demonstration clock. Raises RuntimeError outside demonstrations."""
    if not settings.DEMO:
        raise RuntimeError("the clock can be moved in a demonstration only")
    target = _shift_file()
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps({"seconds": delta.total_seconds()}))
    fresh.replace(target)


def now() -> dt.datetime:
    return dt.datetime.now(SHANGHAI) + shift()


def today() -> dt.date:
    return now().date()
