"""Proof that nothing changed: a digest of every table but those in which an attempt itself may leave its trace."""

from __future__ import annotations

from django.db import connection

from minzheng.testing.cast import as_owner

# The records of refusals and readings, sessions, the queue's own bookkeeping, and what never changes in a test.
TRACES = ("audit_", "django_session", "django_migrations", "procrastinate_", "shared_cache")


def state(*, but_of: str = "") -> dict[str, str]:
    """Digest of each table's rows. `but_of`: leaves out rows whose jurisdiction begins so, as the actor's own."""
    found = {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT t.tablename, (SELECT min(c.column_name) FROM information_schema.columns c WHERE c.table_schema ="
                       " 'public' AND c.table_name = t.tablename AND c.column_name IN ('jurisdiction', 'area')) FROM pg_tables t"
                       " WHERE t.schemaname = 'public' AND t.tableowner = 'mz_owner'")
        for table, place in cursor.fetchall():
            if table.startswith(TRACES):
                continue
            own = f" WHERE {place} NOT LIKE '{but_of}%%'" if place and but_of else ""
            cursor.execute("SELECT count(*) || md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), ''))"  # noqa: S608
                           f' FROM "{table}" t{own}')
            (found[table],) = cursor.fetchone()
    return found
