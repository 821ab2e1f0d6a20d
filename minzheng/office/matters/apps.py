from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "minzheng.office.matters"
    label = "matters"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.identity.roles import register_role
        from minzheng.office.matters import limits
        from minzheng.office.matters.roles import OFFICE_ROLES

        from minzheng.office.matters import checks  # noqa: F401

        for role in OFFICE_ROLES:
            register_role(role)
        flow.use_parameters(limits.value, limits.exists)
        for level, role in ((4, "town_reviewer"), (3, "county_leader"), (2, "city_officer"), (1, "province_officer")):
            flow.register_supervisor(level, role)
