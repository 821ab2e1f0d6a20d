from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "minzheng.scenes.assistance.statistics"
    label = "statistics"
    verbose_name = "社会救助统计"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.statistics import tasks  # noqa: F401 (declares)
        from minzheng.scenes.assistance.statistics.forming import READERS

        entries.add_page(entries.Page("救助统计", "assistance:statistics", "chart-line", frozenset(READERS)))
        declare_actions({"statistics.closed": "统计月度定稿", "statistics.corrected": "更正已定稿的统计", "statistics.traced": "查看统计明细"})
