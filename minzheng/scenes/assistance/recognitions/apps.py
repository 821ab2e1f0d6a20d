from __future__ import annotations

from django.apps import AppConfig


class RecognitionsConfig(AppConfig):
    name = "minzheng.scenes.assistance.recognitions"
    label = "recognitions"
    verbose_name = "救助对象认定"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.scenes.assistance.recognitions import consumers  # noqa: F401 (subscribes)

        declare_actions({"recognition.recognised": "认定救助对象", "recognition.ended": "终止救助对象认定",
                         "recognition.restored": "撤销终止决定后恢复认定"})
