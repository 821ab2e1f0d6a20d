from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "minzheng.data.exchange"
    label = "exchange"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key
        from minzheng.data.exchange.wire import KEY

        declare_signing_key(KEY)
        declare_actions({"exchange.notice_received": "接收部门报送的信息"})
