from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drills.house import House
from tests.drills.work import Month, check_intakes, disturb, intakes, try_to_build

pytestmark = pytest.mark.full


def test_during_intake_each_form_makes_one_case_and_never_half_of_one(house: House) -> None:
    clerk = house.browser("county")
    waiting = intakes(house, clerk, 15)
    disturb(house, clerk, waiting, house.kill_database)
    check_intakes(house, clerk, waiting)
    house.verify()


def test_during_a_payment_run_nobody_is_paid_twice_and_nobody_is_lost(house: House) -> None:
    month = Month(house)
    with ThreadPoolExecutor(1) as pool, house.held("ledger_entry", 1) as halfway:
        click = pool.submit(try_to_build(month))
        halfway()  # the list is written, its entry in the books is not
        house.kill_database()
        answer = click.result()
    assert answer is None or answer.status_code >= 500
    house.start()
    assert month.nothing()
    month.build()
    house.departments("switch", "bank", "slow=3")
    month.release()
    month.until_running("payments")
    house.kill_database()
    house.start()
    month.until_state("closed")
    house.departments("clear", "bank")
    house.verify()
    month.check_paid()
