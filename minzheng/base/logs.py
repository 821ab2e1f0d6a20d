"""Logs as JSON lines without personal data: of an error its kind and where it happened, never its words or values.

PostgreSQL puts the failing row into its messages, and a form's value may stand in an exception: so messages of
exceptions are left out. The audit, not the log, tells what was done to whom.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

import structlog

FRAMES = 12
Event = structlog.typing.EventDict


def without_values(logger: Any, name: str, event: Event) -> Event:
    """Puts the kind of an exception and its last frames in the place of its text."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found if isinstance(found, BaseException) else None
    if error is not None:
        event["error"] = type(error).__name__
        if sqlstate := getattr(error.__cause__ or error, "sqlstate", None):
            event["sqlstate"] = sqlstate
        event["where"] = [f"{f.filename.rpartition('/minzheng/')[2] or f.filename}:{f.lineno} {f.name}"
                          for f in traceback.extract_tb(error.__traceback__)[-FRAMES:]]
    return event


def configure(_: Any = None) -> None:
    """Django's LOGGING_CONFIG: everything of ours and of libraries goes to standard error in one form."""
    shared: list[Any] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name,
                         structlog.processors.TimeStamper(fmt="iso", utc=False)]
    structlog.configure(processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
                        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=True)
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_values,
                    structlog.processors.JSONRenderer(ensure_ascii=False)]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "procrastinate", "fontTools", "spiff"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
