"""Database roles (architecture, rule 3) and the secrets file that holds their passwords."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import psycopg
from psycopg import sql

OWNER = "mz_owner"
ACTING = ("mz_officer", "mz_citizen", "mz_batch")
LOGIN_MEMBERSHIP = {
    "mz_web": ("mz_officer", "mz_citizen"),
    "mz_worker": ("mz_batch",),
    "mz_sealer": (),
}
ALL_GRANTEES = (*ACTING, *LOGIN_MEMBERSHIP)


def load_secrets(var: Path) -> dict[str, str]:
    """Passwords of the roles and Django's key, made on first use, readable by us only."""
    path = var / "secrets.json"
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text())
        return found
    var.mkdir(parents=True, exist_ok=True)
    names = ["mz_admin", OWNER, "mz_test", *LOGIN_MEMBERSHIP, "django"]
    fresh = {name: secrets.token_urlsafe(32) for name in names}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(fresh, out)
    return fresh


def ensure_roles(admin: psycopg.Connection, passwords: dict[str, str], *, for_tests: bool = False) -> None:
    """Creates or repairs the roles. Idempotent. `for_tests` adds a login that may take any role but is no superuser."""
    with admin.cursor() as cur:
        cur.execute("select pg_advisory_lock(7601)")
        existing = {row[0] for row in cur.execute("select rolname from pg_roles").fetchall()}

        def role(name: str, flags: str) -> None:
            verb = "ALTER" if name in existing else "CREATE"
            cur.execute(sql.SQL("{} ROLE {} " + flags).format(sql.SQL(verb), sql.Identifier(name)))

        def login(name: str, flags: str) -> None:
            role(name, flags + " LOGIN")
            cur.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), passwords[name]))

        safe = "NOSUPERUSER NOCREATEROLE NOBYPASSRLS"
        login(OWNER, f"{safe} {'CREATEDB' if for_tests else 'NOCREATEDB'} INHERIT")
        for name in ACTING:
            role(name, f"{safe} NOCREATEDB NOLOGIN NOINHERIT")
        for name, groups in LOGIN_MEMBERSHIP.items():
            login(name, f"{safe} NOCREATEDB NOINHERIT")
            for group in groups:
                cur.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(name)))
        if for_tests:
            login("mz_test", f"{safe} NOCREATEDB NOINHERIT")
            for group in (OWNER, *ALL_GRANTEES):
                cur.execute(sql.SQL("GRANT {} TO mz_test").format(sql.Identifier(group)))
        cur.execute("select pg_advisory_unlock(7601)")


def ensure_database(admin: psycopg.Connection, name: str) -> bool:
    """Creates the database when missing; says whether it did. Digits must sort by code point, hence locale C."""
    with admin.cursor() as cur:
        cur.execute("select 1 from pg_database where datname = %s", [name])
        if cur.fetchone():
            return False
        cur.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' "
                            "LC_CTYPE 'C.UTF-8'").format(sql.Identifier(name), sql.Identifier(OWNER)))
        cur.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        for grantee in LOGIN_MEMBERSHIP:
            cur.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(name), sql.Identifier(grantee)))
        # Bulk loads land in a private table of the job's own session first.
        cur.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO mz_batch").format(sql.Identifier(name)))
        return True
