"""Formulas are never edited in place: each version's source digest is recorded, and a start-up check compares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import yaml

from minzheng.data.brain.rules.scheme import Scheme, schemes


def digest(scheme: Scheme) -> str:
    """SHA-256 of the formula module's text, whatever its line endings."""
    return hashlib.sha256(scheme.formulas.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def trouble(scheme: Scheme) -> str | None:
    """Why the scheme's formulas and their seal disagree, or None."""
    entries = yaml.safe_load(scheme.seal.read_text(encoding="utf-8"))["formulas"]
    found = [row["sha256"] for row in entries if row["scheme"] == scheme.code and str(row["version"]) == scheme.version]
    where = f"{scheme.code} {scheme.version} in {scheme.seal.name}"
    if len(found) != 1:
        return f"{where} has {len(found)} entries, needs one with sha256 {digest(scheme)}"
    if found[0] != digest(scheme):
        return f"{where}: the formulas have changed; give them a new version, sha256 {digest(scheme)}"
    return None


def troubles() -> Iterator[str]:
    for scheme in schemes():
        if (found := trouble(scheme)) is not None:
            yield found
