"""What the rules say today about a household that is supported, on the newest check: earlier visits do not hide what departments
have found since."""

from __future__ import annotations

from dataclasses import replace

from minzheng.base import clock
from minzheng.data.brain import rules
from minzheng.data.brain.rules import HouseholdFacts
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.assess import household_facts, larger, visits_of
from minzheng.scenes.assistance.kinds import kind_of
from minzheng.scenes.assistance.verification.models import VerificationRequest
from minzheng.scenes.assistance.verification.reading import latest_check

INCOMES = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen", "basic_pension_fen")


def reassess(case: Case, check: VerificationRequest | None = None) -> rules.Assessment:
    """The explained result of the case's scheme today. Where the last visit is older than the check, the larger of both counts
    for each income; a visit after the check verifies what the check found. Raises RuleCannotEvaluate with a reason."""
    visits, check = visits_of(case), check or latest_check(case.code)
    facts = household_facts(case, visits, check)
    if check is not None and visits and visits[0].visited_on < check.requested_at.astimezone(clock.SHANGHAI).date():
        facts = _merged(facts, household_facts(case, [], check))
    kind = kind_of(case)
    if kind.enrich is not None:
        facts = kind.enrich(case, facts)
    return rules.evaluate(kind.scheme, facts, clock.today(), rules.zone_of(case.jurisdiction))


def _merged(visited: HouseholdFacts, checked: HouseholdFacts) -> HouseholdFacts:
    found = {member.key: member for member in checked.members}
    return replace(visited, members=tuple(
        replace(member, **{name: larger(getattr(member, name), getattr(found[member.key], name)) for name in INCOMES})
        for member in visited.members))
