"""What happens elsewhere and is a signal here. Each consumer may be run twice."""

from __future__ import annotations

import datetime as dt

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.data.registry.models import Household
from minzheng.scenes.assistance.monitoring.models import OPEN, Alert
from minzheng.scenes.assistance.monitoring.taking import do_take_signals


@subscribes("registry.person_died", level=1)
def a_death_is_a_signal(event: Event) -> None:
    day = str(event.payload.get("death_date") or "")
    if day:
        person = int(event.payload["person_id"])
        do_take_signals([(person, "death", f"death:{person}", dt.date.fromisoformat(day), 0)], department="人口基础库",
                        by=event.by)


@subscribes("registry.household_changed", level=1)
def an_alert_follows_its_household(event: Event) -> None:
    """The rows follow by themselves; the task lies with the new place's officer from now on."""
    household = Household.objects.filter(pk=event.payload["household_id"]).first()
    if household is None:
        return
    for alert in Alert.objects.filter(household_id=household.pk, state__in=OPEN):
        if any(task.jurisdiction != alert.jurisdiction for task in flow.open_tasks(alert.number)):
            flow.move(alert.number, alert.jurisdiction)
