"""The matters that scenes have published, by code and version."""

from __future__ import annotations

from minzheng.base.errors import NotFound
from minzheng.office.matters.definitions import Matter

_matters: dict[str, dict[int, Matter]] = {}


def publish(matter: Matter) -> None:
    """Called by a scene at start-up. The same code and version twice is a mistake."""
    versions = _matters.setdefault(matter.code, {})
    if versions.get(matter.version, matter) is not matter:
        raise ValueError(f"matter {matter.code} version {matter.version} is published twice")
    versions[matter.version] = matter


def matter_of(code: str, version: int | None = None) -> Matter:
    """The definition; its newest version unless one is named. A case passes the version it was opened under."""
    versions = _matters.get(code)
    if not versions:
        raise NotFound("没有这个事项,请从事项列表重新选择。")
    found = versions.get(version if version is not None else max(versions))
    if found is None:
        raise NotFound("这个事项的版本已不在系统中,请联系系统管理员。")
    return found


def all_matters() -> list[Matter]:
    """The newest version of each matter."""
    return [versions[max(versions)] for versions in _matters.values()]


def find_matters(words: str) -> list[Matter]:
    """Matters whose name, summary or keywords contain the words."""
    wanted = words.strip()
    return [m for m in all_matters()
            if not wanted or any(wanted in text for text in (m.name, m.summary, *m.keywords))]
