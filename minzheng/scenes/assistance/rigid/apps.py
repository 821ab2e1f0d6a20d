from __future__ import annotations

from django.apps import AppConfig


class RigidConfig(AppConfig):
    name = "minzheng.scenes.assistance.rigid"
    label = "rigid"
    verbose_name = "刚性支出困难家庭"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions

        declare_actions({"rigid.bills": "核实刚性支出单据"})
