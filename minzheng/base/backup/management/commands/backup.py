from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minzheng.base.backup.taking import copy_files, copy_wal, prune, require_archive, take_backup
from minzheng.base.crypto import KeyMissing
from minzheng.base.errors import Refused


class Command(BaseCommand):
    help = "备份数据库、WAL 归档、文件、审计锚定和托管的密钥到一个文件夹。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--wal-only", action="store_true", help="只追加新的 WAL 和文件,可每分钟运行")
        parser.add_argument("--without-keys", action="store_true", help="不写托管的密钥(密钥已另行保管)")
        parser.add_argument("--keep", type=int, default=0, metavar="份", help="只保留最新几份基础备份")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, target = options["folder"].resolve(), settings.TARGET
        try:
            if options["wal_only"]:
                with target.connect_admin() as admin:
                    require_archive(admin)
                    count = copy_wal(folder, target, admin)
                self.stdout.write(f"追加 {count} 个 WAL 段,{copy_files(folder)} 个文件")
                return
            base = take_backup(folder, target, keys=not options["without_keys"])
        except (Refused, KeyMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"备份完成:{base}")
        if options["keep"]:
            self.stdout.write(f"清理旧备份 {prune(folder, options['keep'])} 份")
