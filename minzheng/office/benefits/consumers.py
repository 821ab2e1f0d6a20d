"""What the registry reports about covered people; a department's notice becomes the registry's event first.

Runs at province level, since a person may be paid in another county than the one of the household register.
"""

from __future__ import annotations

import datetime as dt

from minzheng.base import events
from minzheng.base.scope.ranges import office_of
from minzheng.office.benefits.changing import do_suspend, open_review
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.benefits.records import entitlement_for


def covered_by(person_id: int) -> list[Entitlement]:
    """Benefits in force that cover the person, within the scope in force."""
    return list(Entitlement.objects.filter(covered__person_id=person_id).exclude(status=ENDED).order_by("id"))


@events.subscribes("registry.person_died", level=1)
def stop_on_death(event: events.Event) -> None:
    """Head dead: suspended at once. Another member dead: held, since the amount changes."""
    person = int(event.payload["person_id"])
    day = str(event.payload.get("death_date") or "")
    said = f"({dt.date.fromisoformat(day):%Y年%m月%d日})" if day else ""
    for found in covered_by(person):
        row = entitlement_for(event.by, found.number, lock=True)
        if row.status == ENDED:
            continue
        is_head = row.head_id == person
        who = "户主" if is_head else "家庭成员"
        fresh = open_review(row, key=f"death:{person}", cause="death", holds=True, by=event.by,
                            detail=f"{who}死亡{said},待核实后调整或终止待遇")
        if is_head and fresh:
            do_suspend(row.number, cause="death", reason=f"户主死亡{said},暂停发放并复核", by=event.by)


@events.subscribes("registry.person_moved", level=1)
def review_on_move(event: events.Event) -> None:
    """Within the county: a review. Beyond it: held as well, since the new county decides from then on."""
    person, to = int(event.payload["person_id"]), str(event.payload["to"])
    for found in covered_by(person):
        row = entitlement_for(event.by, found.number, lock=True)
        if row.status == ENDED or row.jurisdiction == to:
            continue
        away = office_of(to, 3) != office_of(row.jurisdiction, 3)
        detail = "成员户籍迁出本县,待核实后转移或终止" if away else "成员在本县内迁移,待核对管辖单位"
        open_review(row, key=f"move:{person}:{event.id}", cause="move", detail=detail, holds=away, by=event.by)
