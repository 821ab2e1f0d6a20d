from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "minzheng.base.identity"
    label = "identity"
