from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "minzheng.base.jobs"
    label = "jobs"
