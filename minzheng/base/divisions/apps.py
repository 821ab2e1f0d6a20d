from __future__ import annotations

from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "minzheng.base.divisions"
    label = "divisions"
