"""The present one-time code of a sample account, for signing in where the page is not at hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from minzheng.base.identity.models import Account
from minzheng.base.identity.second_factor import demo_code


class Command(BaseCommand):
    help = "Prints the present one-time code of a sample account; in a demonstration only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("动态口令只在演示环境可以这样查看(MZ_DEMO=1)。")
        code = demo_code(Account.objects.filter(username=username).first())
        if not code:
            raise CommandError(f"没有账户 {username},或它没有设动态口令(市民账户不需要)。")
        self.stdout.write(code)
