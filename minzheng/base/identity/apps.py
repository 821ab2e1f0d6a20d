from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "minzheng.base.identity"
    label = "identity"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions

        declare_actions({
            "identity.propose_post": "提出岗位", "identity.approve_post": "批准岗位", "identity.end_post": "结束岗位",
            "identity.unlock": "解锁账户", "identity.reset_password": "重设密码", "identity.import": "批量导入账户",
            "identity.reset_second_factor": "重置动态验证码", "identity.enable": "启用账户",
            "identity.disable": "停用账户", "export.made": "导出表格", "leave.ask": "申请请假代岗", "leave.approve": "批准请假代岗",
            "leave.refuse": "不批准请假代岗", "leave.withdraw": "撤回请假", "leave.end": "结束代岗",
            "flow.cover": "代岗交接任务", "page.refused": "访问无权的页面",
        })
