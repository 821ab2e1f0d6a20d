from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drills.house import House
from tests.drills.work import check_intakes, disturb, intakes

pytestmark = pytest.mark.full


def test_each_form_makes_one_case_and_never_half_of_one(house: House) -> None:
    clerk = house.browser("county")
    *waiting, impatient = intakes(house, clerk, 31)
    disturb(house, clerk, waiting, lambda: house.kill_service("web"))
    check_intakes(house, clerk, waiting)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: impatient.submit(clerk), range(4))), "four clicks at once"
    assert len(set(impatient.codes)) == 1
    house.verify()
