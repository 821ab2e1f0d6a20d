"""Lists the functional zones that ship, or puts one in force by the document that gives it civil affairs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from minzheng.base.divisions.models import Jurisdiction
from minzheng.base.divisions.zones import put_in_force, shipped_zones
from minzheng.base.errors import Refused


class Command(BaseCommand):
    help = "Functional zones: without arguments the list; with a code, a document and a day, one is put in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", default="")
        parser.add_argument("--document", default="", help="name and number of the document")
        parser.add_argument("--since", type=dt.date.fromisoformat, default=None, help="first day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["code"]:
            if options["since"] is None:
                raise CommandError("请用 --since 写明起始日期,例如 --since 2027-01-01。")
            try:
                count = put_in_force(options["code"], options["document"], options["since"])
            except Refused as refusal:
                raise CommandError(refusal.reason) from None
            self.stdout.write(f"已登记,{options['since']} 起由功能区负责 {count} 个乡镇(街道)和村(社区)。")
            return
        known = set(Jurisdiction.objects.filter(kind="zone").values_list("code", flat=True))
        for zone in shipped_zones().values():
            state = "已登记" if zone.code in known else "未启用"
            self.stdout.write(f"{zone.code} {zone.name} {len(zone.townships)} 个乡镇(街道) {state} 数据:{zone.source}")
