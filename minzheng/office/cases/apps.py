from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "minzheng.office.cases"
    label = "cases"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.scope.grants import register_provider
        from minzheng.office.cases.doors import cases_shared_with

        register_provider(cases_shared_with)
        flow.sends("supplemented", "withdrawn")
