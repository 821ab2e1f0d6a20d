from __future__ import annotations

import pytest

from tests.drills.house import House
from tests.drills.work import check_intakes, disturb, intakes

pytestmark = pytest.mark.full


def test_each_form_makes_one_case_and_never_half_of_one(house: House) -> None:
    clerk = house.browser("county")
    waiting = intakes(house, clerk, 30)
    disturb(house, clerk, waiting, lambda: house.kill_service("web"))
    check_intakes(house, clerk, waiting)
    house.verify()
