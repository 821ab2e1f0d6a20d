"""Officers finish the cases they find, by the actions that their pages call. Run as web (officers) or worker (services)."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from typing import Any

from PIL import Image

from minzheng.base import clock, flow
from minzheng.base.flow.models import Process
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.scope import acting
from minzheng.office.cases.actions import do_supplement
from minzheng.office.cases.acts import do_act
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case

COUNTY = "320583000000"
BY_KEY = {"review": ("township", "accept"), "check_inform": ("township", "no_objection"), "visit": ("township", "done"),
          "town_review": ("reviewer", "agree"), "county_review": ("approver", "confirm"), "serve": ("township", "served")}


def officer(key: str) -> Officer:
    post = Post.objects.select_related("account").get(account__username=f"t_{key}")
    return Officer(post.account_id, post.account.name, post.pk, post.role, post.office, tuple(post.scenes), post.office)


def photo() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils.datastructures import MultiValueDict

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(buffer, "JPEG")
    return MultiValueDict({"photos": [SimpleUploadedFile("家中.jpg", buffer.getvalue(), "image/jpeg")]})


def data_of(key: str, case: Case) -> tuple[dict[str, Any], Any]:
    today = clock.today()
    if key == "visit":
        return {"visited_on": today, "living": "住房一套。", "conclusion": "情况属实。", "remote": False, "remote_reason": "",
                "vehicles_exempt": 0, "houses_exempt": 0, "visitor_sign": "", "visitor_sign_typed": "李建国",
                "household_sign": "", "household_sign_typed": case.applicant_name}, photo()
    if key == "serve":
        return {"method": "left", "served_on": today, "receiver": case.applicant_name, "receiver_relation": "本人",
                "witnesses": "王芳、赵六", "tracking": ""}, {}
    return {}, {}


def officers_pass(codes: list[str]) -> dict[str, int]:
    """Each case as far as officers can take it now. Returns how many acts were done, by task."""
    done: Counter[str] = Counter()
    cast = {key: officer(key) for key in ("township", "reviewer", "approver", "village")}
    for code in codes:
        while (key := _one(code, cast)) is not None:
            done[key] += 1
    return dict(done)


def _one(code: str, cast: dict[str, Officer]) -> str | None:
    clerk = cast["township"]
    with acting(clerk.scope()):
        case = get_case_for(clerk, code)
        if case.state == "supplement":
            do_supplement(code, by=clerk, text="已补交诊断证明", version=case.version)
            return "supplement"
        task = next((t for t in flow.open_tasks(code) if t.kind == "task"), None)
    if task is None:
        return None
    who, outcome = BY_KEY[task.key]
    by = cast[who]
    if task.key == "visit":
        with acting(clerk.scope()):
            task = flow.cosign(flow.claim(task, by=clerk), accounts=[cast["village"].account_id], by=clerk)
        with acting(cast["village"].scope()):
            flow.sign(task.pk, by=cast["village"])
    with acting(by.scope()):
        case, task = get_case_for(by, code), flow.get_task_for(by, task.pk)
        data, files = data_of(task.key, case)
        do_act(code, task.pk, by=by, outcome=outcome, comment="情况属实,按规定办理。", data=data, files=files,
               case_version=case.version, task_version=task.version)
    return str(task.key)


def services_pass(codes: list[str], days: int) -> int:
    """Reports arrive, and `days` pass for what waits for time. Returns the cases that moved."""
    service = Service("升级演练", COUNTY)
    moved = 0
    for code in codes:
        with acting(service.scope()):
            if Process.objects.filter(subject=code, status="active").exists():
                moved += flow.signal(code, "check_done", {"check_clear": True}, by=service, missing_ok=True)
    later = clock.now() + dt.timedelta(days=days)
    clock.now = lambda: later  # type: ignore[assignment]
    with acting(service.scope()):
        while fired := flow.fire_due(later, by=service, limit=200):
            moved += fired
    return moved
