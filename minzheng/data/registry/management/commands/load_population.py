"""Generates a synthetic population and loads it: manage.py load_population --people 20000 --seed 1 --county 320583."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from minzheng.base.divisions.models import Division
from minzheng.base.errors import Refused
from minzheng.data.population import Manifest, Village, generate, village
from minzheng.data.population.files import village_digest
from minzheng.data.registry.loading import load


def villages_in(area: str) -> list[Village]:
    """Villages in force whose code lies inside its township's: only those have a managed jurisdiction."""
    rows = Division.objects.filter(level=5, valid_to=None, code__startswith=area).order_by("code")
    found = [
        village(code, name)
        for code, name, parent in rows.values_list("code", "name", "parent")
        if code[:9] == parent[:9]
    ]
    if not found:
        raise CommandError(f"没有以 {area} 开头的村(社区)。请先载入行政区划。")
    return found


class Command(BaseCommand):
    help = "Generates a synthetic population for an area and loads it into the registry; a second run does nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--county", default="320583", help="first digits of the division codes; 32 is the province"
        )
        parser.add_argument("--folder", type=Path, default=Path(settings.VAR_DIR) / "population")

    def handle(self, *args: Any, people: int, seed: int, county: str, folder: Path, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("模拟人口只能装载到演示环境(MZ_DEMO=1)。")
        villages = villages_in(county)
        found = Manifest.read(folder)
        start = time.monotonic()
        if found is None or (found.seed, found.people, found.villages) != (seed, people, village_digest(villages)):
            found = generate(villages, people, seed, folder)
            self.stdout.write(f"已生成 {found.people} 人、{found.households} 户({time.monotonic() - start:.1f} 秒)")
        start = time.monotonic()
        try:
            loaded = load(folder, lambda place, done, total: self.stdout.write(f"{place}:{done}/{total}"))
        except Refused as refused:
            raise CommandError(refused.reason) from refused
        self.stdout.write(f"已装载 {loaded.people} 人,{loaded.skipped} 个县区已有({time.monotonic() - start:.1f} 秒)")
