from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "minzheng.office.matters"
    label = "matters"

    def ready(self) -> None:
        from minzheng.base.identity.roles import register_role
        from minzheng.office.matters.roles import OFFICE_ROLES

        from minzheng.office.matters import checks  # noqa: F401

        for role in OFFICE_ROLES:
            register_role(role)
