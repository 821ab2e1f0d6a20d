"""What each role may do with each table. Every room declares its own tables in its guards.py; these are others'."""

from __future__ import annotations

from minzheng.base.scope.guarding import Open

TABLES = [
    Open("django_migrations"),
    Open("django_content_type", web="S", officer="S", citizen="S", worker="S", batch="S"),
    Open("shared_cache", web="SIUD", officer="SIUD", citizen="SIUD"),
    Open("django_session", web="SIUD", officer="SIUD", citizen="SIUD"),
    Open("auth_group"),
    Open("auth_group_permissions"),
    Open("auth_permission"),
    Open("account_emailaddress", web="SIUD", officer="S", citizen="S"),
    Open("account_emailconfirmation", web="SIUD"),
    Open("mfa_authenticator", web="SIUD", officer="S", citizen="S"),
]
