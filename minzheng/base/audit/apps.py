from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "minzheng.base.audit"
    label = "audit"

    def ready(self) -> None:
        from minzheng.base.crypto import declare_signing_key

        declare_signing_key("audit_seal")
