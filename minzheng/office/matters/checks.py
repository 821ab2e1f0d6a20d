"""Start-up checks on matters: a definition that could not be carried to its end refuses to start."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from minzheng.office.matters.catalogue import all_matters
from minzheng.office.matters.definitions import CHANNELS


@register()
def matters_are_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Unknown process, channel, task or material, a missing legal basis, a task without a form."""
    from minzheng.base import flow

    problems: list[CheckMessage] = []

    def wrong(code: str, text: str, number: int) -> None:
        problems.append(Error(f"matter {code}: {text}", id=f"matters.E{number:03}"))

    for matter in all_matters():
        if not matter.legal_basis:
            wrong(matter.code, "no legal basis", 1)
        for channel in matter.channels:
            if channel not in CHANNELS:
                wrong(matter.code, f"unknown channel {channel}", 2)
        if len({m.code for m in matter.materials}) != len(matter.materials):
            wrong(matter.code, "a material is listed twice", 3)
        try:
            keys = set(flow.task_keys(matter.process, matter.process_version))
        except LookupError:
            wrong(matter.code, f"unknown process {matter.process} v{matter.process_version}", 4)
            continue
        for key in keys - {t.task for t in matter.tasks}:
            wrong(matter.code, f"task {key} has no form", 5)
    return problems
