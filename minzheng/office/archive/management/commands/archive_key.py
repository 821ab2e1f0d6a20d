from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.crypto import public_key
from minzheng.office.archive.verifier import pem_of


class Command(BaseCommand):
    help = "Writes the public key that archive packages are verified with, as PEM."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(pem_of(public_key("archive")).decode(), ending="")
