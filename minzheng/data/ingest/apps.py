from __future__ import annotations

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "minzheng.data.ingest"
    label = "ingest"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.data.ingest import tasks  # noqa: F401 (registers)

        declare_actions({
            "ingest.mapping": "保存导入对照表", "ingest.receive": "上传待导入数据", "ingest.checked": "试导入完成",
            "ingest.refused": "整批退回", "ingest.confirm": "人工确认待核行", "ingest.start": "开始正式导入",
            "ingest.loaded": "正式导入完成", "ingest.accept": "接受对账结果", "ingest.turn_down": "退回对账结果",
            "ingest.report": "下载对账明细",
        })
