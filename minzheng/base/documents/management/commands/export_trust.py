from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.crypto import public_key
from minzheng.base.documents.signing import certificates


class Command(BaseCommand):
    help = "导出文书签章的根证书和各签名公钥,供外部核验。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "document-root.pem").write_text(certificates().root)
        lines = [f"{name} {public_key(name)}\n" for name in ("audit_seal", "documents")]
        (folder / "public-keys.txt").write_text("".join(lines))
        self.stdout.write(f"已导出到 {folder}")
