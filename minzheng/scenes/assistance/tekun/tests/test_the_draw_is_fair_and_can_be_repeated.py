from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minzheng.scenes.assistance.tekun.drawing import is_taken, lot_of, wrong_draws
from minzheng.scenes.assistance.tekun.models import SpotCheck


@given(lots=st.lists(st.integers(0, 99), max_size=60), percent=st.integers(0, 100))
def test_the_share_is_never_below_the_law(lots: list[int], percent: int) -> None:
    taken = 0
    for reached, lot in enumerate(lots):
        drawn, forced = is_taken(lot, percent, reached, taken)
        assert forced <= drawn
        taken += drawn
        assert taken * 100 >= percent * (reached + 1)


def rows(count: int) -> list[SpotCheck]:
    made, taken = [], 0
    for place in range(count):
        code = f"3205832026112400{place:03}"
        drawn, forced = is_taken(lot_of(code), 30, place, taken)
        taken += drawn
        made.append(SpotCheck(case_code=code, serial=place + 1, percent=30, lot=lot_of(code), drawn=drawn, forced=forced))
    return made


def test_another_draw_finds_the_same_and_meddling_shows() -> None:
    drawn = rows(40)
    assert wrong_draws(drawn) == []
    assert 12 <= sum(row.drawn for row in drawn) <= 24
    meddled = next(row for row in drawn if row.drawn)
    meddled.drawn = False
    assert meddled in wrong_draws(drawn)
