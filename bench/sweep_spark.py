"""The same evaluation on PySpark, to see that a sweep beyond one machine gives the same rows.

`compare(night)` reads the population that bench/sweep.py has filled, evaluates every registered scheme once here and once in
the executors of a Spark local-cluster by `applyInPandas`, which calls the same `evaluate_population` with polars frames,
and compares all columns of all households. Needs Java and the packages of bench/spark.lock (`make bench-spark`).
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
PROVINCE = ("320000000000", "330000000000")


def say(text: str) -> None:
    print(f"{text}  (load {os.getloadavg()[0]:.1f})", flush=True)


def read(night: dt.date, first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    from minzheng.base.identity.officer import Service
    from minzheng.base.scope import acting
    from minzheng.scenes.assistance.monitoring.reading import read_facts
    from minzheng.scenes.assistance.monitoring.sweeping import ranges

    parts = []
    with acting(Service("测速", PROVINCE[0]).scope()):
        for low, high in ranges(*PROVINCE)[:first or None]:
            parts.append(read_facts(low, high, night))
    return pl.concat(part[0] for part in parts), pl.concat(part[1] for part in parts)


def evaluate_here(households: pl.DataFrame, persons: pl.DataFrame, night: dt.date, codes: list[str]) -> pl.DataFrame:
    """All schemes side by side, columns named scheme.result."""
    from minzheng.data.brain import rules

    found = []
    for code in codes:
        frame = rules.evaluate_population(code, households, persons, night)
        found.append(frame.rename({name: f"{code}__{name}" for name in frame.columns if name != "household_id"}))
    whole = found[0]
    for frame in found[1:]:
        whole = pl.concat([whole, frame.drop("household_id")], how="horizontal")
    return whole


def setup() -> None:
    """In an executor: the rules only, no database; parameters as shipped, which is what the bench's database has too."""
    import sys

    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from minzheng.scenes.assistance import policy

    policy.register()


def compare(night: dt.date, first: int = 0) -> None:
    """All ranges, or the first so many."""
    from minzheng.scenes.assistance.monitoring.sweeping import scheme_codes

    codes = scheme_codes()
    households, persons = read(night, first)
    began = time.perf_counter()
    here = evaluate_here(households, persons, night, codes).sort("household_id")
    say(f"evaluated here: {here.height:,} households, {len(codes)} schemes: {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        there = on_spark(Path(folder), households, persons, here, night, codes).sort("household_id")
        say(f"evaluated on PySpark local-cluster: {there.height:,} households: {time.perf_counter() - began:.1f} s, session included")
    there = there.select(here.columns).cast(dict(here.schema))
    if here.equals(there):
        say(f"identical: {here.height:,} rows, {here.width} columns")
        return
    for name in here.columns:
        wrong = (here[name].eq_missing(there[name]) == False).sum()  # noqa: E712
        if wrong:
            say(f"DIFFERENT: {name} in {wrong:,} rows")
    raise SystemExit(1)


def on_spark(folder: Path, households: pl.DataFrame, persons: pl.DataFrame, like: pl.DataFrame, night: dt.date,
             codes: list[str]) -> pl.DataFrame:
    import sys

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    path_ = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT), str(ROOT / "bench")])
    homes, people, out = (str(folder / name) for name in ("homes", "people", "out"))
    buckets = 16
    bucket = (pl.col("household_id") % buckets).alias("bucket")
    for frame, path in ((households, homes), (persons, people)):
        os.makedirs(path)
        frame.with_columns(bucket).write_parquet(f"{path}/part.parquet")
    spark = (SparkSession.builder.master("local-cluster[2,1,1024]").appName("sweep")
             .config("spark.executor.memory", "1g").config("spark.driver.memory", "1g")
             .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", str(buckets))
             .config("spark.executorEnv.PYTHONPATH", path_)
             .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate())
    try:
        schema = ", ".join(f"`{name}` {'string' if kind == pl.String else 'bigint'}" for name, kind in like.schema.items())
        kinds = (dict(households.schema), dict(persons.schema))
        wanted = list(like.columns)

        def work(left: Any, right: Any) -> Any:
            import pyarrow as pa

            setup()
            mine = [_typed(left, kinds[0]), _typed(right, kinds[1])]
            done = evaluate_here(mine[0], mine[1], night, codes).select(wanted).to_arrow()
            return done.cast(pa.schema([(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type)
                                        for f in done.schema]))

        left, right = spark.read.parquet(homes), spark.read.parquet(people)
        done = left.groupBy("bucket").cogroup(right.groupBy("bucket")).applyInArrow(work, schema)
        done.write.parquet(out)
    finally:
        spark.stop()
    return pl.read_parquet(f"{out}/*.parquet")


def _typed(table: Any, kinds: dict[str, Any]) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.drop("bucket").cast(kinds)  # type: ignore[arg-type]
