from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

PROCESSES = Path(__file__).parent / "processes"


class DecisionsConfig(AppConfig):
    name = "minzheng.office.decisions"
    label = "decisions"

    def ready(self) -> None:
        from minzheng.base import audit, documents, flow

        documents.declare_kinds({"decision": "决定书", "service_receipt": "送达回证", "objection_answer": "异议答复书"})
        flow.register_process(PROCESSES / "decision_objection.v1.bpmn")
        audit.declare_actions({
            "decision.try": "联系当事人", "decision.hear": "听取当事人意见", "decision.decide": "作出决定",
            "decision.revoke": "撤销决定", "decision.serve": "送达决定书", "decision.object": "对决定提出异议",
            "decision.answer": "答复对决定的异议",
        })
