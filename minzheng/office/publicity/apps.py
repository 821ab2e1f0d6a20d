from __future__ import annotations

from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "minzheng.office.publicity"
    label = "publicity"

    def ready(self) -> None:
        from minzheng.base import audit

        audit.declare_actions({
            "publicity.publish": "公示", "publicity.end": "公示期满", "publicity.withdraw": "撤下公示",
            "publicity.dispute": "对公示提出异议", "publicity.answer": "答复公示异议", "publicity.list": "列入长期公示",
            "publicity.unlist": "退出长期公示",
        })
