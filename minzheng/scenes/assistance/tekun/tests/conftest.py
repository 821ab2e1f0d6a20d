"""An old woman alone, whose application the tests follow, and a place for its files."""

from __future__ import annotations

from typing import Any

import pytest

from minzheng.scenes.assistance.tests.conftest import Family, make_family


@pytest.fixture(autouse=True)
def own_store(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture
def wu(db: None) -> Family:
    return make_family(("吴阿妹", "19450308", 2, "户主"), number="9")
