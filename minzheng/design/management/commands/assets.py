from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minzheng.design.assets import AssetsMissing, install


class Command(BaseCommand):
    help = "取得页面所需的第三方文件(图标、图表、流程图、字体),写入 var 目录;已是最新时立即返回。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = install(Path(settings.VAR_DIR))
        except AssetsMissing as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("第三方文件已更新" if changed else "第三方文件已是最新")
