"""Loads the shipped divisions; a second run does nothing."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from minzheng.base.divisions.models import Division, Jurisdiction
from minzheng.base.scope.ranges import province

DATA = Path(__file__).resolve().parents[2] / "data" / "jiangsu_divisions.csv"
# The sources give a reading date, not each code's first day; this is the day from which we vouch for them.
VALID_FROM = dt.date(2020, 1, 1)


def read_shipped() -> list[Division]:
    with DATA.open(encoding="utf-8", newline="") as handle:
        return [Division(code=row["code"], name=row["name"], level=int(row["level"]), parent=row["parent"],
                         valid_from=VALID_FROM, statistical_code=row["statistical_code"], source=row["source"], source_year=int(row["year"]))
                for row in csv.DictReader(handle)]


def load_shipped(prefixes: tuple[str, ...] = ()) -> int:
    """Writes the shipped divisions whose code starts with one of `prefixes` (the own province's); does nothing when any are there."""
    if Division.objects.exists():
        return 0
    prefixes = prefixes or (province()[:2],)
    rows = [row for row in read_shipped() if row.code.startswith(prefixes)]
    with transaction.atomic():
        Division.objects.bulk_create(rows, batch_size=2000)
        Jurisdiction.objects.bulk_create(
            [Jurisdiction(code=r.code, name=r.name, level=r.level, kind="division", source=r.source) for r in rows],
            batch_size=2000)
    return len(rows)


class Command(BaseCommand):
    help = "Loads the divisions of Jiangsu that ship with the product."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已载入 {load_shipped()} 个行政区划")
