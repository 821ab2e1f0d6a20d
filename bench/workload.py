"""工作量与时效 over a million tasks of a year, on a PostgreSQL server of its own: the statements of the page at three levels.

    python bench/workload.py [tasks]     writes docs/performance/workload.md when there are a million or more
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "performance" / "workload.md"
sys.path.insert(0, str(ROOT))

from bench.scratch import building, scratch  # noqa: E402

MAKE = """
CREATE TEMP TABLE place AS
  SELECT row_number() OVER (ORDER BY code) - 1 AS n, code FROM divisions_division WHERE level = 5 AND valid_to IS NULL;
CREATE UNIQUE INDEX ON place (n);
INSERT INTO flow_definition (code, version, name, sha, source, created_at) VALUES ('bench', 1, '测速', '', '', now());
INSERT INTO flow_process (subject, jurisdiction, definition_id, scene, status, state, version, started_at)
  SELECT 'bench-' || i, p.code, (SELECT id FROM flow_definition WHERE code = 'bench'), 'assistance', 'active', '', 1,
         now() - (i %% 365) * interval '1 day' - (i %% 86400) * interval '1 second'
  FROM generate_series(1, %(tasks)s) i JOIN place p ON p.n = (i * 7919::bigint) %% (SELECT count(*) FROM place);
INSERT INTO flow_task (process_id, subject, jurisdiction, level, office, role, scene, kind, token, key, title, status,
    version, assignee_name, outcome, comment, started_at, limit_amount, limit_unit, limit_parameter, due_at, warn_at,
    provisional, pauses, completed_by, completed_at, matter, worked_days)
  SELECT id, subject, jurisdiction, lvl,
         rpad(left(jurisdiction, CASE lvl WHEN 3 THEN 6 WHEN 4 THEN 9 ELSE 12 END), 12, '0'),
         CASE lvl WHEN 3 THEN 'county_approver' WHEN 4 THEN 'town_clerk' ELSE 'village_worker' END, scene, 'task',
         gen_random_uuid(), 'step' || id %% 12, '环节', CASE WHEN open THEN 'ready' ELSE 'done' END, 1, '', '', '', started_at, 10,
         'workday', '', started_at + interval '14 days', started_at + interval '10 days', false, '[]',
         CASE WHEN open THEN NULL ELSE id %% 5000 END, CASE WHEN open THEN NULL ELSE started_at + days * interval '1.4 days' END,
         'matter' || id %% 6, CASE WHEN open THEN NULL ELSE days END
  FROM (SELECT id, subject, jurisdiction, scene, started_at, (id * 31) %% 19 AS days, started_at > now() - interval '20 days' AS open,
               CASE WHEN id %% 10 < 2 THEN 3 WHEN id %% 10 < 9 THEN 4 ELSE 5 END AS lvl
        FROM flow_process WHERE subject LIKE 'bench-%%') p
"""


def build(tasks: int) -> None:
    """As the owner: migrate, load the divisions, make the rows."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    call_command("load_divisions")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MAKE, {"tasks": tasks})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE flow_task")


def measured() -> tuple[list[tuple[str, float, float]], list[str]]:
    """Per level: milliseconds of the month's figures and of the six months; and the plans of the province."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from minzheng.base.flow.figures import by_month, workload
    from minzheng.base.identity.officer import Officer
    from minzheng.base.scope import acting

    last = dt.date.today().replace(day=1)
    month, half = (last - dt.timedelta(days=40)).replace(day=1), (last - dt.timedelta(days=200)).replace(day=1)
    rows, plans = [], []
    for title, place, level, role in (("省(分市)", "320000000000", 2, "province_officer"), ("市(分县)", "320500000000", 3, "city_officer"),
                                      ("县(分乡镇)", "320583000000", 4, "county_leader")):
        officer = Officer(1, title, 1, role, place, ("*",), title)
        with acting(officer.scope()):
            def figures(place: str = place, level: int = level) -> object:
                return workload(place, level, month, (month + dt.timedelta(days=32)).replace(day=1), scenes=("*",))

            def trend(place: str = place) -> object:
                return by_month(place, half, last, scenes=("*",))

            rows.append((title, timed(figures), timed(trend)))
            if level == 2:
                with CaptureQueriesContext(connection) as seen:
                    figures()
                for query in (q for q in seen if q["sql"].lstrip().upper().startswith("SELECT")):
                    with connection.cursor() as cursor:
                        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + query["sql"].replace("%", "%%"))
                        plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return rows, plans


def timed(page: object) -> float:
    """Median of seven calls, in milliseconds."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        page()  # type: ignore[operator]
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def report(tasks: int) -> None:
    rows, plans = measured()
    only = sum("Index Only Scan" in plan for plan in plans)
    text = ["# Workload and timeliness over a million tasks", "",
            f"Made by `python bench/workload.py`: {tasks:,} tasks of a year over all villages of the province. PostgreSQL 18 on two cores"
            f" that other work shared (load average {os.getloadavg()[0]:.1f}). Medians of seven calls from Python as `mz_officer` with the"
            f" scope set; {only} of {len(plans)} statements of a month read the index only.", "",
            "| level | month: received, finished, open (ms) | six months (ms) |", "|---|---|---|",
            *(f"| {title} | {a:.0f} | {b:.0f} |" for title, a, b in rows)]
    for plan in plans:
        text += ["", "```", plan, "```"]
    if tasks >= 1_000_000:
        OUT.write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text[:10]))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if building():
        build(tasks)
        return
    with scratch(__file__, tasks):
        report(tasks)


if __name__ == "__main__":
    main()
