"""One household's facts as the sweep reads them, each with its source: for the portrait and for the best way of an alert."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minzheng.base.errors import NotFound, Refused
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, Held, HouseholdFacts, MemberFacts, Relation
from minzheng.data.brain.rules.facts import MEMBER_TERMS, Kind
from minzheng.data.registry.models import Household, HouseholdMember, Person
from minzheng.scenes.assistance.considering import Proposal, Standing, consider
from minzheng.scenes.assistance.kinds import matters
from minzheng.scenes.assistance.monitoring.models import ASSETS, MeansSource
from minzheng.scenes.assistance.monitoring.reading import ADULT, INCOMES, RELATION_OF, STUDYING
from minzheng.scenes.assistance.monitoring.taking import standing
from minzheng.scenes.assistance.recognitions.actions import held

ASSUMED = "人口基础库"
Sources = dict[tuple[int, str], MeansSource]


def newest(people: list[int]) -> dict[tuple[int, str], MeansSource]:
    """The source of each person's word that stands."""
    told: dict[tuple[int, str], list[MeansSource]] = {}
    for row in MeansSource.objects.filter(person_id__in=people).order_by("id"):
        told.setdefault((row.person_id, row.attribute), []).append(row)
    return {key: row for key, rows in told.items() if (row := standing(rows)) is not None}


def known_facts(household: Household, rows: list[HouseholdMember], people: dict[int, Person],
                sources: Sources, today: dt.date) -> HouseholdFacts:
    """Facts with their sources, as the sweep reads them. An unknown value stays unknown."""
    members = []
    holds = held(list(people), today)
    for row in rows:
        person = people.get(row.person_id)
        if person is None:
            raise Refused("有成员的户籍不在本辖区,不能测算。")
        values: dict[str, Fact[Any]] = {}
        for word, term in MEMBER_TERMS.items():
            source = sources.get((person.pk, word))
            if source is not None:
                value = bool(source.value) if term.kind is Kind.FLAG else source.value
                values[word] = Fact(value, source.department, source.as_of)
        day = person.updated_at.date()
        if person.pk in holds:
            values["held"] = Fact(int(Held[holds[person.pk][0].upper()]), "救助对象认定库", today)
        adult = person.age_on(today) >= ADULT
        values |= {
            "relation": Fact(int(RELATION_OF.get(row.relation, Relation.OTHER)), "户籍登记", row.valid_from),
            "birth_date": Fact(person.birth_date, ASSUMED, day), "lives_together": Fact(person.residence in ("", household.residence), ASSUMED, day),
            "dependent_adult": Fact(adult and person.school_stage in ("高中", "中职", "大专", "本科"), ASSUMED, day),
            "disability_kind": Fact(person.disability_class, ASSUMED, day),
            "disability_grade": Fact(person.disability_grade, ASSUMED, day),
            "serious_illness": Fact(bool(person.illness), ASSUMED, day),
            "studying": Fact(person.school_stage in STUDYING, ASSUMED, day)}
        values.setdefault("absence", Fact(0, ASSUMED, day))
        members.append(MemberFacts(key=str(person.pk), name=person.name, **values))
    owned: dict[str, Fact[Any]] = {}
    for word in ASSETS:
        told = [sources[person.pk, word] for person in people.values() if (person.pk, word) in sources]
        grown = [p for p in people.values() if p.age_on(today) >= ADULT]
        if told and (word.endswith("_exempt") or all((p.pk, word) in sources for p in grown)):
            owned[word] = Fact(sum(s.value for s in told), "、".join(sorted({s.department for s in told})),
                               min(s.as_of for s in told))
    year = _year(list(people), sources)
    if year is not None:
        owned["income_year_fen"] = year
    return HouseholdFacts(members=tuple(members), hukou_here=Fact(True, "户籍登记", rows[0].valid_from), **owned)


def _year(people: list[int], sources: Sources) -> Fact[int] | None:
    """The household's income of twelve months: as told, else twelve times what is known of every member's month."""
    told = [sources[person, "income_year_fen"] for person in people if (person, "income_year_fen") in sources]
    if told:
        return Fact(max(s.value for s in told), told[0].department, told[0].as_of)
    monthly = [sources.get((person, word)) for person in people for word in INCOMES]
    if not monthly or any(source is None for source in monthly):
        return None
    return Fact(12 * sum(s.value for s in monthly if s is not None), "按月收入折算", min(s.as_of for s in monthly if s is not None))


def proposals_of(household: Household, rows: list[HouseholdMember], people: dict[int, Person], today: dt.date) -> tuple[tuple[Proposal, ...], str]:
    """All schemes for the household on what is known, the best lawful way first; or nothing and what lacks. The caller has
    come through the household's door."""
    if not rows:
        return (), "户内没有成员。"
    try:
        facts = known_facts(household, rows, people, newest(list(people)), today)
        return consider(facts, today, rules.zone_of(household.jurisdiction)), ""
    except (Refused, NotFound) as refusal:
        return (), refusal.reason


def matter_for(proposals: tuple[Proposal, ...]) -> str:
    """The matter to apply for by the best way, where one leads there; else empty."""
    best = next((p for p in proposals if p.standing is Standing.BEST), None)
    return next((scheme for scheme in best.schemes if scheme in matters()), "") if best else ""
