from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Uploaded tables and outcome files are the test's own."""
    settings.VAR_DIR = tmp_path
