"""What scenes add to the staff portal beside their matters: pages in the navigation, and work that is not a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """An entry of the navigation under 业务, for posts with one of the roles. `address` is the name of its URL."""

    title: str
    address: str
    icon: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Work:
    """What the worklist shows of a task's subject that is no case; `name` is masked by the list."""

    number: str
    url: str
    title: str
    name: str
    jurisdiction: str
    origin: str


Describe = Callable[[Sequence[str]], Mapping[str, Work]]
_pages: list[Page] = []
_works: dict[str, tuple[str, Describe]] = {}


def add_page(page: Page) -> None:
    if page not in _pages:
        _pages.append(page)


def pages() -> list[Page]:
    return list(_pages)


def add_work(prefix: str, process: str, describe: Describe) -> None:
    """Subjects that begin with `prefix` are described by `describe` (one query for all); their tasks are those of
    `process`. Raises ValueError when two rooms claim a prefix."""
    if _works.setdefault(prefix, (process, describe)) != (process, describe):
        raise ValueError(f"two rooms describe subjects {prefix}")


def works_of(subjects: Sequence[str]) -> dict[str, Work]:
    """Those of the subjects that a room describes."""
    found: dict[str, Work] = {}
    for prefix, (_, describe) in _works.items():
        mine = [subject for subject in subjects if subject.startswith(prefix)]
        if mine:
            found |= describe(mine)
    return found


def processes() -> list[str]:
    return [process for process, _ in _works.values()]
