"""A province of open cases in the database of the environment's folder (MZ_VAR), from the cases that a demonstration has made
by the application's own actions: `python bench/province.py CASES [OFFICERS]` after `minzheng demo` has set the folder up.

Each copy has people (numbers and blind indexes of their own), declaration, members, process, tasks, clocks, materials and
check of its own, in another village. Left out: the copies' audit records, since those are chained, their registry households, and
what only the case's own page reads (events, materials, check and answers) outside the places whose officers work in the measurement.
Filling again adds what is missing.
"""

# ruff: noqa: S608 (only the constants below are put into the statements)
from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PIECE = 50_000
COUNTIES = 40
CASES, PEOPLE, CHILDREN = 1_000_000, 100_000_000, 1_000_000_000  # first ids of copies, far from those in use

TABLES = """
CREATE TABLE IF NOT EXISTS bench_place AS
  SELECT row_number() OVER (ORDER BY code) - 1 AS n, code FROM divisions_division WHERE level = 5 AND valid_to IS NULL;
CREATE TABLE IF NOT EXISTS bench_template AS
  SELECT row_number() OVER (ORDER BY c.id) - 1 AS t, c.id AS case_id, c.code, p.id AS process_id FROM cases_case c
  JOIN flow_process p ON p.subject = c.code WHERE c.id < 1000000;
CREATE TABLE IF NOT EXISTS bench_member AS
  SELECT b.t, m.case_id, m.person, row_number() OVER (PARTITION BY m.case_id ORDER BY m.id) - 1 AS r
  FROM cases_casemember m JOIN bench_template b USING (case_id);
CREATE TABLE IF NOT EXISTS bench_name AS
  SELECT row_number() OVER (ORDER BY id) - 1 AS n, name, name_pinyin, id AS person FROM registry_person
  WHERE id < 100000000 AND death_date IS NULL AND length(name) BETWEEN 2 AND 4 LIMIT 10007;
CREATE UNIQUE INDEX IF NOT EXISTS bench_name_n ON bench_name (n);
CREATE TABLE IF NOT EXISTS bench_task AS
  SELECT id, process_id, row_number() OVER (PARTITION BY process_id ORDER BY id) - 1 AS r FROM flow_task WHERE id < 1000000;
CREATE TABLE IF NOT EXISTS bench_county AS
  SELECT DISTINCT process_id FROM flow_task WHERE key = 'county_review' AND status = 'ready' AND id < 1000000;
CREATE TABLE IF NOT EXISTS bench_x_registry_person AS SELECT * FROM registry_person WHERE id IN (SELECT person FROM bench_member);
CREATE TABLE IF NOT EXISTS bench_x_registry_namegram AS
  SELECT * FROM registry_namegram WHERE person_id IN (SELECT person FROM bench_name);
CREATE TABLE IF NOT EXISTS bench_filled (up_to bigint);
"""

# The copies of one piece: n counts them through the province.
COPIES = f"""
DROP TABLE IF EXISTS bench_copy;
CREATE TABLE bench_copy AS
SELECT g.n, b.t, b.case_id AS from_case, b.code AS from_code, b.process_id AS from_process, p.code AS village, {CASES} + g.n AS id,
       left(p.code, 6) || to_char(date '2026-09-01' + (g.n %% 60)::int, 'YYYYMMDD') || lpad((g.n / 60)::text, 5, '0') AS code,
       {PEOPLE} + g.n * 8 AS people, {CHILDREN} + g.n * 16 AS child, ((g.n * 31) %% 61 - 20) * interval '1 day' AS later,
       EXISTS (SELECT 1 FROM identity_post o WHERE o.office = rpad(left(p.code, 9), 12, '0') OR (o.office =
               rpad(left(p.code, 6), 12, '0') AND b.process_id IN (SELECT process_id FROM bench_county))) AS reached
FROM generate_series(%(low)s::bigint, %(high)s::bigint - 1) g (n)
JOIN bench_template b ON b.t = (g.n / 3) %% (SELECT count(*) FROM bench_template)
JOIN bench_place p ON p.n = (g.n * 7919) %% (SELECT count(*) FROM bench_place);
ALTER TABLE bench_copy ADD PRIMARY KEY (n);
ANALYZE bench_copy
"""

NAME = "(SELECT name FROM bench_name WHERE n = ((c.people + m.r) * 7919) % 10007)"
SECRET = """SELECT c.people + m.r AS id, to_char(p.birth_date, 'YYYYMMDD') FROM bench_copy c JOIN bench_member m USING (t)
JOIN bench_x_registry_person p ON p.id = m.person ORDER BY 1"""
SOURCES = ("cases_case", "cases_casemember", "cases_caseevent", "materials_casematerial", "assistance_visit", "publicity_publicity",
           "flow_process", "flow_task", "flow_task_event", "flow_clock", "flow_timer", "verification_authorisation",
           "verification_authorisedperson", "verification_verificationrequest", "verification_requestmember",
           "verification_sourceanswer", "verification_report")


NEAR = {"cases_caseevent", "materials_casematerial", "flow_task_event", "verification_authorisation",
        "verification_authorisedperson", "verification_verificationrequest", "verification_requestmember",
        "verification_sourceanswer", "verification_report"}  # copied where the measurement's officers work


def copy(cursor: Any, table: str, join: str, on: str, **changed: str) -> None:
    """The templates' rows of `table` (as `x`) for each copy `c`, with some columns changed; ids come from the sequence unless given."""
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table])
    columns = [name for (name,) in cursor.fetchall() if name != "id" or "id" in changed]
    if "jurisdiction" in columns:
        changed.setdefault("jurisdiction", "c.village")
    if table in NEAR:
        on += " AND c.reached"
    values = ", ".join(changed.get(name, f"x.{name}") for name in columns)
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM bench_copy c {join} JOIN bench_x_{table} x ON {on}")


def fill_piece(cursor: Any) -> None:
    stage_secrets(cursor)
    member = "JOIN bench_member m ON m.t = c.t"
    named = f"{member} JOIN bench_name b ON b.n = ((c.people + m.r) * 7919) % 10007"
    copy(cursor, "registry_person", f"{named} JOIN bench_secret s ON s.id = c.people + m.r", "x.id = m.person",
         id="s.id", id_number="s.number", id_index="s.mark", name="b.name", name_pinyin="b.name_pinyin", residence="c.village")
    cursor.execute(f"INSERT INTO registry_namegram (gram, jurisdiction, person_id) SELECT g.gram, c.village, c.people + m.r"
                   f" FROM bench_copy c {named} JOIN bench_x_registry_namegram g ON g.person_id = b.person ORDER BY 1, 2, 3")
    copy(cursor, "cases_case", f"JOIN bench_answers a USING (n) {member}", "x.id = c.from_case AND x.applicant = m.person",
         id="c.id", code="c.code", submission_key="c.code", household="NULL", applicant="c.people + m.r", applicant_name=NAME,
         answers="a.answers", due_at="x.due_at + c.later")
    copy(cursor, "cases_casemember", member, "x.case_id = c.from_case AND x.person = m.person", case_id="c.id",
         person="c.people + m.r", name=NAME)
    for table in ("cases_caseevent", "materials_casematerial", "assistance_visit"):
        copy(cursor, table, "", "x.case_id = c.from_case", case_id="c.id")
    copy(cursor, "publicity_publicity", "", "x.case_id = c.from_case", case_id="c.id", ticket="gen_random_uuid()")
    copy(cursor, "flow_process", "", "x.id = c.from_process", id="c.child", subject="c.code")
    office = "rpad(left(c.village, CASE x.level WHEN 3 THEN 6 WHEN 4 THEN 9 ELSE 12 END), 12, '0')"
    copy(cursor, "flow_task", "JOIN bench_task k ON k.process_id = c.from_process", "x.id = k.id", id="c.child + k.r",
         subject="c.code", office=office, process_id="c.child", due_at="x.due_at + c.later", warn_at="x.warn_at + c.later",
         completed_by="CASE WHEN x.completed_by IS NOT NULL THEN left(c.village, 9)::bigint END")
    copy(cursor, "flow_task_event", "", "x.process_id = c.from_process", subject="c.code", process_id="c.child",
         task_id="(SELECT c.child + k.r FROM bench_task k WHERE k.id = x.task_id)")
    copy(cursor, "flow_clock", "", "x.subject = c.from_code", subject="c.code", due_at="x.due_at + c.later",
         warn_at="x.warn_at + c.later")
    copy(cursor, "flow_timer", "", "x.process_id = c.from_process", process_id="c.child", due_at="x.due_at + interval '1 year'")
    copy(cursor, "verification_authorisation", "", "x.case_code = c.from_code", id="c.child", number="'B' || c.code",
         case_code="c.code", applicant="c.people")
    copy(cursor, "verification_authorisedperson", f"{member} JOIN bench_x_verification_authorisation q ON q.case_code = c.from_code",
         "x.authorisation_id = q.id AND x.person = m.person", authorisation_id="c.child", person="c.people + m.r")
    copy(cursor, "verification_verificationrequest", "", "x.case_code = c.from_code AND x.previous_id IS NULL",
         id="c.child", number="'B' || c.code", case_code="c.code", authorisation_id="c.child")
    asked = "JOIN bench_x_verification_verificationrequest q ON q.case_code = c.from_code AND q.previous_id IS NULL"
    copy(cursor, "verification_requestmember", f"{asked} {member}", "x.request_id = q.id AND x.person = m.person",
         id="c.child + m.r", request_id="c.child", person="c.people + m.r", name=NAME)
    copy(cursor, "verification_sourceanswer", f"{asked} AND c.reached {member} JOIN bench_x_verification_requestmember b"
         " ON b.request_id = q.id AND b.person = m.person", "x.member_id = b.id",
         request_id="c.child", member_id="c.child + m.r", call="gen_random_uuid()")
    copy(cursor, "verification_report", asked, "x.request_id = q.id", number="'B' || c.code", request_id="c.child")


def stage_secrets(cursor: Any) -> None:
    """What only we can write: ID numbers with their blind index, and the declarations, which name the members."""
    from minzheng.base.crypto import blind_index_many, decrypt, encrypt_many

    cursor.execute("DROP TABLE IF EXISTS bench_secret, bench_answers; CREATE TABLE bench_secret (id bigint, number bytea, mark bytea);"
                   "CREATE TABLE bench_answers (n bigint, answers bytea)")
    people = cursor.execute(SECRET).fetchall()
    numbers = [_number(f"39{key % 10000:04d}{birth}", key // 10000 % 1000) for key, birth in people]
    with cursor.copy("COPY bench_secret FROM STDIN (FORMAT BINARY)") as out:
        out.set_types(["int8", "bytea", "bytea"])
        for row in zip((p[0] for p in people), encrypt_many("registry_person.id_number", numbers),
                       blind_index_many("id_number", numbers), strict=True):
            out.write_row(row)
    cursor.execute("SELECT b.t, c.answers, (SELECT json_agg(array[person, r]) FROM bench_member m WHERE m.t = b.t) FROM bench_template b"
                   " JOIN bench_x_cases_case c ON c.id = b.case_id")
    templates = {t: (json.loads(decrypt("cases_case.answers", bytes(answers))), dict(ranks)) for t, answers, ranks in cursor.fetchall()}
    rows = cursor.execute("SELECT n, t, people FROM bench_copy").fetchall()
    texts = []
    for _, t, first in rows:
        said, rank = templates[t]
        members = {str(first + rank[int(key)]): value for key, value in said["members"].items()}
        texts.append(json.dumps({**said, "members": members, "payee": first + rank[said["payee"]]}, ensure_ascii=False))
    with cursor.copy("COPY bench_answers FROM STDIN (FORMAT BINARY)") as out:
        out.set_types(["int8", "bytea"])
        for row in zip((r[0] for r in rows), encrypt_many("cases_case.answers", texts), strict=True):
            out.write_row(row)
    cursor.execute("ANALYZE bench_secret; ANALYZE bench_answers")


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _number(head: str, serial: int) -> str:
    """A well-formed number of a place that does not exist."""
    digits = f"{head}{serial:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


def appoint() -> None:
    """As the owner: the officers who will work, five in each of forty counties: clerks of three towns, a reviewer, an approver."""
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    from minzheng.base.divisions.models import Division
    from minzheng.base.identity.models import Account, Post

    if Account.objects.filter(username="bench-0").exists():
        return
    codes = sorted(Division.objects.filter(valid_to=None, level=5).values_list("code", flat=True))
    towns: dict[str, list[str]] = {}
    for town in sorted({code[:9] for code in codes}):
        towns.setdefault(town[:6], []).append(town.ljust(12, "0"))
    counties = [c for c in sorted(towns) if len(towns[c]) >= 3]
    approver, number = Account.objects.get(username="setup"), 0
    for county in counties[:: max(1, len(counties) // COUNTIES)][:COUNTIES]:
        three = towns[county][:3]
        for role, office in (*(("town_clerk", town) for town in three), ("town_reviewer", three[0]),
                             ("county_approver", county.ljust(12, "0"))):
            account = Account.objects.create(username=f"bench-{number}", name=f"测速{number}", password="!")
            Post.objects.create(account=account, role=role, office=office, scenes=["assistance"], valid_from=dt.date(2026, 1, 1),
                                approved_by=approver)
            Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt("B" * 32)})
            number += 1


def carry(part: str) -> None:
    """Takes some of the demonstration's cases further, as their officers (`web`), and lets a week pass (`worker`)."""
    from minzheng.base import clock, flow
    from minzheng.base.errors import Refused
    from minzheng.base.identity.models import Account
    from minzheng.base.identity.officer import Officer, Service
    from minzheng.base.identity.posts import officer_of, posts_in_force
    from minzheng.base.scope import acting
    from minzheng.office.cases.acts import do_act
    from minzheng.office.cases.doors import get_case_for
    from minzheng.office.cases.models import Case
    from tests.upgrade.carrying import data_of

    if part == "worker":
        later = clock.now() + dt.timedelta(days=9)
        clock.now = lambda: later  # type: ignore[assignment]
        service = Service("测速", "320583000000")
        with acting(service.scope()):
            print(flow.fire_due(later, by=service, limit=200), "timers")
        return

    def officer(name: str) -> Officer:
        account = Account.objects.get(username=name)
        return officer_of(account, posts_in_force(account)[0])

    clerk, second, reviewer = officer("clerk"), officer("clerk2"), officer("reviewer")

    def one(by: Officer, code: str, key: str, outcome: str) -> None:
        with acting(by.scope()):
            case = get_case_for(by, code)
            task = next(t for t in flow.open_tasks(code) if t.key == key)
            data, files = data_of(key, case)
            do_act(code, task.pk, by=by, outcome=outcome, comment="情况属实。", data=data, files=files,
                   case_version=case.version, task_version=task.version)

    with acting(clerk.scope()):
        codes = list(Case.objects.filter(state="accepted", matter="dibao").order_by("id").values_list("code", flat=True))
    for at, code in enumerate(codes[2:]):
        with acting(clerk.scope()):
            if not any(t.key == "check_inform" for t in flow.open_tasks(code)):
                continue
        one(clerk, code, "check_inform", "no_objection")
        with acting(clerk.scope()):
            visit = next(t for t in flow.open_tasks(code) if t.key == "visit")
            flow.cosign(flow.claim(visit, by=clerk), accounts=[second.account_id], by=clerk)
        with acting(second.scope()):
            flow.sign(visit.pk, by=second)
        one(clerk, code, "visit", "done")
        if at >= 2:
            with suppress(Refused):  # above the standard: stays with the reviewer
                one(reviewer, code, "town_review", "agree")


def fill(wanted: int) -> None:
    """As the server's administrator: foreign keys are not looked up again, since each copy is whole by its making."""
    from django.conf import settings

    from minzheng.base.pg.target import find_target

    with find_target(settings.VAR_DIR).connect_admin("minzheng") as admin, admin.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET archive_command = '/bin/true'")
        cursor.execute("ALTER SYSTEM SET max_wal_size = '6GB'")
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB';"
                       " SET maintenance_work_mem = '512MB'; CREATE SCHEMA IF NOT EXISTS bench; SET search_path = bench, public")
        cursor.execute(TABLES)
        for table in SOURCES:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS bench_x_{table} AS SELECT * FROM {table}")
        cursor.execute("SELECT coalesce(max(up_to), 0) FROM bench_filled")
        done = cursor.fetchone()[0]
        while done < wanted:
            began, high = time.perf_counter(), min(done + PIECE, wanted)
            with admin.transaction():
                for statement in COPIES.split(";\n"):
                    cursor.execute(statement, {"low": done, "high": high} if "%(low)s" in statement else None)
                cursor.execute("SET LOCAL session_replication_role = replica")
                fill_piece(cursor)
                cursor.execute("INSERT INTO bench_filled VALUES (%s)", [high])
            print(f"{high:,} cases ({time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f})", flush=True)
            done = high
        for table, first in (("cases_case", PEOPLE // 2), ("registry_person", PEOPLE * 5), *((t, CHILDREN * 3) for t in (
                "flow_process", "flow_task", "verification_authorisation", "verification_verificationrequest",
                "verification_requestmember"))):  # what officers make from now on lies beyond all copies
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, nextval(pg_get_serial_sequence(%s, 'id'))))",
                           [table, first, table])
        cursor.execute("ALTER SYSTEM RESET ALL")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    os.environ.setdefault("MZ_DEMO", "1")
    os.environ.setdefault("MZ_ROLE", "owner")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from minzheng.base.pg.target import find_target

    server = find_target(settings.VAR_DIR).server
    if server is not None:
        server.start()
    if sys.argv[1] in ("web", "worker"):
        carry(sys.argv[1])
        return
    appoint()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('bench')")
        fresh = cursor.fetchone()[0] is None
    for role in ("web", "worker") if fresh else ():
        subprocess.run([sys.executable, __file__, role], env={**os.environ, "MZ_ROLE": role}, check=True)
    fill(int(sys.argv[1]))


if __name__ == "__main__":
    main()
