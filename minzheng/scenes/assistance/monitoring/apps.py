from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

_HERE = Path(__file__).parent


class MonitoringConfig(AppConfig):
    name = "minzheng.scenes.assistance.monitoring"
    label = "assistance_monitoring"
    verbose_name = "低收入人口动态监测"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain import rules

        rules.load_parameters(_HERE / "monitoring.yaml")
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.monitoring import checks, consumers, pages, tasks  # noqa: F401 (registers)

        entries.add_page(entries.Page("低收入人口库", "assistance:library", "heartbeat", frozenset(pages.READERS)))
        entries.add_work("YJ", "alert", pages.describe)
        flow.sends("watch_over", "application")
        for version in (1, 2):
            flow.register_process(_HERE / "processes" / f"alert.v{version}.bpmn", scene="assistance")
        declare_actions({
            "monitoring.taken": "收到部门监测数据",
            "monitoring.opened": "生成监测预警",
            "monitoring.read": "查看家庭画像",
            "monitoring.alert_read": "查看监测预警",
            "monitoring.filed": "预警家庭已提交申请",
            "monitoring.ended": "终止监测预警",
            "monitoring.moved": "监测预警随户转交",
            "monitoring.closed": "处置监测预警",
            "monitoring.listed": "列入低收入人口库",
            "monitoring.unlisted": "移出低收入人口库",
            "monitoring.searched": "查询低收入人口库",
        })
