"""What the protocol library asks of us: issuer, keys, and which claims an outside system gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from minzheng.base.crypto import blind_index
from minzheng.base.divisions.names import full_name
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer
from minzheng.base.oidc import keys

SCOPES = ("openid", "profile")


def subject(client_id: str, account_id: int) -> str:
    """A name for the officer that differs from system to system (pairwise), so that two of them can't join their records."""
    return blind_index("oidc.subject", f"{client_id}:{account_id}").hex()


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """`request.oidc_officer` is set by our views once the sign-in is known to stand."""

    scope_display = {"openid": "确认您的身份", "profile": "您的姓名、用户名、岗位和管辖单位"}

    def get_issuer(self) -> str:
        return str(settings.PUBLIC_URL).rstrip("/")

    def get_user_sub(self, client: Any, user: Any) -> str:
        return subject(client.id, user.pk)

    def get_user_by_sub(self, client: Any, sub: str) -> Account | None:
        officer: Officer | None = getattr(self.request, "oidc_officer", None)
        if officer is None or subject(client.id, officer.account_id) != sub:
            return None
        return Account.objects.filter(pk=officer.account_id, is_active=True).first()

    def get_claims(self, purpose: Any, user: Any, client: Any, scopes: Iterable[str], email: str | None = None,
                   **kwargs: Any) -> dict[str, Any]:
        """Subject, and with `profile` name, user name and the post that was consented to. Never an ID number or phone."""
        officer: Officer = self.request.oidc_officer
        claims: dict[str, Any] = {"sub": subject(client.id, officer.account_id)}
        if "profile" in scopes:
            claims |= {
                "name": officer.name, "preferred_username": user.get_username(),
                "post": {"role": officer.role, "title": officer.role_title, "jurisdiction": officer.jurisdiction,
                         "jurisdiction_name": full_name(officer.jurisdiction)},
            }
        return claims

    def populate_id_token(self, id_token: dict[str, Any], client: Any, scopes: Iterable[str], **kwargs: Any) -> None:
        id_token["amr"] = ["pwd", "otp"]

    def list_private_keys(self, *, did_activate: Any = None, is_active: Any = None) -> list[Any]:
        from allauth.idp.oidc.internal.private_keys import filter_keys

        found: list[Any] = filter_keys(keys.all_keys(), did_activate=did_activate, is_active=is_active)
        if not found:
            raise ImproperlyConfigured("no key signs ID tokens")
        return found
