from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minzheng.base.backup.manifest import BadBackup
from minzheng.base.backup.reopening import reopen
from minzheng.base.backup.restoring import restore
from minzheng.base.crypto import KeyMissing
from minzheng.base.errors import Refused


class Command(BaseCommand):
    help = "从备份恢复到时间点(不带 --to 则恢复到最新),并核验审计链。先停止全部服务。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--to", type=dt.datetime.fromisoformat, default=None, metavar="2026-11-24T09:30:00")
        parser.add_argument("--reason", default="从备份恢复")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.TARGET.server is None:
            raise CommandError("使用外部 PostgreSQL 时,请由数据库管理员恢复数据库")
        var = Path(settings.VAR_DIR)
        try:
            done = restore(options["folder"].resolve(), var, options["to"])
        except (Refused, BadBackup, KeyMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已用 {done.label} 恢复,最后的事务 {done.reached},补回文件 {done.blobs} 个")
        problems = reopen(done, options["reason"])
        for problem in problems:
            self.stdout.write(f"告警 {problem}")
        if problems:
            raise CommandError("恢复后的审计链核验不通过")
        self.stdout.write("审计链核验通过")
