"""From the registered hardship to the rules' result: what may be given, and by whom."""

from __future__ import annotations

from django.db import connection

from minzheng.base import clock
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts, MemberFacts, Relation
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.temporary.models import Emergency, Meeting

REGISTERED = "急难登记"


def emergency_of(case: Case, *, lock: bool = False) -> Emergency:
    rows = Emergency.objects.filter(case_id=case.pk)
    return (rows.select_for_update() if lock else rows).get()


def given_this_year(person_key: str) -> int:
    """Fen that the person got this year anywhere in the province."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT temporary_given(%s, %s)", [person_key, clock.today().year])
        return int(cursor.fetchone()[0])


def assess(row: Emergency, *, given: int | None = None) -> rules.Assessment:
    """The scheme `temporary` for one person; no 核对, the word of the register counts (民政部 财政部 2026)."""
    on = clock.today()
    sat = Meeting.objects.filter(case_id=row.case_id).first() if row.pk else None
    person = MemberFacts(
        key="1", name="申请人", relation=Fact(int(Relation.SELF), REGISTERED, on), birth_date=Fact(row.birth_date, REGISTERED, on),
        lives_together=Fact(True, REGISTERED, on)).declared_none(REGISTERED, on)
    facts = HouseholdFacts(
        members=(person,), emergency=Fact(row.what, REGISTERED, on), asked_fen=Fact(row.asked_fen, REGISTERED, on),
        temporary_year_fen=Fact(given_this_year(row.person_key) if given is None else given, "全省临时救助登记", on),
        meeting_fen=Fact(sat.fixed_fen, "县级一事一议", sat.held_on) if sat else None)
    return rules.evaluate("temporary", facts, on, rules.zone_of(row.jurisdiction))
