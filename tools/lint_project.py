"""House rules that no linter knows: SQL no newer than PostgreSQL 15, file sizes, no registry hosts in lock files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 500
NEWER_SQL = re.compile(r"\b(json_table|json_serialize|json_scalar|any_value|uuidv7|merge_action|random_normal|"
                       r"json_exists|json_query|json_value|array_shuffle|array_sample|WITHOUT OVERLAPS|VIRTUAL)\b")
CODE = [p for folder in ("minzheng", "simulators", "bench", "tests", "tools") for p in (ROOT / folder).rglob("*.py")
        if "/migrations/" not in str(p)]


def problems() -> list[str]:
    found = []
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        if text.count("\n") > LONGEST:
            found.append(f"{name}: longer than {LONGEST} lines")
        if path.name != "lint_project.py" and (hit := NEWER_SQL.search(text)):
            found.append(f"{name}: {hit.group(0)} is newer than PostgreSQL 15")
    for path in [*(ROOT / "minzheng").rglob("migrations/*.py")]:
        if hit := NEWER_SQL.search(path.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(ROOT)}: {hit.group(0)} is newer than PostgreSQL 15")
    if '"resolved"' in (ROOT / "package-lock.json").read_text():
        found.append("package-lock.json names a registry host")
    if re.search(r"https?://", (ROOT / "requirements.lock").read_text()):
        found.append("requirements.lock names a registry host")
    views = [p for p in CODE if p.name == "views.py" or p.parent.name == "views"]
    found += [f"{p.relative_to(ROOT)}: a view fetches by primary key; use a door"
              for p in views if re.search(r"\.objects\.get\(\s*(pk|id)=", p.read_text(encoding="utf-8"))]
    return found


if __name__ == "__main__":
    wrong = problems()
    sys.stdout.write("\n".join(wrong) + ("\n" if wrong else ""))
    sys.exit(bool(wrong))
