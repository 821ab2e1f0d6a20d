from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.audit.exporting import export_segment
from minzheng.base.crypto import public_key


class Command(BaseCommand):
    help = "导出一段已封印的审计记录,供独立核验程序核验。以 MZ_ROLE=sealer 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file")
        parser.add_argument("--first", type=int, default=1)
        parser.add_argument("--last", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        with open(options["file"], "wb") as out:
            total = export_segment(out, options["first"], options["last"])
        self.stdout.write(f"{total} 条记录;核验:python -m minzheng.base.audit.verifier {options['file']}"
                          f" --key {public_key('audit_seal')}")
