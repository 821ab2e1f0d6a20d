"""Sending what is queued over channels outside. The address book is the registry (`book.py`); adapters to real gateways
are registered by an installation, until then the console takes everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import structlog
from django.db.models import F

from minzheng.base import clock
from minzheng.office.notices.actions import reach_of
from minzheng.office.notices.models import Notice
from minzheng.office.notices.wording import get_template

Adapter = Callable[[str, str, str], None]
AddressBook = Callable[[int, str], str | None]
ATTEMPTS = 5
LEASE = dt.timedelta(minutes=10)
log = structlog.get_logger(__name__)


NO_ADDRESS = "没有登记联系方式"


def console(address: str, title: str, body: str) -> None:
    """Stands in for a gateway: takes everything and says nothing, since logs hold no personal data."""


_adapters: dict[str, Adapter] = {"sms": console, "letter": console}
_book: list[AddressBook] = []


def register_adapter(channel: str, adapter: Adapter) -> None:
    """Replaces the console for a channel. The adapter raises when the gateway did not take the message."""
    _adapters[channel] = adapter


def register_address_book(book: AddressBook) -> None:
    """Says how a person is reached: (person, channel) → phone number or address, or None. It runs in batch scope."""
    _book[:] = [book]


def claim(limit: int = 100) -> list[tuple[Notice, str | None]]:
    """Takes due notices in scope for a while, so that a crash repeats rather than loses them; with their addresses."""
    now = clock.now()
    due = Notice.objects.select_for_update(skip_locked=True).filter(state="queued", not_before__lte=now)
    found = list(due.order_by("not_before")[:limit])
    Notice.objects.filter(pk__in=[n.pk for n in found]).update(attempts=F("attempts") + 1, not_before=now + LEASE)
    for notice in found:
        notice.attempts += 1
    return [(n, _book[0](n.person, n.channel) if _book and n.person is not None else None) for n in found]


def send(notice: Notice, address: str | None) -> str:
    """Hands one notice to its adapter, outside any transaction; returns what went wrong, or nothing."""
    if address:
        try:
            _adapters[notice.channel](address, notice.title, notice.body)
        except Exception as error:
            log.warning("notice_failed", notice=notice.pk, channel=notice.channel, kind=type(error).__name__)
            return type(error).__name__
        return ""
    return NO_ADDRESS


def write_letter(notice: Notice) -> None:
    """By post, to whoever has no account and could not be reached by phone. Once, like every notice."""
    assert notice.person is not None
    if not get_template(notice.template).letter or reach_of([notice.person])[notice.person].has_app:
        return
    if not Notice.objects.filter(key=notice.key, channel="letter").exists():
        Notice.objects.create(
            channel="letter", state="queued", not_before=clock.now(), jurisdiction=notice.jurisdiction, key=notice.key,
            person=notice.person, template=notice.template, title=notice.title, body=notice.body,
            case_code=notice.case_code, created_at=clock.now())


def settle(notice: Notice, error: str) -> None:
    """Writes down how the sending went; failed for good after the last attempt or without an address."""
    row = Notice.objects.filter(pk=notice.pk, state="queued")
    if not error:
        row.update(state="sent", sent_at=clock.now(), error="")
    elif notice.attempts >= ATTEMPTS or error == NO_ADDRESS:
        row.update(state="failed", error=error[:200])
        if notice.channel == "sms" and notice.person is not None:
            write_letter(notice)
    else:
        row.update(error=error[:200])
