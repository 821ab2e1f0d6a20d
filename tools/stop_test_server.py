"""Stops the tests' own PostgreSQL, which stays up between runs of pytest so that a single test starts at once."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from minzheng.base.pg.target import find_target  # noqa: E402

if __name__ == "__main__":
    server = find_target(ROOT / "var", for_tests=True).server
    if server is not None:
        server.stop()
