"""Opens a transaction in which the database knows who is acting, and closes it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection, transaction

from minzheng.base.scope.ranges import range_of

CASES_CAP = 500
ROLES = {"officer": "mz_officer", "citizen": "mz_citizen", "batch": "mz_batch"}


@dataclass(frozen=True)
class Scope:
    """Role and reach of whoever acts. `low`/`high` is half-open; `cases` are single cases granted beyond it."""

    role: str
    low: str = ""
    high: str = ""
    account: int = 0
    post: int = 0
    person: int = 0
    cases: tuple[int, ...] = ()

    @classmethod
    def of_jurisdiction(cls, role: str, jurisdiction: str) -> Scope:
        low, high = range_of(jurisdiction)
        return cls(role=role, low=low, high=high)


_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    return _current.get()


def require() -> Scope:
    """The scope in force; RuntimeError when there is none (a programming mistake, so it fails closed)."""
    scope = _current.get()
    if scope is None:
        raise RuntimeError("no scope is set")
    return scope


_SET = ("select set_config('role', %s, true), set_config('mz.low', %s, true), set_config('mz.high', %s, true), set_config('mz.account', %s, true),"
        " set_config('mz.post', %s, true), set_config('mz.person', %s, true), set_config('mz.cases', %s, true)")


def _apply(scope: Scope | None) -> None:
    with connection.cursor() as cursor:
        if scope is None:
            cursor.execute(_SET, [settings.DB_ROLE, "", "", "", "", "", ""])
            return
        cursor.execute(_SET, [ROLES[scope.role], scope.low, scope.high, str(scope.account or ""), str(scope.post or ""),
                              str(scope.person or ""), "{" + ",".join(map(str, scope.cases)) + "}"])


@contextmanager
def acting(scope: Scope) -> Iterator[Scope]:
    """A transaction under `scope`. Nested use restores the outer scope, since what is set locally survives a savepoint;
    at the end of a transaction of our own nothing is left to restore."""
    if scope.role not in ROLES:
        raise ValueError(f"unknown role {scope.role!r}")
    if len(scope.cases) > CASES_CAP:
        raise ValueError("too many single-case grants")
    outer, nested = _current.get(), connection.in_atomic_block
    with transaction.atomic():
        _apply(scope)
        token = _current.set(scope)
        try:
            yield scope
        finally:
            _current.reset(token)
        # after an error the rollback to the savepoint takes role and settings back; a statement here would hide it
        if nested and not connection.needs_rollback:
            _apply(outer)


def widen(cases: tuple[int, ...]) -> None:
    """Adds single-case grants to the scope in force, until its block ends."""
    if not cases:
        return
    if len(cases) > CASES_CAP:
        raise ValueError("too many single-case grants")
    scope = replace(require(), cases=cases)
    _apply(scope)
    _current.set(scope)
