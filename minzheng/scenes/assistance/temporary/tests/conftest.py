"""A township with money in its fund, and a person in sudden need."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from minzheng.base import clock, flow
from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.budgets import do_set_shares
from minzheng.office.benefits.models import SOURCES
from minzheng.office.cases.acts import do_act
from minzheng.office.cases.doors import get_case_for
from minzheng.office.ledger import imprest
from minzheng.office.ledger.funding import do_appropriate
from minzheng.scenes.assistance.temporary.registering import Hardship, do_register
from minzheng.scenes.assistance.tests.conftest import Family, make_family, zhang  # noqa: F401 (a fixture)
from minzheng.testing import Cast, acting_as
from minzheng.testing.cast import COUNTY, TOWNSHIP, VILLAGE


@pytest.fixture
def zhou(db: None) -> Family:
    return make_family(("周大海", "19700312", 1, "户主"))


@pytest.fixture
def fund(people: Cast) -> Any:
    year = clock.today().year
    with acting_as(people.finance):
        do_set_shares("temporary", COUNTY, from_month=dt.date(year, 1, 1), reason="分担办法", by=people.finance,
                      shares={"central": 5000, "province": 0, "city": 0, "county": 5000})
        for source, _ in SOURCES:
            do_appropriate(year=year, source=source, scheme="temporary", county=COUNTY, fen=5_000_000, reason="预算",
                           document=f"T{source}", by=people.finance)
        row = imprest.do_open_fund(TOWNSHIP, "temporary", ceiling_fen=500_000, reason="年度备用金", by=people.finance)
    with acting_as(people.cashier):
        return imprest.do_top_up(row.number, fen=300_000, document="拨1", by=people.cashier)


def hardship(**changes: Any) -> Hardship:
    return Hardship(**{"place": VILLAGE, "what": 1, "happened_on": clock.today(), "where": "集贸市场", "reason": "家中失火,衣物被褥烧毁",
                       "way": "money", "asked_fen": 60_000, "urgent": False, "key": "k1", **changes})


def register(by: Officer, **changes: Any) -> str:
    with acting_as(by):
        return do_register(hardship(**changes), by=by).code


def act(by: Officer, code: str, key: str, outcome: str, comment: str = "", data: Any = None) -> None:
    with acting_as(by):
        case = get_case_for(by, code, sensitive=False)
        task = next(t for t in flow.open_tasks(code) if t.key == key)
        do_act(code, task.pk, by=by, outcome=outcome, comment=comment, data=data or {}, files={}, case_version=case.version,
               task_version=task.version)


def given(fen: int = 60_000, **changes: Any) -> dict[str, Any]:
    return {"given_fen": fen, "method": "cash", "receiver": "周大海", "signed": "周大海", **changes}
