"""Care of accounts. Password by the security administrator, second factor by the system administrator: one of them
alone can never take over an account."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password
from django.db import DatabaseError

from minzheng.base.audit import record
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.posting import call_door

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def initial_password() -> str:
    """16 letters and digits without look-alikes (79 random bits), in groups that can be read out."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(text[at:at + 4] for at in range(0, 16, 4))


def hash_of(password: str) -> str:
    """Hash of a random initial password. Stretching adds nothing to 79 random bits, and 2,000 rows must not take
    minutes; the first sign-in stretches it as usual."""
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=1000)
    return make_password(password)


def do_unlock(account: int, *, by: Officer) -> None:
    """解锁: lets an account try again before its time is over."""
    require_role(by, "system_admin")
    _door("identity_unlock", account, by)
    _record("identity.unlock", by, account)


def do_reset_password(account: int, *, by: Officer, reason: str) -> str:
    """A new initial password, shown once; it must be changed at the first sign-in. Ends the account's session."""
    require_role(by, "security_admin")
    _reason(reason)
    fresh = initial_password()
    _door("identity_reset_password", account, by, hash_of(fresh))
    _record("identity.reset_password", by, account, reason=reason.strip())
    return fresh


def do_reset_second_factor(account: int, *, by: Officer, reason: str) -> None:
    """The phone is lost: the next sign-in sets up a new one."""
    require_role(by, "system_admin")
    _reason(reason)
    if not _door("identity_reset_second_factor", account, by):
        raise Refused("这个账户还没有绑定动态验证码。")
    _record("identity.reset_second_factor", by, account, reason=reason.strip())


def do_enable(account: int, enabled: bool, *, by: Officer, reason: str) -> None:
    """启用 or 停用; a disabled account is signed out at once."""
    require_role(by, "system_admin")
    _reason(reason)
    if account == by.account_id:
        raise Refused("不能停用自己的账户。")
    _door("identity_enable", account, by, enabled)
    _record("identity.enable" if enabled else "identity.disable", by, account, reason=reason.strip())


def _reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("请写明原因。", field="reason")


def _door(function: str, account: int, by: Officer, *more: Any) -> Any:
    if not Account.objects.filter(pk=account, person_id=None).exists():
        raise NotFound("没有找到这个工作人员账户。")
    try:
        return call_door(function, [account, *more])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "42501":
            raise NotFound("没有找到这个工作人员账户,或不在本辖区内。") from error
        raise


def _record(action: str, by: Officer, account: int, reason: str = "") -> None:
    record(action, by=by, obj_type="account", obj_id=account, jurisdiction=by.jurisdiction, reason=reason)
