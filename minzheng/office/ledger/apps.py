from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "minzheng.office.ledger"
    label = "ledger"

    def ready(self) -> None:
        from minzheng.base.crypto import declare_signing_key

        declare_signing_key("ledger", "sm2")
