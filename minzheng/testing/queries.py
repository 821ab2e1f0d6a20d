"""How many statements a page takes: one way of counting for all tests of pages (rule 11)."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minzheng.base.identity.officer import Actor
from minzheng.testing.web import sign_in

MOST_QUERIES = 25
# Savepoints and the scope's settings are the transaction's own bookkeeping.
_BOOKKEEPING = ("savepoint", "release", "rollback", "set local", "select set_config")


def statements(client: Client, path: str, data: dict[str, Any] | None = None) -> list[str]:
    """Statements that read or write data when the page is opened by somebody who has been there before; it must be
    shown (200)."""
    client.get(path, data)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path, data)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return [query["sql"] for query in seen.captured_queries if not query["sql"].lower().startswith(_BOOKKEEPING)]


def count_queries(client: Client, path: str, **data: Any) -> int:
    """How many; more than MOST_QUERIES fails at once and shows them."""
    found = statements(client, path, data)
    assert len(found) <= MOST_QUERIES, "\n".join(f"{n} {sql[:140]}" for n, sql in enumerate(found, 1))
    return len(found)


def queries(who: Actor, path: str) -> int:
    """How many statements the page takes for one of the cast."""
    return count_queries(sign_in(Client(), who), path)
