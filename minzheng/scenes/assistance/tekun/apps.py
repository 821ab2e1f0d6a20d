from __future__ import annotations

from django.apps import AppConfig


class TekunConfig(AppConfig):
    name = "minzheng.scenes.assistance.tekun"
    label = "tekun"
    verbose_name = "特困人员救助供养"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions

        declare_actions({"tekun.self_care": "评估生活自理能力", "tekun.care": "落实供养方式", "tekun.draw": "随机抽查"})
