"""All kinds of help compared at the window, before the application is handed in: on what the household declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minzheng.base import clock
from minzheng.base.divisions.names import name_of
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import lies_in, office_of
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts
from minzheng.scenes.assistance.assess import SELF_DECLARED, member_facts
from minzheng.scenes.assistance.considering import Proposal, Standing, consider
from minzheng.scenes.assistance.forms import INCOME_FIELDS
from minzheng.scenes.assistance.kinds import matters
from minzheng.scenes.assistance.recognitions.actions import held


@dataclass(frozen=True)
class Row:
    """One row of the form."""

    person: int
    name: str
    relation: str
    counted: bool


def declared_facts(rows: Sequence[dict[str, Any]], people: Sequence[Any], together: dict[str, int], *, by: Officer
                   ) -> HouseholdFacts:
    """The facts as declared today. `rows` are the cleaned rows in the order of `people`, the applicant first."""
    today = clock.today()
    holds = held([person.pk for person in people], today)
    members = tuple(
        member_facts(Row(person.pk, person.name, row["relation"], row["counted"]), person,
                     {name: row.get(name) or 0 for name in INCOME_FIELDS}
                     | {name: row[name] for name in ("dependent_adult", "serious_illness", "applies_alone")},
                     {}, {}, holds.get(person.pk, ("", ""))[0], today, None)
        for row, person in zip(rows, people, strict=True) if row["counted"] or row["relation"] == "本人")
    county = office_of(by.jurisdiction, 3)

    def said(name: str) -> Fact[int]:
        return Fact(int(together.get(name) or 0), SELF_DECLARED, today)

    return HouseholdFacts(
        members=members, hukou_here=Fact(lies_in(people[0].jurisdiction, county), "公安人口库", today, name_of(county)),
        financial_fen=said("financial_fen"), vehicles=said("vehicles"), houses=said("houses"),
        vehicles_exempt=said(""), houses_exempt=said(""))


def compared(rows: Sequence[dict[str, Any]], people: Sequence[Any], together: dict[str, int], *, by: Officer
             ) -> list[tuple[Proposal, str]]:
    """Each proposal with the matter to apply for, where one matter leads there."""
    zone = rules.zone_of(office_of(by.jurisdiction, 3))
    found = consider(declared_facts(rows, people, together, by=by), clock.today(), zone)
    open_ways = (Standing.BEST, Standing.OTHER, Standing.MISSING)
    return [(p, p.schemes[0] if p.standing in open_ways and p.schemes[0] in matters() else "") for p in found]
