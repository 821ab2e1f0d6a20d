"""Row-level security and grants, declared by the rooms and applied after every migration, idempotently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.utils.module_loading import autodiscover_modules

from minzheng.base.pg.roles import ALL_GRANTEES, OWNER

VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}


@dataclass(frozen=True)
class Open:
    """A table without personal scope: plain grants. Letters: S select, I insert, U update, D delete."""

    table: str
    web: str = ""
    officer: str = ""
    citizen: str = ""
    batch: str = ""
    worker: str = ""
    sealer: str = ""

    def grants(self) -> dict[str, str]:
        return {"mz_web": self.web, "mz_officer": self.officer, "mz_citizen": self.citizen,
                "mz_batch": self.batch, "mz_worker": self.worker, "mz_sealer": self.sealer}


@dataclass(frozen=True)
class Guarded(Open):
    """A table whose rows carry a jurisdiction; officers and jobs reach their own range only.

    `case_column` also admits rows of single cases granted to the acting post (协办). `citizen_using` is the SQL
    condition under which a citizen sees a row. `officer_using` adds a further restriction for officers.
    """

    column: str = "jurisdiction"
    case_column: str = ""
    citizen_using: str = ""
    officer_using: str = ""


@dataclass(frozen=True)
class Door:
    """A SECURITY DEFINER function that answers the minimum about rows beyond the scope."""

    signature: str
    web: bool = False
    officer: bool = False
    citizen: bool = False
    batch: bool = False
    worker: bool = False
    sealer: bool = False


FUNCTIONS = """
CREATE OR REPLACE FUNCTION scope_low() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE v text := current_setting('mz.low', true);
BEGIN IF coalesce(v, '') = '' THEN RAISE EXCEPTION 'scope is not set' USING ERRCODE = '42501'; END IF; RETURN v; END $$;
CREATE OR REPLACE FUNCTION scope_high() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE v text := current_setting('mz.high', true);
BEGIN IF coalesce(v, '') = '' THEN RAISE EXCEPTION 'scope is not set' USING ERRCODE = '42501'; END IF; RETURN v; END $$;
CREATE OR REPLACE FUNCTION scope_person() RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE v text := current_setting('mz.person', true);
BEGIN IF coalesce(v, '') = '' THEN RAISE EXCEPTION 'no citizen is acting' USING ERRCODE = '42501'; END IF;
RETURN v::bigint; END $$;
CREATE OR REPLACE FUNCTION scope_account() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('mz.account', true), '')::bigint $$;
CREATE OR REPLACE FUNCTION scope_cases() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('mz.cases', true), ''), '{}')::bigint[] $$;
"""


def declarations() -> list[Open | Door]:
    """All that the rooms declare in their guards.py."""
    autodiscover_modules("guards")
    import sys

    from django.apps import apps

    found: list[Open | Door] = []
    for config in apps.get_app_configs():
        module = sys.modules.get(f"{config.name}.guards")
        if module is not None:
            found += getattr(module, "TABLES", [])
    return found


def statements(item: Open | Door) -> Iterable[str]:
    """The SQL that brings one table or door to its declared state."""
    if isinstance(item, Door):
        yield f"REVOKE ALL ON FUNCTION {item.signature} FROM PUBLIC"
        for role in ("web", "officer", "citizen", "batch", "worker", "sealer"):
            verb, way = ("GRANT", "TO") if getattr(item, role) else ("REVOKE", "FROM")
            yield f"{verb} EXECUTE ON FUNCTION {item.signature} {way} mz_{role}"
        return
    yield f"REVOKE ALL ON {item.table} FROM {', '.join(ALL_GRANTEES)}"
    for role, letters in item.grants().items():
        if letters:
            yield f"GRANT {', '.join(VERBS[letter] for letter in letters)} ON {item.table} TO {role}"
    if not isinstance(item, Guarded):
        return
    yield f"ALTER TABLE {item.table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {item.table} FORCE ROW LEVEL SECURITY"
    for policy in ("scope_owner", "scope_range", "scope_citizen"):
        yield f"DROP POLICY IF EXISTS {policy} ON {item.table}"
    yield f"CREATE POLICY scope_owner ON {item.table} TO {OWNER} USING (true) WITH CHECK (true)"
    inside = f"({item.column} >= scope_low() AND {item.column} < scope_high())"
    if item.case_column:
        inside = f"({inside} OR {item.case_column} = ANY (scope_cases()))"
    if item.officer_using:
        inside = f"({inside} AND ({item.officer_using}))"
    yield f"CREATE POLICY scope_range ON {item.table} TO mz_officer, mz_batch USING {inside} WITH CHECK {inside}"
    if item.citizen:
        if not item.citizen_using:
            raise ValueError(f"{item.table}: citizens are granted rows without a condition")
        yield (f"CREATE POLICY scope_citizen ON {item.table} TO mz_citizen "
               f"USING ({item.citizen_using}) WITH CHECK ({item.citizen_using})")


def apply_guards(using: str = "default") -> None:
    """Applies every declaration whose table exists. Run as the owner of the tables."""
    with connections[using].cursor() as cursor:
        cursor.execute("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                       " where n.nspname = 'public' and c.relkind in ('r', 'p')")
        tables = {row[0] for row in cursor.fetchall()}
        for item in declarations():
            if item.table in tables if isinstance(item, Open) else _exists(cursor, item.signature):
                cursor.execute(";\n".join(statements(item)))


def _exists(cursor: Any, signature: str) -> bool:
    """A partial migration has not made every door yet; the start-up check names what is missing in the end."""
    cursor.execute("select to_regprocedure(%s) is not null", [signature])
    return bool(cursor.fetchone()[0])


def before_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """The scope's functions come first: doors in migrations call them."""
    with connections[using].cursor() as cursor:
        cursor.execute(FUNCTIONS)


def after_migrate(sender: Any, using: str, plan: Any = None, **kwargs: Any) -> None:
    apply_guards(using)
