"""The household whose case the tests of the case pages follow, and a file store of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from minzheng.scenes.assistance.tests.conftest import zhang  # noqa: F401


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored files lie in a folder of this test: keys differ from run to run."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
