from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from minzheng.base.identity.models import Account
from minzheng.base.identity.second_factor import demo_code


class Command(BaseCommand):
    help = "Shows the present code of an account's second factor. Demonstrations only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("只有演示环境(MZ_DEMO=1)可以查看动态验证码。")
        account = Account.objects.filter(username=options["username"]).first()
        code = demo_code(account) if account else ""
        if not code:
            raise CommandError("没有这个账户,或它还没有绑定动态验证码。")
        self.stdout.write(code)
