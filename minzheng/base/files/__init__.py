"""Files: `store` checks and keeps, `get_file_for` is the door, `download` records and answers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minzheng.base.files.storing import download, get_file_for, get_numbered_file_for, keep, store

__all__ = ["download", "get_file_for", "get_numbered_file_for", "keep", "store"]


def __getattr__(name: str) -> Any:
    """Names are looked up on first use: the package is imported before Django's models are ready."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.storing"), name)
