"""Carrying a case of any household matter along the shared way, as its officers would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minzheng.base import clock, flow
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Citizen, Service
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import (
    VISIT,
    act,
    photo,
    published_out,
)
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY

SERVE = {"method": "left", "receiver": "张建国", "receiver_relation": "本人", "witnesses": "王芳、赵六", "tracking": ""}
OwnTask = Callable[[Cast, str], None]


def applied(people: Cast, family: Family, matter: str, **more: Any) -> str:
    with acting_as(people.clerk):
        return do_apply(application_for(family, matter=matter, **more), by=people.clerk).code


def cosigned(people: Cast, code: str, key: str) -> None:
    """The clerk claims the task, the village worker signs with her."""
    with acting_as(people.clerk):
        task = next(t for t in flow.open_tasks(code) if t.key == key)
        flow.cosign(flow.claim(task, by=people.clerk), accounts=[people.village.account_id], by=people.clerk)
    with acting_as(people.village):
        flow.sign(task.pk, by=people.village)


def surveyed(people: Cast, code: str, *own: OwnTask) -> None:
    """Accepted, checked, visited by two; `own` does the tasks that only this matter has."""
    act(people.clerk, code, "review", "accept")
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": True}, by=service)
    cosigned(people, code, "visit")
    act(people.clerk, code, "visit", "done", data=VISIT, files=photo())
    for task in own:
        task(people, code)


def published(people: Cast, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act(people.reviewer, code, "town_review", "agree")
    published_out(code, monkeypatch)


def confirmed(people: Cast, code: str, outcome: str = "confirm") -> None:
    act(people.approver, code, "county_review", outcome, "经核对和入户调查,情况属实。")


def served(people: Cast, code: str) -> None:
    act(people.clerk, code, "serve", "served", data={**SERVE, "served_on": clock.today()})


def open_keys(people: Cast, code: str) -> set[str]:
    with acting_as(people.approver):
        return {task.key for task in flow.open_tasks(code)}


def own(people: Cast, family: Family) -> Citizen:
    """The cast's citizen is the head of this household."""
    with as_owner():
        Account.objects.filter(pk=people.citizen.account_id).update(person_id=family.head.pk)
    return Citizen(people.citizen.account_id, people.citizen.name, family.head.pk)
