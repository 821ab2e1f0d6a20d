from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from minzheng.base import audit
from minzheng.base.identity.officer import Service
from minzheng.base.oidc import keys
from minzheng.base.scope.ranges import province


class Command(BaseCommand):
    help = "Makes a new key that signs ID tokens; the former one is still published for an hour."

    def handle(self, *args: Any, **options: Any) -> None:
        number = keys.rotate()
        with transaction.atomic():
            audit.record("oidc.rotate", by=Service("运维命令", province()), obj_type="oidc_key", obj_id=number,
                         jurisdiction=province())
        self.stdout.write(f"登录签名密钥已更换,新密钥编号 {number}。")
