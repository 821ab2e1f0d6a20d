"""Roles of posts (岗位角色). Upper layers register theirs at start-up; the three administrators (三员) are ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """`levels` says where such a post may exist (1 省 … 5 村). `admin` posts exclude all other posts of the account.
    `heads`: roles of those who approve the leave of such a post, at its office or above it."""

    code: str
    title: str
    levels: tuple[int, ...]
    admin: bool = False
    heads: tuple[str, ...] = ()


_roles: dict[str, Role] = {}


def register_role(role: Role) -> None:
    known = _roles.setdefault(role.code, role)
    if known != role:
        raise ValueError(f"role {role.code} is registered twice")


def get_role(code: str) -> Role:
    """The role, or KeyError."""
    return _roles[code]


def role_title(code: str) -> str:
    """The role's title; services and roles that are no longer registered are called 系统."""
    return _roles[code].title if code in _roles else "系统自动办理"


def all_roles() -> list[Role]:
    return list(_roles.values())


for _role in (
    Role("system_admin", "系统管理员", (1, 2, 3), admin=True),
    Role("security_admin", "安全管理员", (1, 2, 3), admin=True),
    Role("audit_admin", "审计管理员", (1, 2, 3), admin=True),
):
    register_role(_role)
