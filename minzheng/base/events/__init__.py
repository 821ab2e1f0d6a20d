"""Events (rule 9): `emit` writes the outbox in the same transaction; consumers run in the worker."""

from minzheng.base.events.consuming import Event, deliver_all, health, subscribes
from minzheng.base.events.emitting import emit, emit_many

__all__ = ["Event", "deliver_all", "emit", "emit_many", "health", "subscribes"]
