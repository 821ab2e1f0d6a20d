from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.benefits import changing
from minzheng.office.benefits.tests.kit import OCT, counts, grant
from minzheng.office.ledger import recovery
from minzheng.office.ledger.models import Receivable
from minzheng.office.ledger.tests.kit import MONEY_TABLES, answer, assert_proved, fund, sent, take
from minzheng.testing import Cast, acting_as

PARTS = [(dt.date(2026, 12, 10), 50_000), (dt.date(2027, 1, 10), 46_500)]


pytestmark = pytest.mark.usefixtures("november")


def overpaid(people: Cast):
    """November is paid, then it is found that the head died in October."""
    fund(people)
    row = grant(people)
    envelope, content = sent(people)
    take(envelope, answer(content))
    with acting_as(people.approver):
        changing.do_end(row.number, cause="death", last_month=OCT, reason="户主十月死亡", by=people.approver)
    return row


def open_it(people: Cast, row, **changes):
    args = {"fen": 96_500, "reason": "死亡后多发", "decision": "茶追字1号", "instalments": PARTS, "by": people.county}
    with acting_as(changes.get("by", people.county)):
        return recovery.do_open_recovery(row.number, **{**args, **changes})


def test_what_was_paid_after_the_last_month_is_recovered_in_instalments(people: Cast) -> None:
    row = overpaid(people)
    assert_proved(people)
    made = open_it(people, row)
    assert_proved(people)
    assert open_it(people, row).pk == made.pk
    with acting_as(people.cashier):
        recovery.do_record_repayment(made.number, fen=60_000, slip="缴1", by=people.cashier)
        again = recovery.do_record_repayment(made.number, fen=60_000, slip="缴1", by=people.cashier)
        assert again.open_fen == 36_500
        assert [part.repaid_fen for part in recovery.parts_of(again)] == [50_000, 10_000]
        with pytest.raises(Refused, match=r"尚欠 365\.00"):
            recovery.do_record_repayment(made.number, fen=36_501, slip="缴2", by=people.cashier)
        assert recovery.do_record_repayment(made.number, fen=36_500, slip="缴2", by=people.cashier).open_fen == 0
    assert_proved(people)


@pytest.mark.parametrize(("changes", "said"), [
    ({"fen": 96_501}, "可追回的金额是 965.00"), ({"fen": 0}, "可追回"), ({"decision": ""}, "决定书"),
    ({"instalments": []}, "分期"), ({"instalments": PARTS[:1]}, "分期"), ({"instalments": PARTS[::-1]}, "分期"),
    ({"instalments": [(dt.date(2026, 11, 1), 96_500)]}, "分期"),
])  # fmt: skip
def test_a_faulty_recovery_is_refused_and_nothing_is_booked(people: Cast, changes: dict, said: str) -> None:
    row = overpaid(people)
    before = counts(*MONEY_TABLES)
    with pytest.raises(Refused, match=said):
        open_it(people, row, **changes)
    assert counts(*MONEY_TABLES) == before


def test_nobody_pays_back_twice(people: Cast) -> None:
    row = overpaid(people)
    open_it(people, row)
    with pytest.raises(Refused, match=r"可追回的金额是 0\.00"):
        open_it(people, row, decision="茶追字2号")


def test_recovery_is_for_the_countys_posts(people: Cast) -> None:
    row = overpaid(people)
    before = counts(*MONEY_TABLES)
    for officer in people.officers():
        if officer.role in recovery.OPEN_ROLES and officer.jurisdiction == people.county.jurisdiction:
            continue
        with pytest.raises((NotAllowed, NotFound)):
            open_it(people, row, by=officer)
        assert counts(*MONEY_TABLES) == before
    made = open_it(people, row)
    for officer in people.officers():
        if officer.role != "county_cashier":
            with acting_as(officer), pytest.raises((NotAllowed, NotFound)):
                recovery.do_record_repayment(made.number, fen=1, slip="x", by=officer)
    with acting_as(people.county):
        assert Receivable.objects.get().repaid_fen == 0
