"""One installation for all drills, itself set up over a kill -9; each drill begins with it running."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.drills.house import House, until
from tests.drills.work import make_entitlements


@pytest.fixture(scope="session")
def prepared() -> Iterator[House]:
    house = House()
    try:
        if os.environ.get("MZ_DRILL_REUSE") == "1":  # a developer goes on with the installation of the last run
            house.command("stop")
            house.start()
        else:
            set_up_over_a_kill(house)
        if not house.one("SELECT count(*) FROM benefits_entitlement WHERE scheme = 'dibao'"):
            make_entitlements(house)
        yield house
    finally:
        house.command("stop")


def set_up_over_a_kill(house: House) -> None:
    """`minzheng demo` is killed with all it started while it makes the sample cases; run again, it completes them."""
    house.clear()
    house.launch("demo")

    def cases() -> bool:
        assert house.supervisor is not None and house.supervisor.poll() is None, house.log()
        try:
            there = house.one("SELECT to_regclass('cases_case') IS NOT NULL")
        except psycopg.OperationalError:  # no server yet, or no database
            return False
        return bool(there and house.one("SELECT count(*) FROM cases_case") >= 2)

    until(cases, "the set-up makes sample cases", 240)
    house.kill_everything()
    house.start("demo", 120)
    assert house.halves() == []
    assert house.one("SELECT count(*) FROM flow_task WHERE key = 'review' AND status = 'done'") >= 2


@pytest.fixture
def house(prepared: House) -> Iterator[House]:
    """Running before the drill, whatever the last one left; whole after it."""
    prepared.start()
    for department in ("bank", "tax", "police"):
        prepared.departments("clear", department)
    yield prepared
