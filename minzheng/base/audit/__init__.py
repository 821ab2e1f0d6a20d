"""Audit (rule 4): `record` in the same transaction, `record_refusal` aside; sealed by a process of its own.

Names are looked up on first use, so that the stand-alone verifier beside them runs without Django.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minzheng.base.audit.reading import Access, accesses_of, declare_actions, label, search, trail_of
    from minzheng.base.audit.writing import Line, record, record_bulk, record_many, record_refusal

__all__ = ["Access", "Line", "accesses_of", "declare_actions", "label", "record", "record_bulk", "record_many", "record_refusal",
           "search", "trail_of"]
_WRITING = {"Line", "record", "record_bulk", "record_many", "record_refusal"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    module = import_module(f"{__name__}.{'writing' if name in _WRITING else 'reading'}")
    return getattr(module, name)
