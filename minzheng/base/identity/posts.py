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
                                    approved_by__isnull=False, ended_at=None).select_related("covers__account").order_by("id"))


def posts_at(offices: Iterable[str], *roles: str, on: dt.date | None = None) -> list[Post]:
    """Approved, current posts of these roles at the offices, with their active accounts, oldest first."""
    day = on or clock.today()
    return list(Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), office__in=list(offices), role__in=roles,
                                    valid_from__lte=day, approved_by__isnull=False, ended_at=None,
                                    account__is_active=True).select_related("account", "covers__account").order_by("id"))


def named(account: Account, post: Post) -> str:
    """The name that records bear: 张三, or 张三 代 李四 in a post held for somebody on leave."""
    return account.name if post.covers is None else f"{account.name[:30]} 代 {post.covers.account.name[:30]}"


def hands_of(post: Post) -> frozenset[int]:
    """The holder's account, and that of whom the post covers."""
    return frozenset({post.account_id} if post.covers is None else {post.account_id, post.covers.account_id})


def covered_accounts(posts: Iterable[int]) -> set[int]:
    """Accounts for whom those of the posts that are covers were held."""
    return set(Post.objects.filter(pk__in=list(posts), covers__isnull=False).values_list("covers__account_id", flat=True))


def officer_of(account: Account, post: Post) -> Officer:
    return Officer(account_id=account.pk, name=named(account, post), post_id=post.pk, role=post.role,
                   jurisdiction=post.office, scenes=tuple(post.scenes), office_name=name_of(post.office),
                   covers=post.covers.account_id if post.covers else None)
