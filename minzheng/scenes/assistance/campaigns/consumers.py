"""Departments have answered, or not: the row is judged. It may run twice."""

from __future__ import annotations

from minzheng.base.events import Event, subscribes
from minzheng.scenes.assistance.campaigns.checking import judge
from minzheng.scenes.assistance.campaigns.models import CHECKED, CHECKING, Row


def _judge(event: Event) -> None:
    rows = Row.objects.select_for_update().filter(request=event.payload["request"], state__in=(CHECKING, CHECKED))
    for row in rows:
        judge(row, by=event.by)


@subscribes("verification.completed", level=3)
def all_have_answered(event: Event) -> None:
    _judge(event)


@subscribes("verification.partial", level=3)
def some_are_silent(event: Event) -> None:
    _judge(event)


@subscribes("verification.stopped", level=3)
def the_authorisation_is_gone(event: Event) -> None:
    _judge(event)
