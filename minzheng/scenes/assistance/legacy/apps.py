from __future__ import annotations

from django.apps import AppConfig


class LegacyConfig(AppConfig):
    name = "minzheng.scenes.assistance.legacy"
    label = "legacy"

    def ready(self) -> None:
        from minzheng.data.ingest.targets import register_target
        from minzheng.office.matters.menu import register_page
        from minzheng.scenes.assistance.legacy import tasks  # noqa: F401 (registers)
        from minzheng.scenes.assistance.legacy.target import DIBAO

        register_target(DIBAO)
        register_page("业务", "历史低保数据", "assistance:legacy", "upload", {"data_officer", "county_approver"})
