"""The steps of 特困供养 as its officers would do them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from minzheng.base import clock
from minzheng.scenes.assistance.tekun.models import ABILITIES
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast


def scan() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 40), "white").save(buffer, "JPEG")
    return SimpleUploadedFile("协议.jpg", buffer.getvalue(), "image/jpeg")


def asked(family: Family, *obligors: dict[str, Any], place: str = "home") -> dict[str, Any]:
    return {"asks": {str(family.head.pk): {"place": place, "studying": False}}, "obligors": list(obligors)}


def applied(people: Cast, family: Family, *obligors: dict[str, Any], **more: Any) -> str:
    return carrying.applied(people, family, "tekun", wage_fen=0, extra=asked(family, *obligors), **more)


def abilities(family: Family, *unmet: str) -> dict[str, Any]:
    return {"assessed_on": dt.date(2026, 11, 20), "note": "与本人和邻居谈话,现场观察", "assessor_sign": "",
            "assessor_sign_typed": "李建国",
            **{f"{code}_{p.pk}": "cannot" if code in unmet else "can" for p in family.people for code in ABILITIES}}


def at_home(family: Family, **changed: Any) -> dict[str, Any]:
    person = family.head.pk
    return {"since": clock.today(), f"place_{person}": "home", f"institution_{person}": "", f"carer_{person}": "周素芬",
            f"relation_{person}": "邻居", f"phone_{person}": "16000000009", f"agreement_{person}": scan(),
            **{f"{name}_{person}": value for name, value in changed.items()}}


def assess(people: Cast, code: str, family: Family, *unmet: str) -> None:
    carrying.cosigned(people, code, "self_care")
    carrying.act(people.clerk, code, "self_care", "done", data=abilities(family, *unmet))


def surveyed(people: Cast, code: str, family: Family, *unmet: str) -> None:
    carrying.surveyed(people, code)
    assess(people, code, family, *unmet)
    carrying.act(people.clerk, code, "arrange", "done", data=at_home(family))


def visited_if_drawn(people: Cast, code: str) -> None:
    """The county's own visit, where the lot fell on the case."""
    if "county_visit" not in carrying.open_keys(people, code):
        return
    from minzheng.base import flow
    from minzheng.testing import acting_as

    with acting_as(people.county):
        task = next(t for t in flow.open_tasks(code) if t.key == "county_visit")
        flow.cosign(flow.claim(task, by=people.county), accounts=[people.clerk.account_id], by=people.county)
    with acting_as(people.clerk):
        flow.sign(task.pk, by=people.clerk)
    carrying.act(people.county, code, "county_visit", "done", data=carrying.VISIT, files=carrying.photo())


def confirmed(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch, *unmet: str) -> str:
    code = applied(people, family)
    surveyed(people, code, family, *unmet)
    carrying.published(people, code, monkeypatch)
    visited_if_drawn(people, code)
    carrying.confirmed(people, code)
    return code
