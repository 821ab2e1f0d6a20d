"""What follows a claim and a gift, and a household that moves. Each consumer may be run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.scenes.assistance.socialforces.claims import ask_for_feedback, ask_for_match
from minzheng.scenes.assistance.socialforces.models import Claim


@subscribes("social.claimed", level=3)
def a_claim_is_reviewed(event: Event) -> None:
    ask_for_match(int(event.payload["claim"]), by=event.by)


@subscribes("social.given", level=3)
def the_household_is_asked(event: Event) -> None:
    ask_for_feedback(int(event.payload["claim"]), by=event.by)


@subscribes("registry.household_changed", level=1)
def a_claim_follows_its_household(event: Event) -> None:
    for row in Claim.objects.filter(need__household_id=event.payload["household_id"], state="claimed"):
        if any(task.jurisdiction != row.jurisdiction for task in flow.open_tasks(row.number)):
            flow.move(row.number, row.jurisdiction)
