"""Set-up for ledger tests: money in the special account, a run walked to any stage, the bank's return made up."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.db import connection

from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer, Service
from minzheng.office.benefits.models import SOURCES
from minzheng.office.benefits.tests.kit import COUNTY, NOV, TEAPOT, set_shares
from minzheng.office.ledger.envelopes import do_seal, do_sign
from minzheng.office.ledger.funding import do_appropriate
from minzheng.office.ledger.models import Envelope, PaymentLine, PaymentRun, ReturnFile
from minzheng.office.ledger.proof import prove_day
from minzheng.office.ledger.releasing import do_mark_sent, do_release, file_of
from minzheng.office.ledger.returns import TITLES, Declared, do_take_return
from minzheng.office.ledger.runs import do_build_run
from minzheng.testing import Cast, acting_as, as_owner

BANK = Service("银行往来", COUNTY)
MONEY_TABLES = ("ledger_entry", "ledger_posting", "ledger_paymentrun", "ledger_paymentline", "ledger_envelope",
                "ledger_envelopesignature", "ledger_returnfile", "benefits_budgetmove", "ledger_receivable")


def fund(people: Cast, fen: int = 10_000_000, scheme: str = TEAPOT) -> None:
    """Shares and the same sum from each source."""
    set_shares(people, scheme=scheme)
    with acting_as(people.finance):
        for source, _ in SOURCES:
            do_appropriate(year=2026, source=source, scheme=scheme, county=COUNTY, fen=fen, reason="年初预算",
                           document=f"昆财预〔2026〕{source}", by=people.finance)


def post_of(role: str, name: str, office: str = COUNTY, account: int = 0) -> Officer:
    """Another officer, or another post of a known account."""
    import datetime as dt

    with as_owner():
        who = Account.objects.get(pk=account) if account else Account.objects.create(
            username=f"t_extra_{Account.objects.count()}", name=name, password="!")
        post = Post.objects.create(account=who, role=role, office=office, scenes=["*"], valid_from=dt.date(2020, 1, 1),
                                   approved_by=Account.objects.order_by("id").first())
    return Officer(who.pk, who.name, post.pk, role, office, ("*",), office)


def build(people: Cast, month: Any = NOV) -> PaymentRun:
    with acting_as(people.cashier):
        return do_build_run(month, TEAPOT, COUNTY, by=people.cashier)


def seal(people: Cast, run: PaymentRun) -> Envelope:
    with acting_as(people.cashier):
        return do_seal(run.number, by=people.cashier)


def sign_all(people: Cast, envelope: Envelope) -> Envelope:
    for role, officer in (("county_finance", people.finance), ("county_leader", people.leader)):
        if role in envelope.required:
            with acting_as(officer):
                envelope = do_sign(envelope.number, digest=envelope.digest, by=officer)
    return envelope


def release(people: Cast, envelope: Envelope, by: Officer | None = None) -> Envelope:
    officer = by or post_of("county_cashier", "昆山放款员")
    with acting_as(officer):
        return do_release(envelope.number, by=officer)


def send(envelope: Envelope) -> bytes:
    """The file that went to the bank; the envelope is marked as sent."""
    with acting_as(BANK):
        content = file_of(envelope.number, by=BANK)
        do_mark_sent(envelope.number, receipt="HD1", by=BANK)
    return content


def sent(people: Cast, month: Any = NOV) -> tuple[Envelope, bytes]:
    envelope = sign_all(people, seal(people, build(people, month)))
    envelope = release(people, envelope)
    return envelope, send(envelope)


def answer(content: bytes, codes: dict[int, str] | None = None) -> list[list[str]]:
    """The bank's rows: paid unless `codes` says otherwise for a row number."""
    rows = list(csv.reader(io.StringIO(content.decode())))[1:]
    found = []
    for row in rows:
        code = (codes or {}).get(int(row[0]), "0000")
        found.append([*row, code, "成功" if code == "0000" else "户名不符", f"S{row[0]}" if code == "0000" else ""])
    return found


def as_file(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([list(TITLES), *rows])
    return out.getvalue().encode()


def declared(rows: list[list[str]]) -> Declared:
    paid = [row for row in rows if row[5] == "0000"]
    return Declared(len(rows), len(paid), sum(int(row[4].replace(".", "")) for row in paid))


def take(envelope: Envelope, rows: list[list[str]], said: Declared | None = None) -> ReturnFile:
    with acting_as(BANK):
        return do_take_return(envelope.number, content=as_file(rows), declared=said or declared(rows), by=BANK)


def states(people: Cast) -> list[tuple[str, str, int]]:
    """(kind, state, fen) of all lines of the county, oldest first."""
    with acting_as(people.county):
        return list(PaymentLine.objects.order_by("id").values_list("kind", "state", "fen"))


def assert_proved(people: Cast) -> None:
    from minzheng.base import clock

    with acting_as(people.county):
        failed = [row for row in prove_day(clock.today(), COUNTY).rows if not row.ok]
    assert failed == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
