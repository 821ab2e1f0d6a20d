"""A 低保 case carried to where a test begins, by the same steps as officers take, and pages opened by the cast."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from minzheng.base import clock, flow
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Actor, Officer
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import (
    VISIT,
    act,
    photo,
    published_out,
    reviewed,
    submitted,
)
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.queries import MOST_QUERIES, queries

__all__ = ["MOST_QUERIES", "VISIT", "act", "photo", "published_out", "queries", "reviewed", "submitted"]


def picture(name: str = "诊断证明.jpg", colour: str = "white") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def get(who: Actor, address: str, **data: Any) -> HttpResponse:
    return sign_in(Client(), who).get(address, data)  # type: ignore[return-value]


def post(who: Actor, address: str, **data: Any) -> HttpResponse:
    return sign_in(Client(), who).post(address, data)  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def hidden(answer: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text(answer))
    assert found, f"no hidden {name}"
    return found[1]


def case_of(code: str) -> Case:
    with as_owner():
        return Case.objects.get(code=code)


def decisions_on(code: str) -> list[Decision]:
    with as_owner():
        return list(Decision.objects.filter(case_id=Case.objects.get(code=code).pk).order_by("id"))


def open_keys(code: str) -> set[str]:
    with as_owner():
        return {task.key for task in flow.open_tasks(code)}


def confirmed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> str:
    """Decided by the county, not yet served."""
    code = reviewed(people, family)
    published_out(code, monkeypatch)
    act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    return code


SERVED = {"method": "left", "receiver": "张建国", "receiver_relation": "本人", "witnesses": "王芳、赵六", "tracking": ""}


def closed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> str:
    """Decided and served."""
    code = confirmed(people, family, monkeypatch)
    act(people.clerk, code, "serve", "served", data={**SERVED, "served_on": clock.today()})
    return code


def own(people: Cast, code: str, family: Family | None = None) -> None:
    """The case, and what belongs to the person in it, is the cast's citizen's: signed in on a phone."""
    with as_owner():
        Account.objects.filter(pk=people.citizen.account_id).update(person_id=case_of(code).applicant)


def officer(role: str, office: str, name: str) -> Officer:
    """One more officer, for a second pair of eyes."""
    with as_owner():
        account = Account.objects.create(username=f"t_{name}", name=name, password="!")
        row = Post.objects.create(account=account, role=role, office=office, scenes=["*"], valid_from=dt.date(2020, 1, 1),
                                  approved_by=Account.objects.order_by("id").first())
    return Officer(account.pk, name, row.pk, role, office, ("*",), office)


def act_by_page(who: Officer, code: str, key: str, outcome: str, comment: str = "", **data: Any) -> HttpResponse:
    """The task's form, sent as the case page offers it."""
    page = get(who, f"/desk/cases/{code}/")
    assert page.status_code == 200, text(page)[:2000]
    with acting_as(who):
        task = next(t for t in flow.open_tasks(code) if t.key == key)
    sent = {"outcome": outcome, "comment": comment, "case_version": hidden(page, "case_version"),
            "task_version": hidden(page, "task_version"), **data}
    return post(who, f"/desk/cases/{code}/tasks/{task.pk}/", **sent)


def neighbours_refused(people: Cast, *addresses: str, **data: Any) -> None:
    """Neither reads nor writes, whatever the post of the neighbouring county."""
    for who in (people.neighbour, people.neighbour_clerk):
        for address in addresses:
            assert get(who, address).status_code in (403, 404, 405), address
            assert post(who, address, **data).status_code in (403, 404, 405), address
