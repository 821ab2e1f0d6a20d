"""Signing in through Django's test client, as the middleware wants it: officers with a second factor and a post."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.test import Client

from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Actor, Officer
from minzheng.testing.cast import as_owner


def sign_in(client: Client, who: Actor) -> Client:
    """The client's next requests come from `who`, in that officer's post."""
    account = Account.objects.get(pk=who.account_id)
    if isinstance(who, Officer):
        with as_owner():
            Authenticator.objects.get_or_create(user=account, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["post"] = getattr(who, "post_id", 0)
    session.save()
    return client
