from __future__ import annotations

from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "minzheng.office.benefits"
    label = "benefits"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions

        declare_actions({
            "benefits.granted": "确定救助待遇", "benefits.added_once": "批量增发一次性待遇",
            "benefits.amount_changed": "调整救助金额", "benefits.suspended": "暂停救助待遇",
            "benefits.resumed": "恢复救助待遇", "benefits.ended": "终止救助待遇",
            "benefits.restored": "撤销决定后恢复待遇", "benefits.grace_started": "进入渐退期",
            "benefits.moved": "转移救助待遇管辖", "benefits.payee_changed": "变更收款账户",
            "benefits.review_opened": "开始待遇复核", "benefits.review_closed": "办结待遇复核",
            "budget.shares": "设定资金分担比例",
        })  # fmt: skip
