from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Sample accounts and cases. Installed in demonstrations only."""

    name = "minzheng.demo"
    label = "demo"
