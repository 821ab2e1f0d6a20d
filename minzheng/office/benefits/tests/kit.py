"""Set-up for the tests of benefits and ledger: a silly scheme that pays for teapots, in 昆山 and its neighbour."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from minzheng.base import clock, events
from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.budgets import do_set_shares
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.benefits.schemes import Scheme, register_scheme
from minzheng.testing import Cast, acting_as

TEAPOT, MUG, BISCUIT = "TEAPOT", "MUG", "BISCUIT"
register_scheme(Scheme(TEAPOT, "茶壶补贴", exclusive_group="crockery"))
register_scheme(Scheme(MUG, "茶杯补贴", exclusive_group="crockery", review_months=6))
register_scheme(Scheme(BISCUIT, "饼干补贴"))

COUNTY, TOWN, VILLAGE, OTHER_VILLAGE = "320583000000", "320583100000", "320583100001", "320583100002"
NEIGHBOUR, NEIGHBOUR_VILLAGE = "320581000000", "320581100001"
TODAY = dt.date(2026, 11, 24)
NOV, OCT, SEP, DEC = dt.date(2026, 11, 1), dt.date(2026, 10, 1), dt.date(2026, 9, 1), dt.date(2026, 12, 1)
_numbers = count(1)


def set_day(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> None:
    """The clock stands at noon of `day`."""
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(day, dt.time(12), clock.SHANGHAI))


def id_number(n: int) -> str:
    """A number with the unassigned prefix and a right check digit."""
    body = f"329900{19500101 + n // 1000 % 28}{n % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def payee(n: int, **changes: str) -> Payee:
    return Payee(**{"name": "茶小壶", "account": f"990000{n:010d}", "id_number": id_number(n), **changes})


def grant_args(by: Officer, n: int = 0, **changes: Any) -> dict[str, Any]:
    n = n or next(_numbers)
    return {"scheme": TEAPOT, "case_code": f"C{n:06d}", "decision": f"茶决字〔2026〕{n}号",
            "decided_on": dt.date(2026, 9, 10), "jurisdiction": VILLAGE, "household_id": n, "head_person": n * 10,
            "members": [Covered(n * 10, "茶小壶", "户主"), Covered(n * 10 + 1, "茶小杯", "之子")], "payee": payee(n),
            "monthly_fen": 96_500, "by": by, **changes}


def grant(people: Cast, *, checked: bool = True, **changes: Any) -> Entitlement:
    """An entitlement in 昆山, its account confirmed by the bank."""
    with acting_as(people.approver):
        row = do_grant(**grant_args(people.approver, **changes))
        if checked:
            confirm(row)
    return row


def confirm(row: Entitlement, code: str = "0000") -> None:
    """What the account check job writes."""
    Entitlement.objects.filter(pk=row.pk).update(payee_check=code)


def fresh(people: Cast, row: Entitlement) -> Entitlement:
    with acting_as(people.approver):
        return entitlement_for(people.approver, row.number)


def set_shares(people: Cast, from_month: dt.date = dt.date(2026, 1, 1), scheme: str = TEAPOT) -> None:
    with acting_as(people.finance):
        do_set_shares(scheme, COUNTY, from_month=from_month, reason="年度分担办法", by=people.finance,
                      shares={"central": 4000, "province": 3333, "city": 0, "county": 2667})


def counts(*tables: str) -> dict[str, int]:
    """Row counts as the owner sees them, to prove that nothing changed."""
    from minzheng.testing import as_owner

    found = {}
    with as_owner(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select count(*) from {table}")  # noqa: S608
            (found[table],) = cursor.fetchone()
    return found


def run_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker does with waiting events, as mz_worker."""
    with monkeypatch.context() as patch, transaction.atomic(), connection.cursor() as cursor:
        patch.setattr(settings, "DB_ROLE", "mz_worker")
        cursor.execute("SET LOCAL ROLE mz_worker")
        events.deliver_all()
        cursor.execute("SET LOCAL ROLE mz_web")
