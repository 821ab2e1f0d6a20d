from __future__ import annotations

import signal
import threading
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from minzheng.base.audit.sealing import seal_forever, seal_once, write_anchor
from minzheng.base.audit.state import verify_onward
from minzheng.base.scope.starting import refuse_unsafe_start

PAUSE = 600  # seconds


class Command(BaseCommand):
    help = "审计封印进程。以 MZ_ROLE=sealer 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--forever", action="store_true", help="每秒封印一次,直到收到停止信号")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unsafe_start()
        if not options["forever"]:
            seal = seal_once()
            write_anchor()
            self.stdout.write(f"封印 {seal.no}:{seal.count} 条" if seal else "没有待封印的记录")
            return
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, frame: stopping.append(received))
        threading.Thread(target=_verify_forever, args=(stopping,), daemon=True).start()
        seal_forever(lambda: bool(stopping))


def _verify_forever(stopping: list[int]) -> None:
    """Beside the sealing, on a connection of its own: the seals are checked again every ten minutes."""
    log = structlog.get_logger(__name__)
    while not stopping:
        try:
            for alarm in verify_onward().alarms:
                log.error("audit_alarm", text=alarm)
        except (OperationalError, InterfaceError) as error:
            log.warning("verifier_database_lost", kind=type(error).__name__)
            connection.close()
        for _ in range(PAUSE):
            if stopping:
                return
            time.sleep(1)
