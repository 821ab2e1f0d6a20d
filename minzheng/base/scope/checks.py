"""Start-up checks: refuse to run as a role that could see everything, or with a table that nobody guards."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from minzheng.base.scope.fields import JurisdictionField
from minzheng.base.scope.guarding import Door, Guarded, declarations
from minzheng.base.scope.ranges import level_of


def _carries_jurisdiction(model: Any) -> bool:
    return any(isinstance(f, JurisdictionField) and f.name == "jurisdiction" for f in model._meta.fields)


@register()
def every_table_is_declared_once(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each model's table is declared in exactly one guards.py; those with a jurisdiction as Guarded."""
    found: dict[str, Any] = {}
    problems: list[CheckMessage] = []
    for item in declarations():
        if isinstance(item, Door):
            continue
        if item.table in found:
            problems.append(Error(f"{item.table} is declared twice", id="scope.E001"))
        found[item.table] = item
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.managed and table not in found:
            continue
        declared = found.get(table)
        if declared is None:
            problems.append(Error(f"{table} is declared in no guards.py", obj=model, id="scope.E002"))
        elif _carries_jurisdiction(model) and not isinstance(declared, Guarded):
            problems.append(Error(f"{table} has a jurisdiction and no policy", obj=model, id="scope.E003"))
    return problems


@register()
def the_province_is_one(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """MZ_PROVINCE is the code of a province."""
    try:
        level = level_of(settings.PROVINCE)
    except ValueError:
        level = 0
    return [] if level == 1 else [Error(f"MZ_PROVINCE={settings.PROVINCE!r} 不是省级管辖代码,应为 12 位,如 320000000000",
                                        id="scope.E007")]


@register(Tags.database)
def the_role_is_a_lesser_one(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Services refuse to start as superuser, owner or BYPASSRLS, or where a policy is missing in the database."""
    if not databases or settings.DB_ROLE == "mz_owner":
        return []
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls or rolname = 'mz_owner' from pg_roles"
                       " where rolname = session_user")
        row = cursor.fetchone()
        if row is None or row[0]:
            return [Error("this service must not run as superuser, owner or BYPASSRLS", id="scope.E004")]
        cursor.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'jurisdiction' and not a.attisdropped"
            " where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relpersistence = 'p'"
            " and not (c.relrowsecurity and c.relforcerowsecurity)")
        return [Error(f"{table} has no forced policy in the database; run migrate", id="scope.E005")
                for (table,) in cursor.fetchall()]
