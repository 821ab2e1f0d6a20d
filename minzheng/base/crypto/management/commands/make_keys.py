from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.crypto.ring import KeyRing, secrets_dir
from minzheng.base.crypto.signing import make_declared


class Command(BaseCommand):
    help = "建立主密钥、密钥环和已登记的签名密钥;已有的保持不变。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        ring = KeyRing.create(secrets_dir())
        made = make_declared(ring)
        self.stdout.write(f"密钥环共 {len(ring.all())} 把密钥,新建签名密钥:{'、'.join(made) or '无'}")
