"""The household that the tests of this room follow, and a place for its files."""

from __future__ import annotations

from typing import Any

import pytest

from minzheng.scenes.assistance.tests.conftest import zhang  # noqa: F401 (a fixture)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
