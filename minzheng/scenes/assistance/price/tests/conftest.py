"""Households of 昆山 with 低保 or 特困供养 in force, and the county's money for the supplement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.granting import Covered
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.tests.kit import grant
from minzheng.office.ledger.tests.kit import fund
from minzheng.scenes.assistance.price import actions
from minzheng.scenes.assistance.price.models import Batch
from minzheng.testing import Cast, acting_as
from minzheng.testing.background import run_jobs

SEPTEMBER = dt.date(2026, 9, 1)
EACH = 4_510


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def money(people: Cast) -> None:
    fund(people, fen=10_000_000, scheme="price")


def holder(people: Cast, persons: int = 2, scheme: str = "dibao", **changes: Any) -> Entitlement:
    """A household whose benefit is due since September."""
    given: dict[str, Any] = {"scheme": scheme, "decided_on": dt.date(2026, 8, 20), **changes}
    if "members" not in given:
        base = next(_people)
        given["head_person"] = base
        given["members"] = [Covered(base + n, f"茶{n}", "户主" if n == 0 else "之子") for n in range(persons)]
    return grant(people, **given)


_people = iter(range(700_000, 900_000, 20))


def prepared(people: Cast, month: dt.date = SEPTEMBER) -> Batch:
    with acting_as(people.county):
        return actions.do_prepare(month, by=people.county)


def submitted(people: Cast, month: dt.date = SEPTEMBER) -> Batch:
    row = prepared(people, month)
    with acting_as(people.county):
        return actions.do_submit(row.number, by=people.county)


def approve(people: Cast, row: Batch, by: Officer | None = None) -> Batch:
    officer = by or people.approver
    with acting_as(officer):
        return actions.do_approve(row.number, seen=(row.count, row.fen), by=officer)


def done(people: Cast, row: Batch) -> Batch:
    approve(people, row)
    run_jobs()
    with acting_as(people.county):
        return actions.batch_for(row.number)
