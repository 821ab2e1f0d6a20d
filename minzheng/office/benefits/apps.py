from __future__ import annotations

from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "minzheng.office.benefits"
    label = "benefits"

    def ready(self) -> None:
        from minzheng.office.benefits import consumers  # noqa: F401
