"""Generates a synthetic population and prints rows, seconds and peak memory: python bench/population.py [people]

Target: 1,000,000 people with every table in 180 s and 2,048 MB.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.data.population import generate, village

DIVISIONS = Path(__file__).resolve().parents[1] / "minzheng/base/divisions/data/jiangsu_divisions.csv"


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with DIVISIONS.open(encoding="utf-8", newline="") as handle:
        villages = [village(row["code"], row["name"]) for row in csv.DictReader(handle) if row["level"] == "5"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        made = generate(villages, people, 1, Path(folder))
        seconds = time.monotonic() - start
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    for name, table in made.tables.items():
        print(f"{name:20} {table['rows']:>10,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(table["rows"] for table in made.tables.values())
    print(
        f"{people:,} people, {rows:,} rows in {len(made.tables)} tables, {size / 1e6:.0f} MB: "
        f"{seconds:.1f} s, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
