from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "minzheng.base.documents"
    label = "documents"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key
        from minzheng.base.crypto.signing import also_make
        from minzheng.base.documents.signing import make_certificate

        declare_signing_key("documents", "sm2")
        also_make(make_certificate)
        declare_actions({"document.issue": "出具文书", "document.revoke": "撤销文书", "document.read": "查看文书"})
