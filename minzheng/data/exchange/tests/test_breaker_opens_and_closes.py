from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minzheng.data.exchange.breaker import COOL_DOWN, THRESHOLD, Breaker


@given(st.lists(st.booleans(), max_size=40))
def test_it_is_open_exactly_after_threshold_failures_in_a_row(outcomes: list[bool]) -> None:
    breaker, in_a_row = Breaker(clock=lambda: 100.0), 0
    for worked in outcomes:
        (breaker.succeeded if worked else breaker.failed)("bank")
        in_a_row = 0 if worked else in_a_row + 1
        assert (breaker.wait("bank") > 0) == (in_a_row >= THRESHOLD)
    assert breaker.wait("tax") == 0


def test_after_the_cool_down_one_more_failure_opens_it_again() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(THRESHOLD):
        breaker.failed("bank")
    now[0] = COOL_DOWN
    assert breaker.wait("bank") == 0
    breaker.failed("bank")
    assert breaker.wait("bank") == COOL_DOWN
