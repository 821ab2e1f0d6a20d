"""Which events are told to whom. Rooms add theirs with `notify_on` at start-up (from their consumers.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q

from minzheng.base import clock, events
from minzheng.base.events import Event
from minzheng.base.identity.models import Post
from minzheng.base.scope.ranges import level_of, office_of
from minzheng.office.notices.actions import do_notify


@dataclass(frozen=True)
class Letter:
    """One recipient and what fills the template. `jurisdiction` defaults to that of the event."""

    data: dict[str, str]
    person: int | None = None
    account: int | None = None
    case_code: str = ""
    jurisdiction: str = ""


def notify_on(event: str, template: str, letters: Callable[[Event], Iterable[Letter]]) -> None:
    """Writes a notice for each letter when the event is delivered; delivered twice, it is still written once.

    The consumer acts for the whole province: a case may have been handed over since the event.
    """

    def work(happened: Event) -> None:
        for letter in letters(happened):
            do_notify(template, letter.data, person=letter.person, account=letter.account, case_code=letter.case_code,
                      key=f"{happened.id}:{template}:{letter.person or 0}:{letter.account or 0}",
                      jurisdiction=letter.jurisdiction or happened.jurisdiction)

    events.subscribes(event, level=1, consumer=f"notices:{event}:{template}")(work)


def accounts_at(jurisdiction: str, *roles: str) -> list[int]:
    """Accounts that today hold one of the roles at the offices above the place, for `Letter.account`."""
    today = clock.today()
    offices = [office_of(jurisdiction, level) for level in range(1, level_of(jurisdiction) + 1)]
    found = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), office__in=offices, role__in=roles,
                                valid_from__lte=today, approved_by__isnull=False, ended_at=None)
    return sorted(set(found.values_list("account_id", flat=True)))
