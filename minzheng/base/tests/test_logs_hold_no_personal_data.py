from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from minzheng.base import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A logger that writes as the services do."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    logs.configure()
    out = io.StringIO()
    root.handlers[0].setStream(out)  # type: ignore[attr-defined]
    yield out
    root.handlers = before
    root.setLevel(level)


def test_an_exception_leaves_its_kind_and_place_but_none_of_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("Failing row contains (张建国, 329900197003129015)")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /desk/")
    text = lines.getvalue()
    entry = json.loads(text)
    assert entry["error"] == "ValueError" and entry["where"][-1].endswith("none_of_its_words")
    assert "张建国" not in text and "3299" not in text


def test_every_line_is_one_json_object_with_level_and_time(lines: io.StringIO) -> None:
    logging.getLogger("minzheng").warning("慢")
    entry = json.loads(lines.getvalue())
    assert {"event", "level", "logger", "timestamp"} <= entry.keys()
