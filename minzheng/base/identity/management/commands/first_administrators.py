from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from minzheng.base import clock
from minzheng.base.divisions.names import division_at
from minzheng.base.errors import Refused
from minzheng.base.identity.accounts import hash_of, initial_password
from minzheng.base.identity.models import Account, Post

ROLES = {"system": "system_admin", "security": "security_admin", "audit": "audit_admin"}


class Command(BaseCommand):
    help = "The first three administrators (三员) of an installation, as the owner; refused when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", default=settings.PROVINCE, help="管辖代码")
        for name in ROLES:
            parser.add_argument(f"--{name}", required=True, metavar="用户名:姓名")

    def handle(self, *args: Any, office: str, **options: Any) -> None:
        people = {}
        for name in ROLES:
            username, _, full = options[name].partition(":")
            if not username or not full:
                raise CommandError(f"--{name} 应写成 用户名:姓名")
            people[name] = (username, full)
        if len({username for username, _ in people.values()}) != len(ROLES):
            raise CommandError("三员必须是三个不同的人")
        if Post.objects.filter(role__in=ROLES.values()).exists():
            raise CommandError("已经有管理员岗位,请由现任管理员在“账户与岗位”里办理。")
        try:
            division_at(office)
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        with transaction.atomic():
            for name, (username, full) in people.items():
                password = initial_password()
                account = Account.objects.create(username=username, name=full, password=hash_of(password),
                                                 must_change_password=True)
                Post.objects.create(account=account, role=ROLES[name], office=office, valid_from=clock.today(),
                                    approved_by=account, approved_at=clock.now())
                self.stdout.write(f"{full} {username} 一次性密码 {password}(首次登录须修改,并绑定动态口令)")
