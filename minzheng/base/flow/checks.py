"""Start-up checks: a definition that could strand a case, or that nobody could work on, refuses to start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from minzheng.base.identity.roles import all_roles

from . import registry
from .bpmn import engine
from .bpmn.lint import Known, lint


def known() -> Known:
    """What the running system offers to processes."""
    return Known(
        roles={role.code: role.levels for role in all_roles() if not role.admin},
        handlers=registry.handlers(),
        messages=registry.messages(),
        has_parameter=registry.has_parameter,
    )


@register()
def processes_can_be_carried_out(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Unreadable files, findings of the lint, and whatever the engine itself finds."""
    found: list[CheckMessage] = [Error(f"{name}: {text}", id="flow.E001") for name, text in registry.problems().items()]
    for definition in registry.definitions():
        texts = lint(definition, known())
        found += [Error(text, id="flow.E002") for text in texts]
        if not texts:
            try:
                engine.check_parses(definition)
            except Exception as error:  # whatever the parser dislikes stops the start
                found.append(Error(f"流程 {definition.label}:{error}", id="flow.E003"))
    return found


@register(Tags.database)
def processes_are_published(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Each registered version stands in the database with the same content. The owner, who migrates, brings new ones."""
    from .models import ProcessDefinition

    if not databases:
        return []
    try:
        stored = {(d.code, d.version): d.sha for d in ProcessDefinition.objects.only("code", "version", "sha")}
    except DatabaseError:
        return []  # not migrated yet
    brings = settings.DB_ROLE == "mz_owner"
    return [
        Error(f"流程 {d.label} 与库中发布的不一致,请运行 migrate;已在用的版本要换新的版本号。", id="flow.E004")
        for d in registry.definitions()
        if stored.get((d.code, d.version), d.sha if brings else None) != d.sha
    ]
