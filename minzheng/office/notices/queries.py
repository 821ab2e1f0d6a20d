"""The inbox of a citizen or an officer, and what an applicant was told about a case."""

from __future__ import annotations

from django.db import models

from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.notices.models import Notice


def own_notices(by: Citizen | Officer) -> models.QuerySet[Notice]:
    """Inbox rows addressed to whoever acts."""
    mine = {"person": by.person_id} if isinstance(by, Citizen) else {"account": by.account_id}
    return Notice.objects.filter(channel="inapp", **mine)


def inbox(by: Citizen | Officer, *, before: int | None = None, limit: int = 20) -> list[Notice]:
    """The own notices, newest first; `before` is the last id of the page above."""
    found = own_notices(by)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def unread_count(by: Citizen | Officer) -> int:
    """How many are unread, counted up to 100."""
    return own_notices(by).filter(read_at=None)[:100].count()


def notices_of(case_code: str) -> list[Notice]:
    """What the applicant was told about a case, newest first, for its page."""
    return list(Notice.objects.filter(case_code=case_code, person__isnull=False).order_by("-id")[:50])
