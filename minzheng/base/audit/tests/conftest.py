"""Tests of the sealer need committed transactions: records are sealed only when no older transaction runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction

from minzheng.base import audit
from minzheng.base.audit.sealing import seal_once, write_anchor
from minzheng.base.identity.officer import Officer

CLERK = Officer(71, "玉山李建国", 5, "town_clerk", "320583100000")


class Ledger:
    """Committed records, the sealer's role, and an attacker who is superuser."""

    def __init__(self, attacker: psycopg.Connection) -> None:
        self.attacker = attacker

    def write(self, count: int = 1, **more: Any) -> None:
        for number in range(count):
            with transaction.atomic():
                audit.record("club.rename", by=CLERK, obj_type="club", obj_id=number, jurisdiction="320583100001",
                             **more)

    @contextmanager
    def as_sealer(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE mz_sealer")
            try:
                yield
            finally:
                cursor.execute("SET ROLE mz_web")

    def seal(self, count: int) -> None:
        """Seal until `count` more records are sealed; other tests' transactions on the server may hold it up."""
        deadline = time.monotonic() + 60
        with self.as_sealer():
            while count > 0:
                seal = seal_once()
                count -= seal.count if seal else 0
                assert time.monotonic() < deadline, "the horizon does not move"
            write_anchor()

    def attack(self, *statements: str) -> None:
        """Change the tables as a superuser who switches the triggers off."""
        for table in ("audit_record", "audit_seal"):
            self.attacker.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            self.attacker.execute(statement)
        for table in ("audit_record", "audit_seal"):
            self.attacker.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep")
        self.attacker.execute("ALTER TABLE audit_record ENABLE ALWAYS TRIGGER audit_record_stamp")


@pytest.fixture
def ledger(django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[Ledger]:
    settings.VAR_DIR = tmp_path
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        with django_settings.TARGET.connect_admin(name) as attacker:
            found = Ledger(attacker)
            found.attack("TRUNCATE audit_record, audit_seal")
            yield found
            found.attack("TRUNCATE audit_record, audit_seal")
        connection.close()


