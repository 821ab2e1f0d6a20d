"""The nightly sweep of 动态监测 over a million households in PostgreSQL: read + evaluate + write, by the batch role.

    python bench/sweep.py [people] [--again] [--spark] [--open N]

Fills the database `bench_sweep` of MZ_VAR once (about 2,700,000 people in 1,000,000 households of all villages, with means,
signals and recognitions), keeps it, and sweeps one night. `--again` only sweeps; `--open N` also opens alerts for N
outcomes; `--spark` also evaluates the same population on PySpark local-cluster and compares row by row (needs pyspark
and Java, see `make bench-spark`), `--only-spark` only that; `--drop` removes the database at the end.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import logging
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

NAME = "bench_sweep"
os.environ |= {"MZ_DB": NAME, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "minzheng.settings"),
               "MZ_DEMO": "1"}
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
NIGHT = dt.date(2026, 11, 23)
PROVINCE = "320000000000"
AT_ONCE = 675_000  # people a generated world: the ID numbers of one day are used up beyond some 900,000
DIVISIONS = ROOT / "minzheng/base/divisions/data/jiangsu_divisions.csv"


def say(text: str) -> None:
    print(f"{text}  (load {os.getloadavg()[0]:.1f})", flush=True)


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def server_mb(folder: str) -> int:
    """Memory of the database's processes that is their own (shared buffers counted once, as private or proportional)."""
    total = 0
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            if folder in os.readlink(proc / "cwd") or folder in (proc / "cmdline").read_text():
                total += sum(int(line.split()[1]) for line in (proc / "smaps_rollup").read_text().splitlines()
                             if line.startswith("Pss:"))
        except OSError:
            continue
    return total // 1024


def _world(villages: list[Any], people: int, seed: int) -> tuple[Any, Any, Any]:
    """Persons, members and households of one generated world, with numbers that no other seed has."""
    import polars as pl

    from minzheng.data.population import truth_tables
    from minzheng.data.population.stream import stream
    from minzheng.data.population.world import build

    world, apart = build(villages, people, seed), seed * 10_000_000
    persons = truth_tables.persons(world, stream(seed, "persons")).select(
        pl.col("person_no") + apart, pl.col("household_no") + apart, "name", "sex", "birth_date", "death_date",
        "hukou_village", "residence_village", "disability_class", "disability_grade", ill=pl.col("illness") != "",
        school="school_stage", wage="wage_fen", business="business_fen", property="property_fen",
        transfer=pl.col("pension_fen") + pl.col("other_transfer_fen"), pension="basic_pension_fen",
        financial=pl.col("deposits_fen") + pl.col("securities_fen"), cars=(pl.col("car_value_fen") > 0).cast(pl.Int16),
        homes="homes")
    members = truth_tables.members(world, stream(seed, "members")).select(
        pl.col("household_no") + apart, pl.col("person_no") + apart, "relation", "valid_from", "valid_to")
    homes = truth_tables.households(world, stream(seed, "households")).select(
        pl.col("household_no") + apart, "hukou_village", "residence_village", "benefit")
    return persons, members, homes


def server_cpu(folder: str) -> float:
    """Processor seconds of the database so far: its processes, and those that have ended."""
    stats = {}
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            fields = (proc / "stat").read_text().rsplit(")", 1)[1].split()
            stats[int(proc.name)] = (int(fields[1]), [int(n) for n in fields[11:15]], (proc / "cmdline").read_text())
        except OSError:
            continue
    head = next((pid for pid, (_, _, line) in stats.items() if folder in line and "postgres" in line.split("\0")[0]), 0)
    ticks = sum(times[0] + times[1] for parent, times, _ in stats.values() if parent == head)
    ticks += sum(stats[head][1]) if head in stats else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def fill(people: int) -> None:
    """As the owner: the true people of a generated population, in the registry's tables and ours."""
    import numpy as np
    import polars as pl
    import psycopg
    from django.conf import settings

    from minzheng.base.pg.roles import load_secrets
    from minzheng.data.population import village

    began = time.perf_counter()
    with DIVISIONS.open(encoding="utf-8", newline="") as handle:
        villages = [village(row["code"], row["name"]) for row in csv.DictReader(handle) if row["level"] == "5"]
    parts = -(-people // AT_ONCE)
    made = [_world(villages, people // parts, seed) for seed in range(1, parts + 1)]
    persons, members, homes = (pl.concat(frames) for frames in zip(*made, strict=True))
    del made
    dice = np.random.default_rng(5)
    rate = {"unemployed": 0.004, "hospital": 0.03, "vehicle": 0.004, "disability": 0.001, "left_school": 0.0005,
            "illness": 0.001}
    numbers = persons["person_no"].to_numpy()
    told = []
    for kind, share in rate.items():
        who = dice.choice(numbers, int(len(numbers) * share), replace=False)
        amount = {"hospital": dice.integers(100_000, 8_000_000, len(who)), "vehicle": dice.integers(10**6, 3 * 10**7, len(who)),
                  "disability": dice.integers(1, 5, len(who))}.get(kind, np.zeros(len(who), dtype=np.int64))
        days = np.datetime64(NIGHT) - dice.integers(1, 400, len(who))
        told.append(pl.DataFrame({"person": who, "kind": [kind] * len(who), "key": [f"{kind}{n}" for n in range(len(who))],
                                  "day": days, "amount": amount}))
    signals = pl.concat(told)
    say(f"generated {persons.height:,} persons, {homes.height:,} households: {time.perf_counter() - began:.0f} s")
    target = settings.TARGET
    with psycopg.connect(host=target.host, port=target.port or None, dbname=NAME, user="mz_owner",
                         password=load_secrets(settings.VAR_DIR)["mz_owner"]) as owner:
        stage(owner, "s_person", persons, "person_no bigint, household_no bigint, name text, sex int, birth_date date,"
              " death_date date, hukou_village text, residence_village text, disability_class int, disability_grade int,"
              " ill boolean, school text, wage bigint, business bigint, property bigint, transfer bigint, pension bigint,"
              " financial bigint, cars int, homes int")
        stage(owner, "s_member", members, "household_no bigint, person_no bigint, relation text, valid_from date, valid_to date")
        stage(owner, "s_home", homes, "household_no bigint, hukou_village text, residence_village text, benefit text")
        stage(owner, "s_signal", signals, "person bigint, kind text, key text, day date, amount bigint")
        for statement in FILL:
            owner.execute(statement)
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE")
    say(f"filled in {time.perf_counter() - began:.0f} s")


FILL = (
    """INSERT INTO registry_person (id, jurisdiction, id_number, id_index, name, name_pinyin, sex, ethnicity, birth_date, death_date,
       residence, address, bank_name, marital, disability_class, disability_grade, illness, occupation, school_stage, version,
       updated_at) SELECT person_no, hukou_village, '\\x00', decode(md5(person_no::text), 'hex'), name, '', sex, '汉族', birth_date,
       death_date, residence_village, '', '', '', disability_class, disability_grade, CASE WHEN ill THEN '\\x00'::bytea END, '',
       coalesce(school, ''), 1, now() FROM s_person ORDER BY hukou_village, person_no""",
    """INSERT INTO registry_household (id, jurisdiction, number, residence, address, registration, founded_on, version)
       SELECT household_no, hukou_village, household_no::text, residence_village, '', '城镇', DATE '1990-01-01', 1 FROM s_home
       ORDER BY hukou_village, s_home.household_no""",
    """INSERT INTO registry_householdmember (household_id, person_id, jurisdiction, relation, valid_from, valid_to, reason)
       SELECT m.household_no, m.person_no, h.hukou_village, m.relation, m.valid_from,
       CASE WHEN m.valid_to IS NOT NULL THEN greatest(m.valid_to, m.valid_from) + 1 END, ''
       FROM s_member m JOIN s_home h USING (household_no) ORDER BY h.hukou_village, m.household_no, m.person_no""",
    """INSERT INTO assistance_monitoring_means (person_id, jurisdiction, wage_fen, work_cost_fen, business_fen, property_fen,
       transfer_fen, other_fen, basic_pension_fen, exempt_fen, rigid_fen, living_year_fen, medical_year_fen, education_year_fen,
       rehab_year_fen, other_rigid_year_fen, financial_fen, vehicles, vehicles_exempt, houses, houses_exempt, absence, executive,
       public_payroll, private_school, studies_abroad, travels_abroad, as_of, updated_at)
       SELECT person_no, hukou_village, wage, 0, business, property, transfer, 0, pension, 0, 0, 0,
       CASE WHEN ill THEN 1500000 ELSE 60000 END, 0, 0, 0, financial, cars, 0, homes, 0, 0, 0, 0, 0, 0, 0, DATE '2026-10-31', now()
       FROM s_person ORDER BY hukou_village, person_no""",
    """INSERT INTO assistance_monitoring_signal (person_id, jurisdiction, kind, key, happened_on, amount, department, recorded_at)
       SELECT s.person, p.hukou_village, s.kind, s.key, s.day, s.amount, '测速', now() FROM s_signal s
       JOIN s_person p ON p.person_no = s.person
       UNION ALL SELECT person_no, hukou_village, 'death', person_no::text, death_date, 0, '测速', now() FROM s_person
       WHERE death_date IS NOT NULL""",
    """INSERT INTO recognitions_recognition (kind, jurisdiction, case_code, decision, household, head, head_name, persons,
       valid_from, end_cause, created_at) SELECT 'dibao', hukou_village, 'b' || household_no, 'b' || household_no, household_no, 0,
       '', 1, DATE '2025-01-01', '', now() FROM s_home WHERE benefit <> ''""",
    """INSERT INTO recognitions_recognitionmember (recognition_id, jurisdiction, person, name, relation, kind, during)
       SELECT r.id, r.jurisdiction, m.person_no, '', '', 'dibao', daterange(DATE '2025-01-01', NULL)
       FROM recognitions_recognition r JOIN s_member m ON m.household_no = r.household WHERE m.valid_to IS NULL""",
)


def stage(owner: Any, table: str, frame: Any, columns: str) -> None:
    owner.execute(f"CREATE TEMP TABLE {table} ({columns})")
    out = io.BytesIO()
    with owner.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        for piece in frame.iter_slices(200_000):
            out.seek(0)
            out.truncate()
            piece.write_csv(out, include_header=False)
            copy.write(out.getvalue())
    owner.execute(f"ANALYZE {table}")


def sweep(alerts: int) -> None:
    """As mz_worker under the province's service post: the job itself, but for the alerts."""
    from django.conf import settings
    from django.db import transaction

    from minzheng.base.identity.officer import Service
    from minzheng.base.jobs import defer
    from minzheng.base.jobs.models import JobRun
    from minzheng.base.jobs.running import Running
    from minzheng.base.scope import acting
    from minzheng.scenes.assistance.monitoring import opening, sweeping, tasks
    from minzheng.scenes.assistance.monitoring.models import Sweep

    by = Service("测速", PROVINCE)
    with acting(by.scope()):
        Sweep.objects.all().update(status="running", plan=[])
    with transaction.atomic():
        number = defer("monitoring.sweep", jurisdiction=PROVINCE)
    with acting(by.scope()):
        run = Running(JobRun.objects.get(pk=number))
    say(f"schemes: {', '.join(sweeping.scheme_codes())}")
    began, used, theirs = time.perf_counter(), time.process_time(), server_cpu(f"{settings.VAR_DIR}/")
    found = tasks._begin(run, NIGHT.isoformat())
    tasks._ranges(run, found)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    theirs = server_cpu(f"{settings.VAR_DIR}/") - theirs
    with acting(by.scope()):
        rows = list(found.ranges.all())
        total = {name: sum(getattr(row, name) for row in rows) for name in (
            "households", "persons", "lacking", "matters", "read_ms", "evaluate_ms", "write_ms")}
    database = server_mb(f"{settings.VAR_DIR}/")
    say(f"{total['households']:,} households, {total['persons']:,} persons, {len(rows)} ranges: {seconds:.1f} s wall, {used:.1f} s "
        f"processor of this process and {theirs:.1f} s of the database; waited for reading {total['read_ms'] / 1000:.1f} s, evaluating "
        f"{total['evaluate_ms'] / 1000:.1f} s, writing {total['write_ms'] / 1000:.1f} s; {total['matters']:,} outcomes, "
        f"{total['lacking']:,} could not be evaluated; peak {peak_mb():,} MB here, database "
        f"{database:,} MB now")
    if alerts:
        began = time.perf_counter()
        done = after = 0
        while done < alerts:
            with run.transaction():
                batch = opening.fresh(NIGHT, after, min(tasks.OPEN_AT_ONCE, alerts - done))
                opening.do_open(batch, by=run.by)
            if not batch:
                break
            done, after = done + len(batch), batch[-1].household_id
        say(f"{done:,} alerts opened with process and task: {done / (time.perf_counter() - began):.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("people", type=int, nargs="?", default=2_700_000)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--only-spark", action="store_true")
    parser.add_argument("--first", type=int, default=0, help="ranges that Spark is given; all by default")
    parser.add_argument("--drop", action="store_true")
    parser.add_argument("--open", type=int, default=0)
    args = parser.parse_args()
    from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
    from minzheng.base.pg.target import find_target

    var = Path(os.environ.get("MZ_VAR", ROOT / "var"))
    target = find_target(var)
    if target.server is not None:
        target.server.start()
    with target.connect_admin() as admin:
        ensure_roles(admin, load_secrets(var))
        if not args.again:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            ensure_database(admin, NAME)
    if not args.again:
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--skip-checks", "-v", "0"], check=True,
                       env={**os.environ, "MZ_ROLE": "owner"})
    os.environ["MZ_ROLE"] = "worker"
    import django

    django.setup()
    logging.disable(logging.INFO)
    from minzheng.base.crypto import KeyRing, use_ring

    use_ring(KeyRing.in_memory())
    if not args.again:
        fill(args.people)
    if not args.only_spark:
        sweep(args.open)
    if args.spark or args.only_spark:
        import sweep_spark

        sweep_spark.compare(NIGHT, args.first)
    if args.drop:
        from django.db import connection

        connection.close()
        with target.connect_admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
