"""Facts and assessments as JSON and back, for the case file."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from minzheng.data.brain.rules.explain import Assessment, Condition, Part
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, Fact, HouseholdFacts, Kind, MemberFacts, Term
from minzheng.data.brain.rules.parameters import Applied


def assessment_to_json(assessment: Assessment) -> dict[str, Any]:
    return _plain(asdict(assessment))  # type: ignore[no-any-return]


def assessment_from_json(content: dict[str, Any]) -> Assessment:
    return Assessment(**{
        **content,
        "on": _date(content["on"]),
        "month": _date(content["month"]),
        "covered": tuple(content.get("covered", ())),
        "parts": tuple(Part(**part) for part in content["parts"]),
        "conditions": tuple(Condition(**{**row, "detail": tuple(row["detail"])}) for row in content["conditions"]),
        "parameters": tuple(
            Applied(**{**row, "since": _date(row["since"]), "until": row["until"] and _date(row["until"])})
            for row in content["parameters"]
        ),
    })


def facts_to_json(facts: HouseholdFacts) -> dict[str, Any]:
    """Unknown facts are left out."""
    members = [{"key": m.key, "name": m.name, **_facts(m, MEMBER_TERMS)} for m in facts.members]
    return {"members": members, **_facts(facts, HOUSEHOLD_TERMS)}


def facts_from_json(content: dict[str, Any]) -> HouseholdFacts:
    """Raises KeyError or TypeError on names outside the vocabulary."""
    members = tuple(MemberFacts(key=row["key"], name=row["name"], **_read(row, MEMBER_TERMS, {"key", "name"}))
                    for row in content["members"])
    return HouseholdFacts(members=members, **_read(content, HOUSEHOLD_TERMS, {"members"}))


def _facts(holder: object, terms: dict[str, Term]) -> dict[str, Any]:
    return {name: _plain(asdict(fact)) for name in terms if (fact := getattr(holder, name)) is not None}


def _read(row: dict[str, Any], terms: dict[str, Term], besides: set[str]) -> dict[str, Any]:
    read = {}
    for name in row.keys() - besides:
        fact = row[name]
        value = _date(fact["value"]) if terms[name].kind is Kind.DATE else fact["value"]
        read[name] = Fact(value, fact["source"], _date(fact["as_of"]), fact["note"])
    return read


def _plain(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    if isinstance(thing, dt.date):
        return thing.isoformat()
    return thing


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
