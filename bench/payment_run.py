"""A month's payment run at scale: build, sum, reserve, seal with digest, by the roles and policies of production.

    .venv/bin/python bench/payment_run.py [entitlements] [--file]

Makes the database `bench_payment_run` on the embedded server (its ordinary settings, fsync on), fills it as the owner
with one county's entitlements, then works as the county's cashier and finance officer. `--file` also releases: decrypts
every account, writes the bank file and takes a return with 1 % rejects. The database is dropped at the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "bench_payment_run"
os.environ |= {"MZ_DB": NAME, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "minzheng.settings"),
               "MZ_DEMO": "1"}
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
COUNTY, SCHEME = "320583000000", "BENCH"


def cpu() -> float:
    """Processor seconds of this process and of its database session (0 for a session on another machine)."""
    from django.db import connection

    used = time.process_time()
    if connection.connection is not None:
        try:
            fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rsplit(")", 1)[1].split()
            used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            pass
    return used


@contextmanager
def timed(what: str) -> Iterator[None]:
    start, used = time.perf_counter(), cpu()
    yield
    print(f"{what:<58}{time.perf_counter() - start:9.2f} s wall {cpu() - used:9.2f} s processor", flush=True)


def fill(count: int) -> None:
    """As the owner: entitlements, amounts and members, 20 villages, accounts from a pool of 1,000 ciphertexts."""
    import datetime as dt

    import psycopg
    from django.conf import settings
    from psycopg import sql

    from minzheng.base.crypto import encrypt_many
    from minzheng.base.pg.roles import load_secrets

    names = [f"9900{n:012d}" for n in range(1000)]
    accounts = encrypt_many("benefits_entitlement.payee_account", names)
    numbers = encrypt_many("benefits_entitlement.payee_id_number", [f"3299001950{n:08d}"[:17] + "X" for n in range(1000)])
    target = settings.TARGET
    with psycopg.connect(host=target.host, port=target.port or None, dbname=NAME, user="mz_owner", autocommit=True,
                         password=load_secrets(settings.VAR_DIR)["mz_owner"]) as owner:
        owner.execute("CREATE TEMP TABLE pool (n int PRIMARY KEY, account bytea, number bytea)")
        with owner.cursor().copy("COPY pool FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "bytea", "bytea"])
            for n in range(1000):
                copy.write_row((n, accounts[n], numbers[n]))
        owner.execute(
            """INSERT INTO benefits_entitlement (id, scheme, exclusive_group, case_code, decision, jurisdiction,
               household_id, head_id, head_name, members, persons, payee_name, payee_account, payee_id_number,
               payee_id_index, payee_version, payee_check, start_month, review_months, review_due, status, reason,
               on_hold, version, created_at)
               SELECT g, 'BENCH', '', 'C' || g, 'D' || g, '320583' || (100 + g %% 10) || lpad((g %% 20 + 1)::text, 3, '0'),
               g, g, '基准户', '[]', 1 + g %% 4, '基准户', p.account, p.number, '\\x00', 1, '0000', %s, 12, %s, 'active',
               '', g %% 500 = 0, 1, now() FROM generate_series(1, %s::bigint) g JOIN pool p ON p.n = g %% 1000""",
            [dt.date(2026, 1, 1), dt.date(2027, 1, 1), count])
        owner.execute(
            """INSERT INTO benefits_entitlementamount (entitlement_id, jurisdiction, by_account, by_name, at, from_month,
               fen, decision, reason) SELECT id, jurisdiction, 1, 'x', now(), start_month, 20000 + id %% 90000, 'x', ''
               FROM benefits_entitlement""", [])
        owner.execute(
            """INSERT INTO benefits_entitlementmember (entitlement_id, jurisdiction, person_id, exclusive_group, during)
               SELECT id, jurisdiction, head_id, '', daterange(start_month, NULL) FROM benefits_entitlement""")
        for table in ("entitlement", "entitlementamount", "entitlementmember"):
            owner.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(f"benefits_{table}")))


def run(count: int, with_file: bool) -> None:
    import datetime as dt

    import django

    django.setup()
    from minzheng.base import clock
    from minzheng.base.crypto import KeyRing, use_ring
    from minzheng.base.identity.officer import Officer
    from minzheng.base.scope import acting
    from minzheng.office.benefits.budgets import do_set_shares
    from minzheng.office.benefits.models import SOURCES
    from minzheng.office.benefits.schemes import Scheme, register_scheme
    from minzheng.office.ledger.envelopes import do_seal, do_sign
    from minzheng.office.ledger.funding import do_appropriate
    from minzheng.office.ledger.proof import prove_day
    from minzheng.office.ledger.releasing import do_mark_sent, do_release, file_of
    from minzheng.office.ledger.returns import TITLES, Declared, do_take_return
    from minzheng.office.ledger.runs import do_build_run

    use_ring(KeyRing.in_memory())
    register_scheme(Scheme(SCHEME, "基准"))
    people = {role: Officer(n, role, n, role, COUNTY, ("*",)) for n, role in enumerate(
        ("county_cashier", "county_finance", "county_leader"), start=1)}
    cashier, finance, leader = people.values()
    releaser = Officer(9, "放款", 9, "county_cashier", COUNTY, ("*",))
    month = clock.today().replace(day=1)
    with timed(f"fill {count:,} entitlements (set-up, not counted)"):
        fill(count)
    with acting(finance.scope()):
        do_set_shares(SCHEME, COUNTY, from_month=dt.date(2026, 1, 1), reason="bench", by=finance,
                      shares={"central": 4000, "province": 3333, "city": 0, "county": 2667})
        for source, _ in SOURCES:
            do_appropriate(year=month.year, source=source, scheme=SCHEME, county=COUNTY, fen=10**13, document=source,
                           reason="bench", by=finance)
    start, used = time.perf_counter(), cpu()
    with timed("build: list, totals, reservation, entry (one transaction)"), acting(cashier.scope()):
        made = do_build_run(month, SCHEME, COUNTY, by=cashier)
    with timed("seal: re-check, number, SM3 over all lines"), acting(cashier.scope()):
        envelope = do_seal(made.number, by=cashier)
    print(f"build + sum + seal: {time.perf_counter() - start:.1f} s wall, {cpu() - used:.1f} s processor; "
          f"{envelope.count:,} lines, {envelope.fen:,} fen, {made.held_count:,} held; load {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} processors", flush=True)
    with timed("build again (finds the run)"), acting(cashier.scope()):
        assert do_build_run(month, SCHEME, COUNTY, by=cashier).pk == made.pk
    for officer in (finance, leader):
        with timed("one signature (digest computed again)"), acting(officer.scope()):
            do_sign(envelope.number, digest=envelope.digest, by=officer)
    if with_file:
        with timed("release: lock, strike, decrypt, file, row index"), acting(releaser.scope()):
            envelope = do_release(envelope.number, by=releaser)
        with timed("file again, mark as sent"), acting(cashier.scope()):
            content = file_of(envelope.number, by=cashier)
            do_mark_sent(envelope.number, receipt="bench", by=cashier)
        lines = content.decode().splitlines()[1:]
        rows = [f"{line},1002,户名不符," if n % 100 == 0 else f"{line},0000,成功,S{n}" for n, line in enumerate(lines)]
        paid = [line for n, line in enumerate(lines) if n % 100]
        said = Declared(len(lines), len(paid), sum(int(line.rsplit(",", 1)[1].replace(".", "")) for line in paid))
        back = "\r\n".join([",".join(TITLES), *rows]).encode()
        with timed(f"take return of {len(rows):,} rows, 1 % rejected"), acting(cashier.scope()):
            do_take_return(envelope.number, content=back, declared=said, by=cashier)
    with timed("daily proof"), acting(cashier.scope()):
        proof = prove_day(clock.today(), COUNTY)
    print("proof holds" if proof.ok else [row for row in proof.rows if not row.ok])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--file", action="store_true")
    args = parser.parse_args()
    from minzheng.base.pg.roles import ensure_database, ensure_roles, load_secrets
    from minzheng.base.pg.target import find_target

    var = Path(os.environ.get("MZ_VAR", ROOT / "var"))
    target = find_target(var)
    if target.server is not None:
        target.server.start()
    try:
        with target.connect_admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            ensure_roles(admin, load_secrets(var))
            ensure_database(admin, NAME)
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--skip-checks", "-v", "0"], check=True,
                       env={**os.environ, "MZ_ROLE": "owner"})
        run(args.count, args.file)
    finally:
        with target.connect_admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
