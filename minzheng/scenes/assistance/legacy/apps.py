from __future__ import annotations

from django.apps import AppConfig


class LegacyConfig(AppConfig):
    name = "minzheng.scenes.assistance.legacy"
    label = "legacy"

    def ready(self) -> None:
        from minzheng.data.ingest.targets import register_target
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.legacy import tasks  # noqa: F401 (registers)
        from minzheng.scenes.assistance.legacy.target import DIBAO

        register_target(DIBAO)
        entries.add_page(entries.Page("历史低保数据", "assistance:legacy", "upload", frozenset({"data_officer", "county_approver"})))
