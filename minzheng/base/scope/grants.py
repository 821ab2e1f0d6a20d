"""Single cases granted to a post beyond its range (协办). Upper layers say which; resolved once a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minzheng.base.identity.officer import Officer

Provider = Callable[["Officer"], tuple[int, ...]]
_providers: list[Provider] = []


def register_provider(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def granted_to(officer: Officer) -> tuple[int, ...]:
    """Ids of the cases granted to the post; called within its own scope."""
    return tuple(case for provider in _providers for case in provider(officer))
