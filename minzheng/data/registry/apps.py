from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "minzheng.data.registry"
    label = "registry"

    def ready(self) -> None:
        from minzheng.base import audit
        from minzheng.data.registry.attributes import ACTIONS

        audit.declare_actions(ACTIONS)
