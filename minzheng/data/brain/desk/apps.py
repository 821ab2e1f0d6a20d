from __future__ import annotations

from django.apps import AppConfig


class PolicyDeskConfig(AppConfig):
    name = "minzheng.data.brain.desk"
    label = "policydesk"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain.desk import tasks  # noqa: F401 (declares the job)

        declare_actions({
            "policy.drafted": "起草政策方案", "policy.revised": "修改政策方案", "policy.ended": "作废政策方案",
            "policy.sent": "政策方案送审", "policy.withdrawn": "撤回政策方案", "policy.sent_back": "退回政策方案",
            "policy.in_force": "批准政策方案生效", "policy.run": "政策仿真测算", "policy.shared": "分享测算结果",
            "policy.unshared": "停止分享测算结果", "policy.read": "查看测算结果", "policy.near_read": "查看临近标准线的家庭",
            "policy.exported": "导出测算结果", "policy.recomputed": "重算一户往月待遇",
        })
