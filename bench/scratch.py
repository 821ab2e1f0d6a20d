"""A database of its own on a server of its own, filled by the calling script itself as the owner."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = "MZ_BENCH"


def building() -> bool:
    """Whether this process was started by `scratch` to make the rows."""
    return os.environ.get(BUILD) == "build"


@contextmanager
def scratch(script: str, size: int) -> Iterator[None]:
    """Starts the server in a temporary folder, runs `script size` as the owner to build, and stops the server after."""
    with tempfile.TemporaryDirectory() as var:
        os.environ["MZ_VAR"] = var
        from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
        from minzheng.base.pg.target import find_target

        target = find_target(Path(var))
        assert target.server is not None
        target.server.start()
        try:
            with target.connect_admin() as admin:
                ensure_roles(admin, load_secrets(Path(var)))
                ensure_database(admin, target.dbname)
            began = time.perf_counter()
            subprocess.run([sys.executable, script, str(size)], env={**os.environ, "MZ_ROLE": "owner", BUILD: "build"}, check=True)
            print(f"built in {time.perf_counter() - began:.0f} s")
            yield
        finally:
            target.server.stop()
