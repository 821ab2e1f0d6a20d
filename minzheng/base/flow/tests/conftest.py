"""A tea-house seats its guests: enough to try every part of the engine, and far from civil affairs."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from minzheng.base import flow
from minzheng.base.flow import registry
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.base.scope import Scope, acting
from minzheng.testing import acting_as, as_owner
from minzheng.testing.cast import TOWNSHIP, VILLAGE

FOLDER = Path(__file__).parent / "processes"
PARAMETERS = {"tea.limit.total": 30, "tea.limit.table": 5}
served: list[str] = []


@flow.handler("tea.brew")
def brew(call: flow.Call) -> dict[str, int]:
    served.append(call.subject)
    return {"pot": 1}


@flow.handler("tea.clear")
def clear(call: flow.Call) -> None:
    served.append(f"clear {call.subject}")


flow.sends("guest_back", "tea_ready", "guest_leaves")
flow.register_process(FOLDER / "seat.v1.bpmn", scene="tea")


def tea_value(parameter: str, jurisdiction: str, on: dt.date) -> int:
    return PARAMETERS[parameter]


@pytest.fixture(autouse=True)
def tea_parameters(monkeypatch):
    monkeypatch.setattr(registry, "_value", tea_value)
    monkeypatch.setattr(registry, "_exists", PARAMETERS.__contains__)
    served.clear()


_numbers = itertools.count(1)


def colleague(role: str, office: str, name: str) -> Officer:
    """A further officer, beside the cast."""
    with as_owner():
        account = Account.objects.create(username=f"tea_{next(_numbers)}", name=name, password="!")
        approver = Account.objects.order_by("id").first()
        post = Post.objects.create(
            account=account, role=role, office=office, scenes=["*"], valid_from=dt.date(2020, 1, 1),
            approved_by=approver,
        )  # fmt: skip
    return Officer(account.pk, name, post.pk, role, office, ("*",), office)


@pytest.fixture
def tea(people):
    """Verbs as one person at a time, and short cuts through the process."""

    def start(subject: str = "", place: str = VILLAGE, guests: int = 2):
        subject = subject or f"tea-{next(_numbers)}"
        with acting_as(people.clerk):
            return flow.start("seat", subject=subject, jurisdiction=place, data={"guests": guests}, by=people.clerk)

    def task(subject: str, key: str):
        with acting_as(people.county):
            return next(t for t in flow.open_tasks(subject) if t.key == key and t.kind == "task")

    def keys(subject: str) -> list[str]:
        with acting_as(people.county):
            return sorted(t.key for t in flow.open_tasks(subject) if t.kind == "task")

    def do(subject: str, key: str, outcome: str, by: Officer):
        found = task(subject, key)
        with acting_as(by):
            claimed = found if found.status == "claimed" else flow.claim(found, by=by)
            return flow.complete(claimed, by=by, outcome=outcome, version=claimed.version)

    def lay(subject: str) -> None:
        found = task(subject, "lay_table")
        with acting_as(people.clerk):
            flow.claim(found, by=people.clerk)
            flow.cosign(found, accounts=[people.village.account_id], by=people.clerk)
        with acting_as(people.village):
            flow.sign(found, by=people.village)
        do(subject, "lay_table", "done", people.clerk)

    def tea_ready(subject: str) -> None:
        with acting_as(people.clerk):
            flow.signal(subject, "tea_ready", {"leaf_ok": True}, by=people.clerk)

    def to_taste(subject: str = "") -> str:
        process = start(subject)
        do(process.subject, "seat_check", "seat", people.clerk)
        lay(process.subject)
        tea_ready(process.subject)
        return process.subject

    return SimpleNamespace(
        start=start, task=task, keys=keys, do=do, lay=lay, tea_ready=tea_ready, to_taste=to_taste,
        second_clerk=lambda: colleague("town_clerk", TOWNSHIP, "玉山二号"),
    )  # fmt: skip


@pytest.fixture
def batch():
    """A sweep's scope over the whole province."""
    from minzheng.base.identity.officer import Service

    service = Service("定时任务", "320000000000")

    class Sweeping:
        by = service

        def __enter__(self):
            self._held = acting(Scope.of_jurisdiction("batch", "320000000000"))
            return self._held.__enter__()

        def __exit__(self, *error):
            return self._held.__exit__(*error)

    return Sweeping()
