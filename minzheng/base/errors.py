"""Refusals (拒绝): every reason is a Chinese sentence that tells the person what to do next."""

from __future__ import annotations


class Refused(Exception):
    """The request is understood and cannot be done as it stands. Nothing has been changed."""

    status = 422

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class NotAllowed(Refused):
    """The acting post may not do this."""

    status = 403


class NotFound(Refused):
    """There is no such object within the acting post's scope; it does not say whether it exists elsewhere."""

    status = 404


class Stale(Refused):
    """Somebody else has changed the object since the page was read."""

    status = 409
