from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from minzheng.base.crypto import public_key
from minzheng.data.exchange.models import Partner
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.testing import Cast, acting_as, as_owner
from simulators.server import Simulators


def test_the_command_registers_departments_and_tells_them_our_key(
    db: None, running_departments: Simulators, tmp_path: Path
) -> None:
    running_departments.callers.clear()
    registry = tmp_path / "registry.json"
    registry.write_text(json.dumps(running_departments.registry()))
    for _ in range(2):
        with as_owner():
            call_command("sync_partners", registry=registry)
    assert running_departments.callers == {CALLER: public_key(KEY)}
    with as_owner():
        partners = {partner.code: partner for partner in Partner.objects.all()}
    assert len(partners) == len(running_departments.desks)
    assert partners["tax"].algorithm == "SM2" and partners["tax"].public_key.startswith("sm2:")


def test_a_key_that_does_not_fit_its_algorithm_registers_nobody(db: None, running_departments: Simulators) -> None:
    registry = running_departments.registry()
    registry["departments"]["tax"]["algorithm"] = "Ed25519"
    with as_owner(), pytest.raises(ValueError, match="tax"):
        sync(registry)
    with as_owner():
        assert not Partner.objects.exists()


def test_no_officer_may_change_a_partner(people: Cast, departments: Simulators) -> None:
    for who in (people.county, people.system_admin, people.service):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), acting_as(who):
            Partner.objects.update(public_key="ed25519:00")
