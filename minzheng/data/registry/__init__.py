"""The population registry (人口、家庭、法人基础库): search first, every value with its source, one household a person.

Names are looked up on first use, since models need the app registry.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minzheng.data.registry.families import (
        do_change_head,
        do_join,
        do_leave,
        do_move_household,
        do_open_household,
        do_split,
        get_household_for,
    )
    from minzheng.data.registry.models import AttributeSource, Household, HouseholdMember, Organisation, Person
    from minzheng.data.registry.people import (
        NewPerson,
        do_move_person,
        do_record_death,
        do_register_person,
        do_settle_conflict,
        do_update_person,
    )
    from minzheng.data.registry.queries import (
        Elsewhere,
        Kin,
        allow_elsewhere,
        conflicts_of,
        family_of_citizen,
        find_elsewhere,
        find_person,
        get_person_for,
        household_of,
        match_person,
        members_of,
        other_household,
        people_by_id,
        reveal,
        reveal_all,
        share_with,
        sources_of,
    )
    from minzheng.data.registry.searching import Found, search
    from minzheng.data.registry.sources import Source

_WHERE = {
    "families": (
        "do_change_head",
        "do_join",
        "do_leave",
        "do_move_household",
        "do_open_household",
        "do_split",
        "get_household_for",
    ),
    "models": ("AttributeSource", "Household", "HouseholdMember", "Organisation", "Person"),
    "people": (
        "NewPerson",
        "do_move_person",
        "do_record_death",
        "do_register_person",
        "do_settle_conflict",
        "do_update_person",
    ),
    "queries": (
        "Elsewhere",
        "Kin",
        "allow_elsewhere",
        "conflicts_of",
        "family_of_citizen",
        "find_elsewhere",
        "find_person",
        "get_person_for",
        "household_of",
        "match_person",
        "members_of",
        "other_household",
        "people_by_id",
        "reveal",
        "reveal_all",
        "share_with",
        "sources_of",
    ),
    "searching": ("Found", "search"),
    "sources": ("Source",),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}
__all__ = [
    "AttributeSource",
    "Elsewhere",
    "Found",
    "Household",
    "HouseholdMember",
    "Kin",
    "NewPerson",
    "Organisation",
    "Person",
    "Source",
    "allow_elsewhere",
    "conflicts_of",
    "do_change_head",
    "do_join",
    "do_leave",
    "do_move_household",
    "do_move_person",
    "do_open_household",
    "do_record_death",
    "do_register_person",
    "do_settle_conflict",
    "do_split",
    "do_update_person",
    "family_of_citizen",
    "find_elsewhere",
    "find_person",
    "get_household_for",
    "get_person_for",
    "household_of",
    "match_person",
    "members_of",
    "other_household",
    "people_by_id",
    "reveal",
    "reveal_all",
    "search",
    "share_with",
    "sources_of",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
