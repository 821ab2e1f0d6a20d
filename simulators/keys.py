"""Each department's own key, kept in a file only its owner can read, so that a restart keeps the public key."""

from __future__ import annotations

import os
from pathlib import Path

from simulators.wire import Key


def key_of(folder: Path, department: str, algorithm: str) -> Key:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{department}.key"
    if path.exists():
        key = Key.load(path.read_text())
        if key.algorithm == algorithm:
            return key
    key = Key.new(algorithm)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(key.dump())
    return key
