from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "minzheng.office.matters"
    label = "matters"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.identity.roles import register_role
        from minzheng.office.matters import checks, limits  # noqa: F401
        from minzheng.office.matters.roles import OFFICE_ROLES, SUPERVISORS

        for role in OFFICE_ROLES:
            register_role(role)
        flow.use_parameters(limits.value, limits.exists)
        for level, supervisor in SUPERVISORS.items():
            flow.register_supervisor(level, supervisor)
