"""Writing entries and reading balances. Debit is positive, credit negative, in fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection
from django.db.models import Sum

from minzheng.base import clock
from minzheng.base.identity.officer import Actor
from minzheng.office.ledger.models import Posting


def post(key: str, *, kind: str, county: str, scheme: str, memo: str, amounts: Mapping[str, int], by: Actor) -> bool:
    """One entry of a county; accounts with zero are left out. False when `key` is recorded already or all is zero.

    RuntimeError when the amounts do not balance (a mistake of ours; the database would refuse too).
    """
    rows = {account: fen for account, fen in amounts.items() if fen}
    if sum(rows.values()) != 0:
        raise RuntimeError(f"entry {key} does not balance")
    if not rows:
        return False
    if not connection.in_atomic_block:
        raise RuntimeError("an entry is written in the transaction of what it records")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (key, day, jurisdiction, kind, memo, by_account, by_name, xid, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s) ON CONFLICT (key) DO NOTHING RETURNING id",
            [key, clock.today(), county, kind, memo, by.account_id, by.name, clock.now()])
        row = cursor.fetchone()
    if row is None:
        return False
    Posting.objects.bulk_create(
        Posting(entry_id=row[0], account_id=account, jurisdiction=county, scheme=scheme, fen=fen)
        for account, fen in rows.items())
    return True


def balances(county: str, scheme: str = "") -> dict[str, int]:
    """Balance of every account of a county that has one, in fen (debit positive)."""
    rows = Posting.objects.filter(jurisdiction=county)
    if scheme:
        rows = rows.filter(scheme=scheme)
    return {code: int(fen) for code, fen in rows.values_list("account").annotate(fen=Sum("fen")) if fen}


def book(county: str, scheme: str, month: dt.date, until: dt.date) -> list[tuple[str, int, int, int, int]]:
    """(account, opening, debit, credit, closing) of a period [month, until), in fen; credit is given positive."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.account_id, coalesce(sum(p.fen) FILTER (WHERE e.day < %(low)s), 0),"
            " coalesce(sum(p.fen) FILTER (WHERE e.day >= %(low)s AND p.fen > 0), 0),"
            " coalesce(-sum(p.fen) FILTER (WHERE e.day >= %(low)s AND p.fen < 0), 0)"
            " FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id"
            " WHERE p.jurisdiction = %(county)s AND e.day < %(high)s AND (%(scheme)s = '' OR p.scheme = %(scheme)s)"
            " GROUP BY p.account_id ORDER BY p.account_id",
            {"low": month, "high": until, "county": county, "scheme": scheme})
        return [(a, int(o), int(d), int(c), int(o + d - c)) for a, o, d, c in cursor.fetchall()]
