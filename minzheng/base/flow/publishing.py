"""Registered definitions are written to the database after each migration, so that they outlive their files."""

from __future__ import annotations

from typing import Any

from django.db import connection

from . import registry
from .models import Process, ProcessDefinition


def publish() -> int:
    """Store what is new; run as the owner. ValueError when a version in use has another content."""
    count = 0
    for definition in registry.definitions():
        row = ProcessDefinition.objects.filter(code=definition.code, version=definition.version).first()
        if row is not None and row.sha == definition.sha:
            continue
        if row is not None:
            if Process.objects.filter(definition=row).exists():
                raise ValueError(f"流程 {definition.label} 已有办件在用,内容不能改;请另存为新的版本号。")
            row.delete()
        ProcessDefinition.objects.create(
            code=definition.code, version=definition.version, name=definition.name, sha=definition.sha,
            source=definition.source,
        )  # fmt: skip
        count += 1
    return count


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Called after any migration, also before this room's own tables exist."""
    if using == "default" and ProcessDefinition._meta.db_table in connection.introspection.table_names():
        publish()
