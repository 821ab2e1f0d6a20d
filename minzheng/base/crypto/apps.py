from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class CryptoConfig(AppConfig):
    name = "minzheng.base.crypto"
    label = "crypto"

    def ready(self) -> None:
        register(keys_are_there)


def keys_are_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every command but `make_keys` refuses to start without a usable key ring."""
    from minzheng.base.crypto.ring import KeyMissing, require_keys

    try:
        require_keys()
    except KeyMissing as error:
        return [Error(str(error), id="crypto.E001")]
    return []
