"""A household of three, and the departments as real services on free ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minzheng.base import clock
from minzheng.base.crypto import public_key
from minzheng.base.identity.officer import Service
from minzheng.data.exchange import transport
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.scenes.assistance.aid import Consent
from minzheng.scenes.assistance.referrals.actions import do_refer
from minzheng.scenes.assistance.referrals.exchanging import exchange_due
from minzheng.scenes.assistance.referrals.models import Referral
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker
from minzheng.testing.cast import COUNTY
from simulators.server import Simulators
from simulators.testing import running

SERVICE = Service("任务 referrals.round", COUNTY)


@pytest.fixture
def zhang(db: None) -> Family:
    return make_family(("张建国", "19700312", 1, "户主"), ("李秀英", "19720825", 2, "妻"), ("张悦", "20120516", 2, "女"))


@pytest.fixture(scope="session")
def running_departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    with running(tmp_path_factory.mktemp("departments"), {}) as simulators:
        yield simulators


@pytest.fixture
def departments(running_departments: Simulators, db: None, monkeypatch: Any) -> Iterator[Simulators]:
    """Running, registered as partners, and empty: numbers begin anew in every test database."""
    BREAKER.reset()
    monkeypatch.setattr(transport, "BACKOFF", 0.0)
    running_departments.admit(CALLER, public_key(KEY))
    for desk in running_departments.desks.values():
        desk.store.connection.execute("DELETE FROM referrals")
        desk.switches.clear()
    with as_owner():
        sync(running_departments.registry())
    yield running_departments
    for desk in running_departments.desks.values():
        desk.switches.clear()


def refer(people: Cast, family: Family, *, person: int = 0, department: str = "employment", ask: str = "work", key: str = "r1",
          **more: Any) -> Referral:
    whom = family.people[person]
    values: dict[str, Any] = {
        "person": whom.pk, "department": department, "ask": ask, "basis": "other", "phone": False, "key": key,
        "reason": "失业半年,愿意工作,需要推荐岗位",
        "consent": Consent(whom.pk if person < 2 else family.head.pk, clock.today(), "signed")}
    with acting_as(people.clerk):
        return do_refer(family.household.pk, by=people.clerk, **{**values, **more})


def rounds(count: int = 1) -> None:
    """Each round an hour later than the last would wait: everything is due."""
    for _ in range(count):
        with as_owner():
            Referral.objects.exclude(step="").update(next_at=clock.now())
        with as_worker():
            exchange_due(by=SERVICE)


def look(row: Referral) -> Referral:
    with as_owner():
        return Referral.objects.get(pk=row.pk)
