"""Writes the sample accounts and the county's budget, as the owner; a second run adds only those that a later release brought."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from minzheng.base.identity.models import Account, Post
from minzheng.data.population.cast import person
from minzheng.data.registry.models import Person
from minzheng.data.registry.queries import index_of
from minzheng.demo.accounts import PASSWORD, SAMPLES, SINCE
from minzheng.demo.helping import add_charities


class Command(BaseCommand):
    help = "Sample accounts for a demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("样例账户只能在演示环境建立")
        add_charities()
        known = set(Account.objects.values_list("username", flat=True))
        missing = [sample for sample in SAMPLES if sample.username not in known]
        with transaction.atomic():
            approver, _ = Account.objects.get_or_create(username="setup", defaults={
                "name": "系统初始化", "password": "!", "is_active": False})
            for sample in missing:
                number = None
                if sample.person:
                    number = Person.objects.get(id_index=index_of(person(sample.person).id_number)).pk
                account = Account.objects.create_user(sample.username, PASSWORD, name=sample.name, person_id=number)
                if not sample.role:
                    continue
                scenes = [] if sample.role.endswith("_admin") else ["assistance"]
                Post.objects.create(account=account, role=sample.role, office=sample.office, scenes=scenes,
                                    valid_from=SINCE, approved_by=approver)
                Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={
                    "secret": get_adapter().encrypt(generate_totp_secret())})
        self.stdout.write(f"已建立 {len(missing)} 个样例账户")
