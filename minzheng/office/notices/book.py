"""The address book of the ports: how the registry says a person is reached. It runs in the sending job's scope."""

from __future__ import annotations

from minzheng.base.divisions.names import full_name
from minzheng.data.registry import Person


def registry_book(person: int, channel: str) -> str | None:
    """Phone number for short messages; place, street and name for letters. None when the registry has neither."""
    found = Person.objects.filter(pk=person).first()
    if found is None:
        return None
    if channel == "sms":
        return found.phone or None
    if channel == "letter":
        place = full_name(found.residence or found.jurisdiction)
        return f"{place}{found.address} {found.name}收" if found.address else None
    return None
