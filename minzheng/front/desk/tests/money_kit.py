"""Signed-in officers for the money pages, and what a page must never contain."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse
from django.test import Client

from minzheng.base.identity.officer import Citizen, Officer
from minzheng.testing.queries import MOST_QUERIES
from minzheng.testing.queries import count_queries as queries_of
from minzheng.testing.web import sign_in

__all__ = ["MOST_QUERIES", "desk_of", "fields_of", "queries_of", "text_of"]



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
