from __future__ import annotations

from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "minzheng.base.backup"
    label = "backup"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key

        declare_signing_key("backup")
        declare_actions({"backup.restore": "从备份恢复"})
