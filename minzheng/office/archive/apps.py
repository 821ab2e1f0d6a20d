from __future__ import annotations

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "minzheng.office.archive"
    label = "archive"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key

        declare_signing_key("archive", "ed25519")
        declare_actions({"archive.build": "办件归档", "archive.verify": "校验档案"})
