"""Whether a sign-in still stands: system, account, second factor, post and browser session, each asked anew."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.posts import officer_of, posts_in_force
from minzheng.base.oidc.models import SignIn


def officer_posts(account: Account) -> list[Officer]:
    """The account as officer in each post in force; empty for citizens, suspended accounts and those without factor."""
    if account.person_id or not account.is_active or account.must_change_password or not account.mfa_enabled():
        return []
    return [officer_of(account, post) for post in posts_in_force(account)]


def standing_officer(row: SignIn) -> Officer | None:
    """The officer of the sign-in, or None when it no longer stands."""
    application = row.application
    if row.ended_at is not None or application.approved_at is None or application.ended_at is not None:
        return None
    # sessions expire by the machine's clock, not by a demonstration's shifted one
    if not Session.objects.filter(session_key=row.session, expire_date__gt=timezone.now()).exists():
        return None
    account = Account.objects.filter(pk=row.account_id).first()
    posts = officer_posts(account) if account else []
    return next((who for who in posts if who.post_id == row.post_id), None)
