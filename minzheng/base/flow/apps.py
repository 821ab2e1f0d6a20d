from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FlowConfig(AppConfig):
    name = "minzheng.base.flow"
    label = "flow"

    def ready(self) -> None:
        from . import checks, publishing  # noqa: F401

        post_migrate.connect(publishing.after_migrate, sender=self, dispatch_uid="flow.publish")
