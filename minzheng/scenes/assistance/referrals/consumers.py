"""What happens elsewhere and concerns referrals and offers of work. Each consumer may be run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.scenes.assistance.referrals.models import OPEN, Referral


@subscribes("registry.household_changed", level=1)
def a_referral_follows_its_household(event: Event) -> None:
    """The rows follow by themselves; the task lies with the new place's officer from now on."""
    for row in Referral.objects.filter(household_id=event.payload["household_id"], state__in=OPEN):
        if any(task.jurisdiction != row.jurisdiction for task in flow.open_tasks(row.number)):
            flow.move(row.number, row.jurisdiction)
