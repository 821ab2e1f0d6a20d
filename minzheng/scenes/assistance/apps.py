from __future__ import annotations

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    name = "minzheng.scenes.assistance"
    label = "assistance"
    verbose_name = "社会救助"

    def ready(self) -> None:
        from minzheng.scenes.assistance import contribute

        contribute.register()
