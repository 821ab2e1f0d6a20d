"""Scope (数据权限): which rows the acting person may see, decided by PostgreSQL row-level security."""

from minzheng.base.scope.acting import Scope, acting, current, require

__all__ = ["Scope", "acting", "current", "require"]
