from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from minzheng.base.crypto import KeyRing


def _make_certificate(keys: KeyRing) -> bool:
    """The PDF libraries are large: a process that signs nothing does not load them."""
    from minzheng.base.documents.signing import make_certificate

    return make_certificate(keys)


class DocumentsConfig(AppConfig):
    name = "minzheng.base.documents"
    label = "documents"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key
        from minzheng.base.crypto.signing import also_make

        declare_signing_key("documents", "sm2")
        also_make(_make_certificate)
        declare_actions({"document.issue": "出具文书", "document.revoke": "撤销文书", "document.read": "查看文书"})
