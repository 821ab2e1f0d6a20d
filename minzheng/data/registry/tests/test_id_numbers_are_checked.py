from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.errors import Refused
from minzheng.base.id_numbers import check_id_number
from minzheng.data.population.cast import PEOPLE
from minzheng.data.population.identifiers import id_numbers

DAYS = st.dates(
    min_value=__import__("datetime").date(1900, 1, 1), max_value=__import__("datetime").date(2026, 10, 31)
)


@given(DAYS, st.integers(0, 999))
def test_generated_numbers_pass_and_say_birth_and_sex(day: object, sequence: int) -> None:
    stem = int(f"329900{day:%Y%m%d}{sequence:03d}")
    number = id_numbers(np.array([stem]))[0]
    found = check_id_number(number)
    assert (found.number, found.birth_date, found.sex) == (number, day, 1 if sequence % 2 else 2)


@given(st.sampled_from([p.id_number for p in PEOPLE.values()]), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(Refused):
        check_id_number(wrong)


@given(st.sampled_from([p.id_number for p in PEOPLE.values()]), st.integers(0, 15))
def test_two_swapped_neighbours_are_noticed(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        with pytest.raises(Refused):
            check_id_number(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "320583197003129",
        "32058319700231901X",
        "329900209001019017",
        "３２９９００",
        "a" * 18,
        "329900187001019018",
    ],
)
def test_wrong_forms_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        check_id_number(text)
