from __future__ import annotations

from django.apps import AppConfig


class BrainConfig(AppConfig):
    name = "minzheng.data.brain"
    label = "brain"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain import checks, versions  # noqa: F401

        versions.plug_in()
        declare_actions({
            "parameter.drafted": "起草规则参数",
            "parameter.revised": "修改规则参数草稿",
            "parameter.submitted": "提交规则参数复核",
            "parameter.sent_back": "退回规则参数草稿",
            "parameter.withdrawn": "撤回规则参数草稿",
            "parameter.in_force": "批准规则参数生效",
        })
