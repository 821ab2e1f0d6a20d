from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from minzheng.base.crypto import public_key
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY


class Command(BaseCommand):
    help = "Registers the departments of a registry file as partners, and our public key with simulated ones (owner)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--registry", type=Path, default=Path(settings.VAR_DIR) / "simulators" / "registry.json")

    def handle(self, *args: Any, registry: Path, **options: Any) -> None:
        found = json.loads(registry.read_text())
        if admin := found.get("admin"):
            httpx.post(admin["base_url"] + "/callers", json={"caller": CALLER, "public_key": public_key(KEY)},
                       headers={"MZ-Admin-Token": admin["token"]}, timeout=10, trust_env=False).raise_for_status()
        self.stdout.write(f"{sync(found)} partners registered")
