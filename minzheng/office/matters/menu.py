"""Pages that a scene adds to the officers' menu at start-up; the portal knows none by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """`group` is a heading of the menu, `url` an address name without arguments."""

    group: str
    title: str
    url: str
    icon: str
    roles: frozenset[str]


_pages: dict[str, Page] = {}


def register_page(group: str, title: str, url: str, icon: str, roles: Collection[str]) -> None:
    page = Page(group, title, url, icon, frozenset(roles))
    if _pages.setdefault(url, page) != page:
        raise ValueError(f"page {url} is registered twice")


def pages_of(group: str) -> list[Page]:
    return [page for page in _pages.values() if page.group == group]
