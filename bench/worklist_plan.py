"""The plans of a county officer's worklists at a million cases, on a PostgreSQL server of its own.

    python bench/worklist_plan.py [cases]     writes docs/performance/worklist_plan.md when there are a million or more

The rows are made by the owner with generate_series; the plans are those of the very statements that the worklist sends,
explained as mz_officer (signed in as mz_web) with the scope set.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "performance" / "worklist_plan.md"
sys.path.insert(0, str(ROOT))

from bench.scratch import building, scratch  # noqa: E402

MAKE = """
CREATE TEMP TABLE place AS
  SELECT row_number() OVER (ORDER BY code) - 1 AS n, code FROM divisions_division WHERE level = 5 AND valid_to IS NULL;
CREATE UNIQUE INDEX ON place (n);
INSERT INTO flow_definition (code, version, name, sha, source, created_at) VALUES ('bench', 1, '测速', '', '', now());
INSERT INTO flow_process (subject, jurisdiction, definition_id, scene, status, state, version, started_at)
  SELECT 'bench-' || lpad(i::text, 9, '0'), p.code, (SELECT id FROM flow_definition WHERE code = 'bench'), 'assistance',
         'active', decode(repeat('ab', 1500), 'hex'), 1, now() - (i %% 60) * interval '1 day'
  FROM generate_series(1, %(cases)s) i JOIN place p ON p.n = (i * 7919::bigint) %% (SELECT count(*) FROM place);
INSERT INTO flow_task (process_id, subject, jurisdiction, level, office, role, scene, kind, token, key, title, status,
    version, assignee, assignee_name, outcome, comment, started_at, limit_amount, limit_unit, limit_parameter, due_at,
    warn_at, provisional, pauses, completed_by, completed_at)
  SELECT id, subject, jurisdiction, lvl,
         rpad(left(jurisdiction, CASE lvl WHEN 3 THEN 6 WHEN 4 THEN 9 ELSE 12 END), 12, '0'),
         CASE lvl WHEN 3 THEN 'county_approver' WHEN 4 THEN 'town_clerk' ELSE 'village_worker' END, scene, 'task',
         gen_random_uuid(), 'confirm', '审核确认', st, 1, CASE WHEN st = 'claimed' THEN who END, '', '', '',
         started_at, 10, 'workday', '', started_at + due, started_at + due - interval '2 days', false, '[]',
         CASE WHEN st = 'done' THEN who END, CASE WHEN st = 'done' THEN started_at + due END
  FROM (SELECT id, subject, jurisdiction, scene, started_at, left(jurisdiction, 6)::bigint * 10 + id %% 5 AS who,
               CASE WHEN id %% 10 < 2 THEN 3 WHEN id %% 10 < 9 THEN 4 ELSE 5 END AS lvl,
               CASE WHEN id %% 7 < 4 THEN 'ready' WHEN id %% 7 < 6 THEN 'claimed' ELSE 'done' END AS st,
               (10 + (id * 31) %% 70) * interval '1 day' + (id %% 86400) * interval '1 second' AS due
        FROM flow_process WHERE subject LIKE 'bench-%%') p
"""


def build(cases: int) -> None:
    """As the owner: migrate, load the divisions, make the rows."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    call_command("load_divisions")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MAKE, {"cases": cases})
    with connection.cursor() as cursor:
        for table in ("flow_process", "flow_task"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def statements() -> list[tuple[str, str, str, float]]:
    """As mz_web acting for a county officer: each page's statement, its plan and its time in milliseconds."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from minzheng.base import flow
    from minzheng.base.identity.officer import Officer
    from minzheng.base.scope import acting

    officer = Officer(3205831, "县级审批", 1, "county_approver", "320583000000", ("*",), "昆山市")
    found = []
    with acting(officer.scope()):
        second = flow.worklist(officer, "office").cursor
        pages = {
            "待签收(claimable),第一页": lambda: flow.worklist(officer, "claimable"),
            "我在办(mine),第一页": lambda: flow.worklist(officer, "mine"),
            "本单位(office),第一页": lambda: flow.worklist(officer, "office"),
            "本单位(office),第二页": lambda: flow.worklist(officer, "office", cursor=second),
            "本单位,只看超期": lambda: flow.worklist(officer, "office", filters={"lamp": "red"}),
            "辖区全部(area),第一页": lambda: flow.worklist(officer, "area"),
            "我办过(done),第一页": lambda: flow.worklist(officer, "done"),
            "三色灯计数(封顶 999+)": lambda: flow.lamp_counts(officer),
        }
        for title, page in pages.items():
            page()
            times = []
            for _ in range(9):
                began = time.perf_counter()
                page()
                times.append((time.perf_counter() - began) * 1000)
            with CaptureQueriesContext(connection) as queries:
                page()
            for query in queries:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + query["sql"].replace("%", "%%"))
                    plan = "\n".join(row[0] for row in cursor.fetchall())
                found.append((title, query["sql"], plan, median(times)))
    return found


def report(cases: int) -> None:
    from django.conf import settings

    rows = statements()
    text = [
        "# A county officer's worklists at a million cases",
        "",
        f"Made by `python bench/worklist_plan.py`: {cases:,} processes and as many tasks over all villages of the"
        " province, six sevenths of them open, five officers a county. PostgreSQL 18 on two cores that other work shared"
        f" (load average {os.getloadavg()[0]:.1f}). The statements are those the worklist sends, run as `mz_officer`"
        f" (signed in as `{settings.DB_ROLE}`) with the scope of one county. Times are medians of nine calls from Python,"
        " all queries of the page together; the plans are one run each.",
        "",
        "| page | ms | statements |",
        "|---|---|---|",
    ]
    for title in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == title]
        text.append(f"| {title} | {mine[0][3]:.1f} | {len(mine)} |")
    for title, sql, plan, _ in rows:
        shown = "... " + sql[sql.index(" FROM ") + 1 :]
        text += ["", f"## {title}", "", "```sql", shown, "```", "```", plan, "```"]
        assert "Seq Scan" not in plan, title
    if cases >= 1_000_000:
        OUT.write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text[:16]))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if building():
        build(cases)
        return
    with scratch(__file__, cases):
        report_in_django(cases)


def report_in_django(cases: int) -> None:
    import django

    django.setup()
    report(cases)


if __name__ == "__main__":
    main()
