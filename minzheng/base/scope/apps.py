from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ScopeConfig(AppConfig):
    name = "minzheng.base.scope"
    label = "scope"

    def ready(self) -> None:
        from minzheng.base.scope import checks, guarding  # noqa: F401

        pre_migrate.connect(guarding.before_migrate, sender=self, dispatch_uid="scope.functions")
        post_migrate.connect(guarding.after_migrate, sender=self, dispatch_uid="scope.guards")
