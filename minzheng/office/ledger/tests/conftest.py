from __future__ import annotations

import pytest

from minzheng.office.benefits.tests.kit import TODAY, set_day


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which the ledger's tests take place."""
    set_day(monkeypatch, TODAY)
