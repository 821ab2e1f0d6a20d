"""Writing provenance: every value with its department, resource and time; a difference is kept, not overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minzheng.base import clock
from minzheng.base.crypto import blind_index, mask_account, mask_phone
from minzheng.base.errors import Refused
from minzheng.data.registry.attributes import ATTRIBUTES, DEPARTMENTS
from minzheng.data.registry.models import AttributeSource, Person


def _stars(value: str | None) -> str:
    return "*" * len(value or "")


_MASKS: dict[str, Callable[[str | None], str]] = {"phone": mask_phone, "bank_account": mask_account, "illness": _stars}


@dataclass(frozen=True)
class Source:
    """Where a value came from. `resource` is the department's catalogue entry, `as_of` the day the value was true."""

    department: str
    resource: str
    as_of: dt.date

    def check(self) -> None:
        if self.department not in DEPARTMENTS:
            raise Refused(f"不认识的来源部门“{self.department}”,数据不入库。")
        if not self.resource or self.as_of > clock.today():
            raise Refused("数据来源要写明目录和时间,时间不能晚于今天。", field="as_of")


def shown(attribute: str, value: Any) -> str:
    """The value as provenance keeps it: masked when sensitive."""
    text = "" if value is None else str(value)
    return _MASKS[attribute](text) if ATTRIBUTES[attribute].sensitive else text


def digest_of(attribute: str, value: Any) -> bytes | None:
    if not ATTRIBUTES[attribute].sensitive or not value:
        return None
    return blind_index(f"registry.{attribute}", str(value))


def _row(person: Person, attribute: str, value: Any, source: Source, state: str) -> AttributeSource:
    return AttributeSource(
        person_id=person.pk,
        jurisdiction=person.jurisdiction,
        attribute=attribute,
        department=source.department,
        resource=source.resource,
        as_of=source.as_of,
        value=shown(attribute, value),
        digest=digest_of(attribute, value),
        state=state,
        recorded_at=clock.now(),
    )


def file(person: Person, attribute: str, value: Any, source: Source, state: str) -> None:
    _row(person, attribute, value, source, state).save(force_insert=True)


def put_first(person: Person, values: dict[str, Any], source: Source) -> None:
    """Provenance of a newly registered person."""
    AttributeSource.objects.bulk_create(
        [_row(person, name, value, source, "current") for name, value in values.items() if value not in (None, "")]
    )


def put(person: Person, attribute: str, value: Any, source: Source) -> str:
    """Files one value and says what became of it: "current" (the person's column is to follow), "agrees",
    "superseded" (an
    owner's older value) or "conflict" (somebody else says otherwise). The caller holds the person's row lock."""
    known = AttributeSource.objects.filter(person_id=person.pk, attribute=attribute, state="current").first()
    now = getattr(person, attribute)
    same = (now or None) == (value or None)
    owner = source.department in ATTRIBUTES[attribute].owners
    if same and known is not None:
        state = "agrees"
    elif not owner:
        state = "conflict"
    elif known is not None and known.as_of > source.as_of and known.department in ATTRIBUTES[attribute].owners:
        state = "superseded"
    else:
        state = "current"
    if (
        state == "conflict"
        and AttributeSource.objects.filter(
            person_id=person.pk,
            attribute=attribute,
            state="conflict",
            department=source.department,
            value=shown(attribute, value),
            digest=digest_of(attribute, value),
        ).exists()
    ):
        return "conflict"  # said before
    if state == "current" and known is not None:
        AttributeSource.objects.filter(pk=known.pk).update(state="superseded")
    file(person, attribute, value, source, state)
    if state == "current":
        _close_agreeing(person, attribute, value)
    return state


def _close_agreeing(person: Person, attribute: str, value: Any) -> None:
    """Conflicts that said what is now current are conflicts no longer."""
    AttributeSource.objects.filter(
        person_id=person.pk,
        attribute=attribute,
        state="conflict",
        value=shown(attribute, value),
        digest=digest_of(attribute, value),
    ).update(state="agrees")
