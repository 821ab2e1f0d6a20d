"""Makes the base of an upgrade test, in a checkout of the tag whose cases are to be upgraded (see README.md beside):
a database with five cases at every step of 低保, and the keys of that throw-away installation."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from minzheng.base import clock, flow
from minzheng.base.crypto import KeyRing, use_ring
from minzheng.base.crypto.signing import make_declared
from minzheng.base.identity.officer import Service
from minzheng.office.cases.doors import get_case_for
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import application_for, make_family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import (
    VISIT,
    act,
    photo,
)
from minzheng.testing import Cast, acting_as
from minzheng.testing.cast import COUNTY

TO = Path(os.environ["MZ_UPGRADE_BASE"])
STEPS = ("review", "supplement", "check", "inform", "visit", "town_review", "publicity", "county_review", "serve", "paid")
EACH = 5


def carry(people: Cast, number: int, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    day = f"{1 + number // 28:02d}{1 + number % 28:02d}"
    letter = chr(0x4E00 + number)
    head, wife, child = f"升{letter}", f"配{letter}", f"子{letter}"
    family = make_family((head, f"1970{day}", 1, "户主"), (wife, f"1972{day}", 2, "妻"), (child, f"2012{day}", 2, "女"),
                         number=f"u{number}")
    with acting_as(people.clerk):
        code = do_apply(application_for(family, key=f"upgrade-{number}", wage_fen=120_000 + number * 1_000),
                        by=people.clerk).code
    if step == "review":
        return
    if step == "supplement":
        act(people.clerk, code, "review", "supplement", data={"missing": "诊断证明"})
        return
    act(people.clerk, code, "review", "accept")
    if step == "check":
        return
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        flow.signal(code, "check_done", {"check_clear": step != "inform"}, by=service)
    if step == "inform":
        return
    if step == "visit":
        return
    with acting_as(people.clerk):
        visit = next(t for t in flow.open_tasks(code) if t.key == "visit")
        flow.cosign(flow.claim(visit, by=people.clerk), accounts=[people.village.account_id], by=people.clerk)
    with acting_as(people.village):
        flow.sign(visit.pk, by=people.village)
    act(people.clerk, code, "visit", "done", data={**VISIT, "visited_on": clock.today()}, files=photo())
    if step == "town_review":
        return
    act(people.reviewer, code, "town_review", "agree")
    if step == "publicity":
        return
    later = clock.now() + dt.timedelta(days=8)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        with acting_as(service):
            flow.fire_due(clock.now(), by=service, limit=500)
    if step == "county_review":
        return
    act(people.approver, code, "county_review", "confirm", "经核对和入户调查,情况属实。")
    if step == "serve":
        return
    act(people.clerk, code, "serve", "served", data={
        "method": "left", "served_on": clock.today(), "receiver": head, "receiver_relation": "本人",
        "witnesses": "王芳、赵六", "tracking": ""})
    with acting_as(people.clerk):
        assert get_case_for(people.clerk, code).state == "closed"


@pytest.mark.django_db(transaction=True, databases=["default", "aside"])
def test_make(monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.testing import make_cast

    ring = KeyRing.create(TO / "keys")
    make_declared(ring)
    use_ring(ring)
    people = make_cast()
    number = 0
    # the steps whose time must pass come first, so that no other publicity ends with theirs
    for step in sorted(STEPS, key=lambda s: s not in ("county_review", "serve", "paid")):
        for _ in range(EACH):
            number += 1
            carry(people, number, step, monkeypatch)
    admin = settings.TARGET.connect_admin()
    info = admin.info
    env = {**os.environ, "PGPASSWORD": info.password, "PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user}
    from minzheng.base.pg.server import packaged_binaries

    dump = packaged_binaries() / "bin" / "pg_dump"
    subprocess.run([str(dump), "-Fc", "-Z9", "-f", str(TO / "base.dump"), connection.settings_dict["NAME"]], env=env, check=True)
