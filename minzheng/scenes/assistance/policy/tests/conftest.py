"""Tests without a database read the shipped parameters only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minzheng.data.brain.rules.parameters import Overlay


@pytest.fixture(autouse=True)
def shipped_only_without_a_database(request: pytest.FixtureRequest) -> Iterator[None]:
    if "db" in request.fixturenames:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Overlay, "stamp", staticmethod(lambda: 0))
        patch.setattr(Overlay, "read", staticmethod(dict))
        yield
