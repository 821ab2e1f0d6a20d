from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "minzheng.office.decisions"
    label = "decisions"

    def ready(self) -> None:
        from minzheng.base import audit, documents

        documents.declare_kinds({"decision": "决定书", "service_receipt": "送达回证"})
        audit.declare_actions({
            "decision.try": "联系当事人", "decision.hear": "听取当事人意见", "decision.decide": "作出决定",
            "decision.revoke": "撤销决定", "decision.serve": "送达决定书",
        })
