"""The second factor (动态验证码): secrets are kept encrypted; in a demonstration the present code may be shown."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings

from minzheng.base.crypto import decrypt, encrypt

CONTEXT = "mfa_authenticator.data"
PERIOD = 30


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "不能自行解除动态验证码。请本单位系统管理员重置。",
        "incorrect_code": "验证码不对。请核对手机验证器上现在显示的 6 位数字;一个数字只能用一次,刚用过的请等下一个。",
    }

    def encrypt(self, text: str) -> str:
        return encrypt(CONTEXT, text).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(CONTEXT, bytes.fromhex(encrypted_text))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return False

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Accounts have no mailbox of ours; the audit keeps what happened."""


def current_code(secret: str) -> str:
    """What the authenticator of this secret shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD)))


def secret_of(account: Any) -> str | None:
    """The account's secret in clear, or None when none is set up."""
    found = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    return SecondFactorAdapter().decrypt(found.data["secret"]) if found else None


def demo_code(account: Any) -> str:
    """The present code, in a demonstration only; empty otherwise."""
    secret = secret_of(account) if settings.DEMO and account is not None else None
    return current_code(secret) if secret else ""


def enrol(account: Any, secret: str) -> None:
    """Sets up a second factor with a known secret; for demonstrations and tests. RuntimeError elsewhere."""
    if not settings.DEMO:
        raise RuntimeError("a second factor is set up by its owner only")
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP,
                                 data={"secret": SecondFactorAdapter().encrypt(secret)})
