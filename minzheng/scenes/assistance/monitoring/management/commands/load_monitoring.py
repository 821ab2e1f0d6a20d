"""Takes what the generated departments know into monitoring, as their bulk reports would: manage.py load_monitoring."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from minzheng.base import clock
from minzheng.base.crypto import blind_index_many
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.base.jobs import defer
from minzheng.base.scope import acting
from minzheng.base.scope.ranges import province
from minzheng.data.population import Manifest
from minzheng.scenes.assistance.monitoring.taking import MOST, WIDE, do_take_means, do_take_signals

C = pl.col
# Word, the true column it stands for, and the department that would report it. What is not named is reported as nothing.
SAID = {"wage_fen": ("wage_fen", "税务"), "business_fen": ("business_fen", "税务"), "property_fen": ("property_fen", "税务"),
        "transfer_fen": ("transfer_fen", "人社"), "basic_pension_fen": ("basic_pension_fen", "人社"),
        "medical_year_fen": ("self_paid", "医保"), "financial_fen": ("financial_fen", "银行"), "vehicles": ("cars", "公安车管"),
        "houses": ("homes", "不动产")}
RECENT = dt.timedelta(days=360)


class Command(BaseCommand):
    help = "Means and signals of the generated population of one county, and a first sweep; a second run adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", default="320583000000")
        parser.add_argument("--folder", type=Path, default=Path(settings.VAR_DIR) / "population")

    def handle(self, *args: Any, county: str, folder: Path, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("模拟数据只能装载到演示环境(MZ_DEMO=1)。")
        manifest = Manifest.read(folder)
        if manifest is None:
            raise CommandError("没有找到已生成的人口数据。请先运行 load_population。")
        by, day = Service("部门数据接收", county), min(manifest.day, clock.today())
        with acting(by.scope()):
            persons = self._people(folder)
            means = sum(self._means(persons, word, column, department, day, by)
                        for word, (column, department) in SAID.items())
            means += sum(self._means(persons, word, "", "核对平台", day, by) for word in WIDE if word not in SAID)
            told = sum(self._signals(folder, persons, day, by))
        self.stdout.write(f"已接收 {means} 项收入财产数据、{told} 条监测信号")
        for name in ("monitoring.collect", "monitoring.sweep"):
            try:
                with transaction.atomic():
                    defer(name, jurisdiction=province(), key=f"every:{name}")
            except Refused:
                pass  # it is queued already

    def _people(self, folder: Path) -> pl.DataFrame:
        """The registered people, found by the index of their number."""
        bills = pl.read_parquet(folder / "medical_insurance.parquet", columns=["id_number", "self_paid_12m_fen"]).unique(
            "id_number", keep="first")
        persons = pl.read_parquet(folder / "persons.parquet").filter(C("death_date").is_null()).join(
            bills, on="id_number", how="left")
        persons = persons.with_columns(
            index=pl.Series(blind_index_many("id_number", persons["id_number"].to_list())), self_paid=C("self_paid_12m_fen").fill_null(0),
            transfer_fen=C("pension_fen") + C("other_transfer_fen"), financial_fen=C("deposits_fen") + C("securities_fen"),
            cars=(C("car_value_fen") > 0).cast(pl.Int64))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, id_index FROM registry_person WHERE death_date IS NULL")
            known = pl.DataFrame([(row[0], bytes(row[1])) for row in cursor.fetchall()],
                                 schema={"person": pl.Int64, "index": pl.Binary}, orient="row")
        return persons.join(known, on="index")

    def _means(self, persons: pl.DataFrame, word: str, column: str, department: str, day: dt.date, by: Service) -> int:
        values = persons.select("person", value=C(column).cast(pl.Int64) if column else pl.lit(0, dtype=pl.Int64))
        rows = [(person, word, value, day) for person, value in values.iter_rows()]
        return sum(do_take_means(rows[at:at + MOST], department=department, by=by) for at in range(0, len(rows), MOST))

    def _signals(self, folder: Path, persons: pl.DataFrame, day: dt.date, by: Service) -> list[int]:
        """What the departments' files date within a year: diagnoses, certificates, registrations of cars, and bills."""
        ids = persons.select("id_number", "person")
        found = []
        for table, kind, column, amount, department in (
                ("health", "illness", "diagnosed_on", None, "卫生健康"), ("disability", "disability", "issued_on", "grade", "残联"),
                ("vehicles", "vehicle", "registered_on", "value_fen", "公安车管")):
            rows = pl.read_parquet(folder / f"{table}.parquet").join(ids, on="id_number").filter(
                (C(column) > day - RECENT) & (C(column) <= day)).sort("person", column)
            events = [(person, kind, f"{kind}:{person}:{at:%Y%m%d}", at, int(value)) for person, at, value in rows.select(
                "person", column, C(amount).cast(pl.Int64) if amount else pl.lit(0, dtype=pl.Int64).alias("none")).iter_rows()]
            found.append(do_take_signals(events, department=department, by=by))
        bills = persons.filter(C("self_paid") >= 2_000_000)
        events = [(person, "hospital", f"hospital:{person}:{day.year}", day - dt.timedelta(days=person % 200), fen)
                  for person, fen in bills.select("person", "self_paid").iter_rows()]
        found.append(do_take_signals(events, department="医保", by=by))
        jobless = pl.read_parquet(folder / "employment.parquet").filter(C("state") == "失业登记").join(ids, on="id_number")
        events = [(person, "unemployed", f"unemployed:{person}", since, 0) for person, since in
                  jobless.select("person", "since").iter_rows() if since is not None and since <= day]
        found.append(do_take_signals(events, department="人社", by=by))
        return found
