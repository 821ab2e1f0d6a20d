from __future__ import annotations

import pytest

from tests.drills.house import House, until
from tests.drills.work import Month, intakes

pytestmark = pytest.mark.full


def test_while_departments_are_asked_only_the_unanswered_are_asked_again(house: House) -> None:
    clerk = house.browser("clerk")
    (intake,) = intakes(house, clerk, 1)
    assert intake.submit(clerk)
    (code,) = intake.codes
    house.departments("switch", "tax", "slow=6")
    clerk.do(f"/desk/cases/{code}/", "/tasks/", outcome="accept")

    def answers() -> dict[tuple[str, str], tuple[str, str]]:
        return {row[:2]: row[2:] for row in house.rows(
            "SELECT m.name, a.department, a.status, a.call::text FROM verification_sourceanswer a"
            " JOIN verification_requestmember m ON m.id = a.member_id"
            " JOIN verification_verificationrequest r ON r.id = a.request_id WHERE r.case_code = %s", code)}

    def halfway() -> bool:
        found = answers()
        return len([1 for status, _ in found.values() if status != "pending"]) >= 10 and ("pending" in
                                                                                          {s for s, _ in found.values()})

    until(halfway, "some departments have answered and some have not")
    house.kill_service("worker")
    before = {key: value for key, value in answers().items() if value[0] != "pending"}
    house.departments("clear", "tax")
    until(lambda: house.one("SELECT status FROM verification_verificationrequest WHERE case_code = %s", code) == "complete",
          "the check is complete", 120)
    after = answers()
    assert {key: after[key] for key in before} == before
    calls = house.rows("SELECT partner_code, subject_person, count(*) FROM exchange_exchangerecord WHERE case_code = %s"
                       " AND phase = 'ended' AND resource = 'person' GROUP BY 1, 2", code)
    assert len(calls) == len(after) and {count for *_, count in calls} == {1}
    house.verify()
    assert house.one("SELECT count(*) FROM flow_task WHERE subject = %s AND status IN ('ready', 'claimed')", code) >= 1


def test_while_the_bank_is_asked_nobody_is_paid_twice_and_nobody_is_lost(house: House) -> None:
    month = Month(house)
    month.build()
    house.departments("switch", "bank", "slow=3")
    month.release()
    month.until_running("payments")
    house.kill_service("worker")  # the bank goes on with the file that it has
    month.until_state("sent")
    month.until_running("returns")
    house.kill_service("worker")
    house.departments("clear", "bank")
    month.until_state("closed")
    house.verify()
    month.check_paid()
