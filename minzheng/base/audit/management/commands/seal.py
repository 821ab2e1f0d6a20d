from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.audit.sealing import seal_forever, seal_once, write_anchor


class Command(BaseCommand):
    help = "审计封印进程。以 MZ_ROLE=sealer 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--forever", action="store_true", help="每秒封印一次,直到收到停止信号")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["forever"]:
            seal = seal_once()
            write_anchor()
            self.stdout.write(f"封印 {seal.no}:{seal.count} 条" if seal else "没有待封印的记录")
            return
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, frame: stopping.append(received))
        seal_forever(lambda: bool(stopping))
