from __future__ import annotations

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "minzheng.scenes.assistance.verification"
    label = "verification"
    verbose_name = "家庭经济状况核对"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key
        from minzheng.base.documents import declare_kinds
        from minzheng.scenes.assistance.verification import tasks  # noqa: F401 (declares the job)
        from minzheng.scenes.assistance.verification.reports import KEY

        declare_signing_key(KEY)
        declare_kinds({"verification.report": "居民家庭经济状况核对报告"})
        declare_actions({
            "verification.authorised": "登记核对授权书",
            "verification.withdrawn": "撤回核对授权",
            "verification.requested": "发起家庭经济状况核对",
            "verification.asked": "向各部门核对家庭经济状况",
            "verification.answered": "收到各部门核对结果",
            "verification.reported": "出具核对报告",
            "verification.read": "查看核对结果",
            "verification.objected": "对核对结果提出异议",
            "verification.rechecked": "对异议重新核对",
        })
