from __future__ import annotations

from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError

from minzheng.base.audit.verifying import UNSEALED_TOO_LONG, Alarm, verify_live


class Command(BaseCommand):
    help = "核验数据库里的审计记录与封印;有告警时退出码非零。以 MZ_ROLE=sealer 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--since", type=int, default=1, help="从第几号封印起")
        parser.add_argument("--unsealed-after", type=float, default=UNSEALED_TOO_LONG, metavar="秒")

    def handle(self, *args: Any, **options: Any) -> None:
        alarms: list[Alarm] = []
        result = verify_live(alarms, since=options["since"], unsealed_after=options["unsealed_after"])
        for alarm in alarms:
            structlog.get_logger(__name__).error("audit_alarm", kind=alarm.kind, where=alarm.where)
            self.stdout.write(f"告警 {alarm.where}:{alarm.text}")
        self.stdout.write(f"核验 {result.seals} 个封印、{result.records} 条记录,告警 {len(alarms)} 处")
        if alarms:
            raise CommandError("审计记录核验不通过")
