"""Reading posts: which the account holds today, and which one is acting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from minzheng.base import clock
from minzheng.base.divisions.names import name_of
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer


def posts_in_force(account: Account, on: dt.date | None = None) -> list[Post]:
    """Approved, current posts of the account, oldest first."""
    day = on or clock.today()
    return list(Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), account=account, valid_from__lte=day,
                                    approved_by__isnull=False, ended_at=None).order_by("id"))


def posts_at(offices: Iterable[str], *roles: str, on: dt.date | None = None) -> list[Post]:
    """Approved, current posts of these roles at the offices, with their active accounts, oldest first."""
    day = on or clock.today()
    return list(Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), office__in=list(offices), role__in=roles,
                                    valid_from__lte=day, approved_by__isnull=False, ended_at=None,
                                    account__is_active=True).select_related("account").order_by("id"))


def officer_of(account: Account, post: Post) -> Officer:
    return Officer(account_id=account.pk, name=account.name, post_id=post.pk, role=post.role,
                   jurisdiction=post.office, scenes=tuple(post.scenes), office_name=name_of(post.office))
