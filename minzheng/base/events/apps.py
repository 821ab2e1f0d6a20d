from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "minzheng.base.events"
    label = "events"

    def ready(self) -> None:
        """Rooms subscribe in their consumers.py."""
        autodiscover_modules("consumers")
