from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "minzheng.office.cases"
    label = "cases"

    def ready(self) -> None:
        from minzheng.base import audit, flow
        from minzheng.base.scope.grants import register_provider
        from minzheng.office.cases.doors import cases_shared_with

        register_provider(cases_shared_with)
        flow.sends("supplemented", "withdrawn")
        audit.declare_actions({
            "case.read": "查阅办件", "case.submit": "提交申请", "case.identified": "核实身份", "case.accept": "受理申请", "case.rejected": "不予受理",
            "case.ask_supplement": "通知补正", "case.supplement": "提交补正", "case.withdrawn": "撤回申请",
            "case.object": "提出异议", "case.hand_over": "移交办件", "case.closed": "办结", "case.ended": "终止办理",
            "case.change_matter": "改按其他事项办理", "delegation.start": "委托乡镇审核确认", "delegation.end": "收回委托",
        })
