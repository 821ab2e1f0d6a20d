from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from minzheng.base.crypto.rotation import new_data_key, rotate


class Command(BaseCommand):
    help = "更换数据密钥并分批重新加密;中断后用 --resume 继续(不再换新密钥)。以 MZ_ROLE=owner 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--resume", action="store_true", help="继续上次的重新加密")
        parser.add_argument("--batch", type=int, default=2000)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["resume"]:
            self.stdout.write(f"新数据密钥:{new_data_key()} 号")
        kept = 0
        for progress in rotate(options["batch"]):
            kept += bool(progress.problem)
            self.stdout.write(f"{progress.column}:{progress.done} 条 {progress.problem}")
        if kept:
            raise CommandError(f"{kept} 个列没有改写,旧密钥须保留")
