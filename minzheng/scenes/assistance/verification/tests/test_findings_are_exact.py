from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.scenes.assistance.verification.findings import READERS, TITLES, Unreadable, fen, findings_of, monthly
from minzheng.scenes.assistance.verification.summary import Member, Source, contradictions, differences, totals
from simulators.bank import yuan_of
from simulators.departments import DEPARTMENTS


def test_every_table_of_every_department_has_a_reader() -> None:
    assert {table for department in DEPARTMENTS for table in department.tables} == READERS.keys()


@given(st.integers(0, 10**13))
def test_yuan_on_the_wire_are_read_as_whole_fen(amount: int) -> None:
    assert fen({"balance": yuan_of(amount)}, "balance") == amount
    assert monthly({"total": yuan_of(amount)}, "total") == amount // 12
    assert monthly({"total": "-" + yuan_of(amount)}, "total") == -(amount // 12)


@given(st.text(max_size=12))
def test_any_other_text_is_refused_never_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        fen({"balance": text + "元"}, "balance")


@pytest.mark.parametrize("record", [
    {"table": "unknown"}, {}, {"table": "tax", "income_kind": "彩票", "total": "1.00"},
    {"table": "banks", "balance": 12.5}, {"table": "banks"}, {"table": "securities", "market_value": "1.00"},
    {"table": "disability", "status": "有效"},
])  # fmt: skip
def test_a_record_that_was_not_agreed_is_unreadable(record: dict) -> None:
    with pytest.raises((Unreadable, ValueError)):
        findings_of("bank", [record])


def test_what_is_cancelled_or_ended_is_not_found() -> None:
    for record in ({"table": "vehicles", "status": "注销"}, {"table": "real_estate", "status": "注销"},
                   {"table": "benefits", "status": "停发"}, {"table": "market", "status": "注销"},
                   {"table": "prison", "status": "刑满释放"}, {"table": "disability", "status": "注销"}):
        assert findings_of("x", [record]) == []


def test_a_pension_is_split_from_its_basic_part() -> None:
    record = {"table": "social_insurance", "role": "领取待遇", "insurance": "城乡居民养老", "status": "正常",
              "pension": "260.50", "basic_pension": "220.00", "base": "0.00"}
    assert totals(findings_of("social_security", [record])) == {"transfer_fen": 4050, "basic_pension_fen": 22000}


def test_the_last_marriage_event_decides_and_a_widow_is_no_contradiction() -> None:
    events = [{"table": "marriages", "event": "结婚"}, {"table": "marriages", "event": "离婚"}]
    assert [f.text for f in findings_of("marriage", events)] == ["离婚"]
    police = findings_of("police", [{"table": "police", "status": "正常", "marital": "丧偶"}])
    wed = findings_of("marriage", events[:1])
    member = Member(1, "甲", "", "本人", True, {}, (Source("police", "found", findings=tuple(police)),
                                                  Source("marriage", "found", findings=tuple(wed))))
    assert contradictions(member) == []


amounts = st.integers(0, 2_000_000_000)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=5))
def test_a_difference_is_shown_exactly_when_more_was_found_than_declared(pairs: list[tuple[int, int]]) -> None:
    members = []
    for number, (declared, found) in enumerate(pairs):
        record = {"table": "banks", "balance": yuan_of(found)}
        source = Source("bank", "found", findings=tuple(findings_of("bank", [record])))
        members.append(Member(number, str(number), "", "", True, {"financial_fen": declared}, (source,)))
    shown = {d["who"]: (d["declared"], d["found"]) for d in differences(members, {})}
    assert shown == {str(n): pair for n, pair in enumerate(pairs) if pair[1] > pair[0]}


def test_every_kind_has_a_title() -> None:
    assert all(TITLES.values())
