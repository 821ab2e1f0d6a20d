"""Jobs (rule 10): `@job` in a room's tasks.py, `defer` inside the transaction, progress, stop and resume."""

from minzheng.base.jobs.registry import defer, defer_each, job

__all__ = ["defer", "defer_each", "job"]
