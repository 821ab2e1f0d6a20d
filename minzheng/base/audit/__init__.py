"""Audit (rule 4): `record` in the same transaction, `record_refusal` aside; sealed by a process of its own."""

from minzheng.base.audit.reading import accesses_of, declare_actions, label, search, trail_of
from minzheng.base.audit.writing import record, record_bulk, record_refusal

__all__ = ["accesses_of", "declare_actions", "label", "record", "record_bulk", "record_refusal", "search", "trail_of"]
