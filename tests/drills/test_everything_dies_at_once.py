from __future__ import annotations

import pytest

from tests.drills.house import House, until
from tests.drills.work import Month, check_intakes, disturb, intakes

pytestmark = pytest.mark.full


def test_the_next_start_comes_back_clean_and_goes_on(house: House) -> None:
    clerk = house.browser("county")
    waiting = intakes(house, clerk, 12)
    month = Month(house)
    month.build()
    house.departments("switch", "bank", "slow=3")
    month.release()
    month.until_running("payments")
    disturb(house, clerk, waiting, house.kill_everything)
    check_intakes(house, clerk, waiting)
    month.until_state("closed")
    house.verify()
    month.check_paid()


def test_a_start_takes_over_what_a_killed_supervisor_has_left(house: House) -> None:
    names = ("web", "streams", "worker", "sealer", "departments")

    def services() -> set[int]:
        return {pid for name in names for pid in house.pids(name)}

    assert house.supervisor is not None
    left = services()
    house.supervisor.kill()
    house.supervisor.wait()
    assert services() == left and house.answers(), "they outlive their supervisor"
    house.launch()
    until(lambda: not services() & left, "what was left is ended")
    until(lambda: all(house.pids(name) for name in names) and house.answers(), "all services run")
    house.verify()
