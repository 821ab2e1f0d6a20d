"""Signed-in officers for the money pages, and what a page must never contain."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minzheng.base.identity.officer import Citizen, Officer
from minzheng.testing.web import sign_in

MOST_QUERIES = 25
BOOKKEEPING = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL", "SELECT set_config")


def desk_of(who: Officer | Citizen) -> Client:
    """A browser in which the person is signed in, with a second factor set up."""
    return sign_in(Client(), who)


def text_of(answer: HttpResponse) -> str:
    """What a reader sees: no tags, entities as characters."""
    source = re.sub(r"<(script|style)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", source)))


def fields_of(answer: HttpResponse, action: str) -> dict[str, str]:
    """The hidden fields of the page's form with this address, as a browser would send them."""
    for form in re.findall(r"<form\b.*?</form>", answer.content.decode(), flags=re.S):
        if f'action="{action}"' in form:
            inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
            found = {}
            for each in inputs:
                name, value = re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)
                if name and name[1] != "csrfmiddlewaretoken":
                    found[name[1]] = html.unescape(value[1]) if value else ""
            return found
    raise AssertionError(f"no form for {action}")


def queries_of(client: Client, path: str, **data: Any) -> int:
    """Statements of one page, without the transaction's own bookkeeping."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path, data)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return sum(not query["sql"].startswith(BOOKKEEPING) for query in seen.captured_queries)
