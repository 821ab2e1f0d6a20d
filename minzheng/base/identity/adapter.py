"""Sign-in rules around allauth: lock-out after repeated failures, one session an account, no self-registration."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest

from minzheng.base import clock
from minzheng.base.identity.models import Account

FAILURES_ALLOWED = 5
LOCKED_FOR = dt.timedelta(minutes=15)
RECENT = 300  # seconds


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        account = Account.objects.filter(username=credentials.get("username", "")).first()
        if account and account.locked_until and account.locked_until > clock.now():
            minutes = int((account.locked_until - clock.now()).total_seconds() // 60) + 1
            raise ValidationError(f"连续输错密码,账户已锁定。请 {minutes} 分钟后再试,或联系系统管理员解锁。")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        found = Account.objects.filter(username=credentials.get("username", ""))
        found.update(failed_count=F("failed_count") + 1)
        found.filter(failed_count__gte=FAILURES_ALLOWED).update(
            failed_count=0, locked_until=clock.now() + LOCKED_FOR)

    def login(self, request: HttpRequest, user: Account) -> None:
        super().login(request, user)
        if user.session_key and user.session_key != request.session.session_key:
            Session.objects.filter(session_key=user.session_key).delete()
        Account.objects.filter(pk=user.pk).update(
            failed_count=0, locked_until=None, session_key=request.session.session_key or "", last_login=clock.now())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within five minutes of signing in: a new officer sets up the second factor right after the password."""
        request = context.request
        records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
        if records and time.time() - max(record["at"] for record in records) < RECENT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def set_password(self, user: Account, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Accounts have no mailbox of ours; the audit keeps what happened."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/my/" if getattr(request.user, "person_id", None) else "/desk/"
